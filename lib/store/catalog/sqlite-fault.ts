import { fault, type Fault, type FaultCode } from "../../base/fault.ts";

const codes = new Map<string, FaultCode>([
  ["SQLITE_FULL", "no-space"],
  ["SQLITE_READONLY", "read-only"],
  ["SQLITE_CANTOPEN", "too-many"],
  ["SQLITE_BUSY", "unavailable"],
  ["SQLITE_LOCKED", "unavailable"],
  ["SQLITE_CORRUPT", "damaged"],
  ["SQLITE_NOTADB", "damaged"],
  ["SQLITE_TOOBIG", "too-large"],
  ["SQLITE_IOERR", "io"],
  ["SQLITE_NOMEM", "too-many"],
]);

const words = new Map<FaultCode, string>([
  ["no-space", "the disk of the catalog is full"],
  ["read-only", "the catalog may not be written"],
  ["unavailable", "the catalog is busy with other processes"],
  ["damaged", "the catalog is damaged"],
]);

/** What an error of SQLite means; undefined: a bug of ours (a constraint, a wrong statement). */
export function sqliteFault(error: unknown): Fault | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const name = /^SQLITE_[A-Z]+/.exec(String(error.code))?.[0];
  const code = codes.get(name ?? "");
  return code && fault(code, words.get(code) ?? "the catalog cannot be read or written", { where: name });
}
