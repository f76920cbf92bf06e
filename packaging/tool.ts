import { epochOf, type BuildFacts } from "./facts.ts";

/** Runs a packager's tool under the build's own time. Throws with its last words where it fails. */
export async function tool(
  words: readonly string[],
  facts: BuildFacts,
  how: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const child = Bun.spawn([...words], {
    ...(how.cwd === undefined ? {} : { cwd: how.cwd }),
    env: { ...process.env, SOURCE_DATE_EPOCH: String(epochOf(facts)), TZ: "UTC", LC_ALL: "C", ...how.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0)
    throw new Error(`${words.slice(0, 2).join(" ")}: ${err.trim() || out.trim()}`);
  return out;
}
