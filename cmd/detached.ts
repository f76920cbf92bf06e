import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fail, ok, type Result } from "../lib/base/result.ts";
import type { Daemon } from "./daemons.ts";
import { build } from "./version.ts";

/** How a daemon is found again that runs without a service manager: by its process id in the data
 *  directory. */
export const pidFileOf = (data: string, daemon: Daemon): string => join(data, "run", `${daemon}.pid`);

/** Where a daemon in the background writes when its configuration names no file. */
export const logFileOf = (data: string, daemon: Daemon): string => join(data, "log", `${daemon}.log`);

/** The process id of the running daemon; undefined where none runs. */
export function runningPid(pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, "utf8"));
    return Number.isSafeInteger(pid) && pid > 1 && isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** EPERM: somebody else's process, which is alive too. A zombie has ended, and waits for its parent to
 *  hear it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return !isZombie(pid);
}

/** The third field of /proc/PID/stat, after the program's name in brackets: proc(5). */
function isZombie(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2, text.lastIndexOf(")") + 3) === "Z";
  } catch {
    return false;
  }
}

/** This very program, as one starts it again. */
export const ownCommand = (): readonly string[] =>
  build().compiled ? [process.execPath] : [process.execPath, "--no-env-file", Bun.main];

const patienceMs = 30_000;

/** Starts this program again with `flags`, in a session of its own and without a terminal, and waits until it
 *  serves. Its standard error goes to `logFile`. Gives its process id. Faults: unavailable (with what it
 *  said). */
export async function startDetached(
  flags: readonly string[],
  readyFile: string,
  logFile: string,
): Promise<Result<number>> {
  rmSync(readyFile, { force: true });
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  const log = openSync(logFile, "a", 0o640);
  const before = statSync(logFile).size;
  const child = Bun.spawn([...ownCommand(), ...flags, "--ready-file", readyFile], {
    detached: true,
    stdio: ["ignore", "ignore", log],
  });
  child.unref();
  closeSync(log);
  const until = performance.now() + patienceMs;
  while (!existsSync(readyFile) && child.exitCode === null && performance.now() < until) await Bun.sleep(10);
  const serves = existsSync(readyFile);
  rmSync(readyFile, { force: true });
  if (serves) return ok(child.pid);
  const lines = readFileSync(logFile).subarray(before).toString().split("\n");
  const told = lines.filter((line) => line !== "" && !line.startsWith("{"));
  return fail("unavailable", told.join("\n") || "it does not come up", { where: logFile });
}

/** Asks a process to end, and waits until it has. Gives whether it has within `waitMs`. */
export async function endProcess(pid: number, waitMs: number): Promise<boolean> {
  process.kill(pid, "SIGTERM");
  const until = performance.now() + waitMs;
  while (isAlive(pid) && performance.now() < until) await Bun.sleep(10);
  return !isAlive(pid);
}
