import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { top } from "../sources.ts";
import { trialPassword } from "../smb/trial-server.ts";
import { run } from "./peers.ts";

/** What is run of Samba's protocol tests, and what is known to fail of it, with why. */
export interface KnownFailures {
  readonly suites: readonly string[];
  /** Seconds that one test may take, where it is not 20. */
  readonly seconds: Readonly<Record<string, number>>;
  /** By reason: the tests that fail for it. */
  readonly failures: Readonly<Record<string, readonly string[]>>;
}

export async function readKnownFailures(): Promise<KnownFailures> {
  const file = join(top, "test/interop/smb-known-failures.json");
  return JSON.parse(await readFile(file, "utf8")) as KnownFailures;
}

/** Every test of the suites, by its full name. */
export async function testsOf(suites: readonly string[]): Promise<string[]> {
  const listed = await run(["smbtorture", "--list"]);
  const within = (name: string): boolean =>
    suites.some((suite) => name === `smb2.${suite}` || name.startsWith(`smb2.${suite}.`));
  return listed.out.split("\n").filter(within);
}

export type Verdict = "passed" | "failed" | "skipped";

/** Runs one test against `share` of a server on 127.0.0.1, in `folder`, where it leaves its files. */
export async function torture(
  name: string,
  at: { port: number; share: string; folder: string; seconds: number },
): Promise<{ verdict: Verdict; said: string }> {
  const who = ["-U", `alice%${trialPassword}`];
  const options = [
    `torture:user2name=bob`,
    `torture:user2password=${trialPassword}`,
    `state directory=${at.folder}`,
    `cache directory=${at.folder}`,
    `lock directory=${at.folder}`,
    `private dir=${at.folder}`,
  ].map((option) => `--option=${option}`);
  const target = [`//127.0.0.1/${at.share}`, name];
  const command = ["smbtorture", "-s", "/dev/null", "-p", String(at.port), ...who, ...options];
  const ran = await run([...command, "--format=subunit", ...target], { cwd: at.folder, seconds: at.seconds });
  const said = ran.out + ran.err;
  const told = [...said.matchAll(/^(success|failure|error|skip)(?:ful)?: /gm)].map((match) => match[1]);
  if (told.some((one) => one === "failure" || one === "error")) return { verdict: "failed", said };
  if (told.includes("success")) return { verdict: "passed", said };
  return { verdict: told.includes("skip") ? "skipped" : "failed", said };
}
