/** The store alone, without a door: what its own scripts print goes on record. */
import { join } from "node:path";
import { record, type Entry } from "./record.ts";

interface Script {
  readonly title: string;
  readonly file: string;
  readonly flags: readonly string[];
  readonly how: string;
}

const scripts: readonly Script[] = [
  {
    title: "Store: puts, reads and listings of 1,000,000 keys",
    file: "store.ts",
    flags: ["--keys", "1000000", "--seconds", "3"],
    how: "one process, every put on disk before its answer",
  },
  {
    title: "Store: four processes commit to one catalog",
    file: "commit.ts",
    flags: ["--processes", "4", "--seconds", "5"],
    how: "8 writers in each, 4 KiB, every put on disk before its answer",
  },
];

export const storeEntries = (): Entry[] =>
  scripts.map(({ title, file, flags, how }) => ({
    title,
    async run() {
      console.log(`\n${title}`);
      const script = Bun.spawn([process.execPath, join(import.meta.dir, file), ...flags], {
        stdin: "ignore",
        stdout: "pipe",
        stderr: "inherit",
      });
      const said = await new Response(script.stdout).text();
      if ((await script.exited) !== 0) throw new Error(`${file} has failed`);
      console.log(said);
      await record(title, how, `\`\`\`\n${said.trimEnd()}\n\`\`\``);
    },
  }));
