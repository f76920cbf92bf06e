import { faultLines, type Fault, type FaultCode } from "../lib/base/fault.ts";
import { writeAll } from "../lib/host/log-output.ts";
import type { OwnedLog } from "../lib/watch/log-writer.ts";
import { exitCode, exitCodeOf } from "./exit-codes.ts";

/** What the process says when it ends in a way nobody planned. Filled in as the start goes on. */
export interface LastWords {
  log: OwnedLog | undefined;
  /** Before this, a system error (the port is taken, the folder is not ours) is the operator's to mend. */
  serving: boolean;
}

/** Ends the process with 70 on an error that nobody caught: under a pending top-level await the runtime would
 *  print it and live on, neither serving nor stopping. The first thing every program does. */
export function catchFatal(): LastWords {
  const words: LastWords = { log: undefined, serving: false };
  const end = (error: unknown): void => {
    const asked = words.serving ? undefined : systemFault(error);
    if (asked) process.exit(endWith(asked, words));
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (words.log) words.log.log.error("bug: the process ends", { error: text });
    else writeLines([text, "  this is a bug: please report it with the lines above"]);
    process.exit(exitCode.bug);
  };
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
  process.on("exit", () => words.log?.flush());
  return words;
}

/** Tells a fault in its three lines and gives the exit code that goes with it. */
export function endWith(fault: Fault, words?: LastWords): number {
  words?.log?.flush();
  writeLines(faultLines(fault));
  return exitCodeOf[fault.code];
}

/** Lines on standard error, all of them, before anything can end the process. */
export function writeLines(lines: readonly string[]): void {
  try {
    writeAll(2, `${lines.join("\n")}\n`);
  } catch {
    // nobody reads; the exit code still tells
  }
}

const meaning = new Map<string, { code: FaultCode; what: string; mend: string }>([
  [
    "EADDRINUSE",
    {
      code: "unavailable",
      what: "the address is in use by another process",
      mend: "end that process, or configure another port; --ports auto takes free ones",
    },
  ],
  [
    "EADDRNOTAVAIL",
    {
      code: "unavailable",
      what: "this machine has no such address",
      mend: "configure an address of this machine, or [::] for all",
    },
  ],
  [
    "EACCES",
    {
      code: "denied",
      what: "the system refuses it to this user",
      mend: "use a port from 1024 up and folders that are yours, or start as a service",
    },
  ],
  [
    "EPERM",
    {
      code: "denied",
      what: "the system does not permit it",
      mend: "start as a service, which has the right",
    },
  ],
  ["ENOSPC", { code: "no-space", what: "the disk is full", mend: "free some space" }],
  [
    "EROFS",
    { code: "read-only", what: "the disk is read-only", mend: "name a data directory that can be written" },
  ],
  ["EMFILE", { code: "too-many", what: "too many open files", mend: "raise the limit: ulimit -n" }],
]);

/** What a system error at the start means to the operator; undefined where it is a bug of ours. */
function systemFault(error: unknown): Fault | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  const { address, port } = error as { address?: string; port?: number };
  const known = code === undefined ? undefined : meaning.get(code);
  if (!known) return undefined;
  const endpoint =
    port === undefined ? undefined : [address, port].filter((part) => part !== undefined).join(" ");
  const where = endpoint ?? path ?? syscall ?? error.message;
  return { ...known, where };
}
