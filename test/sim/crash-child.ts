/** Writes until it is killed: `bun crash-child.ts DATA NAME SEED`. Tells on standard output, without any
 *  buffer, what it begins ("> id kind bucket key size") and what was acknowledged ("< id version"). */
import { writeSync } from "node:fs";
import { openStore } from "../../lib/store/open.ts";
import { needs } from "./crash-model.ts";
import { perform } from "./crash-steps.ts";
import { commonBytes, random } from "./crash-words.ts";

const [data, name, seed] = process.argv.slice(2) as [string, string, string];
const { objects } = await openStore(data, needs);
const tell = (line: string): void => void writeSync(1, `${line}\n`);

/** Each worker has keys of its own, so that what a key holds is known but for the one step under way. */
async function work(worker: number): Promise<never> {
  const next = random(`${seed} ${name} ${worker}`);
  for (let step = 0; ; step++) {
    const id = `${name}-${seed}-${worker}-${step}`;
    const bucket = next(2) === 0 ? "plain" : "kept";
    const key = `${name}/${worker}/${next(4)}`;
    const kind = (["put", "put", "put", "put", "delete", "upload", "upload", "abort"] as const)[next(8)]!;
    const own = kind === "put" && next(3) > 0 ? next(30_000) : 66_000 + next(200_000);
    const size = next(3) === 0 ? commonBytes : own;
    tell(`> ${id} ${kind} ${bucket} ${key} ${size}`);
    tell(`< ${id} ${await perform(objects, kind, id, bucket, key, size)}`);
  }
}

await Promise.all([0, 1, 2, 3, 4].map(work));
