import type { FaultCode } from "../base/fault.ts";
import { fail, type Result } from "../base/result.ts";

/** What the system's refusals mean here, by name and Linux number. What is missing is `io`. */
const table: readonly (readonly [name: string, number: number, code: FaultCode, what: string])[] = [
  ["EPERM", 1, "denied", "the system does not allow it"],
  ["ENOENT", 2, "not-found", "there is no such file or folder"],
  ["EIO", 5, "io", "the disk cannot be read or written"],
  ["ENXIO", 6, "denied", "only plain files are served"],
  ["EAGAIN", 11, "busy", "somebody else has it locked"],
  ["ENOMEM", 12, "too-many", "the system is out of memory"],
  ["EACCES", 13, "denied", "the system does not allow it"],
  ["EBUSY", 16, "busy", "the system is using it"],
  ["EEXIST", 17, "exists", "the name is taken"],
  ["EXDEV", 18, "denied", "it leads out of the root, or to another file system"],
  ["ENODEV", 19, "denied", "only plain files are served"],
  ["ENOTDIR", 20, "not-directory", "a name on the way is not a folder"],
  ["EISDIR", 21, "is-directory", "this is a folder"],
  ["EINVAL", 22, "invalid", "the system cannot do this here"],
  ["ENFILE", 23, "too-many", "the system has no descriptors left"],
  ["EMFILE", 24, "too-many", "this process has no descriptors left"],
  ["ETXTBSY", 26, "busy", "it is running"],
  ["EFBIG", 27, "too-large", "the file system keeps no file so large"],
  ["ENOSPC", 28, "no-space", "the disk is full"],
  ["EROFS", 30, "read-only", "the file system may not be written"],
  ["EMLINK", 31, "too-many", "the file system allows no more names here"],
  ["ENAMETOOLONG", 36, "bad-name", "the name is too long for the file system"],
  ["ENOSYS", 38, "unsupported", "this system cannot do it"],
  ["ENOTEMPTY", 39, "not-empty", "the folder is not empty"],
  ["ELOOP", 40, "denied", "it leads through a link that is not followed"],
  ["EILSEQ", 84, "bad-name", "the file system does not take the name"],
  ["EOPNOTSUPP", 95, "unsupported", "the file system cannot do it"],
  ["ETIMEDOUT", 110, "timeout", "the file system does not answer"],
  ["ESTALE", 116, "not-found", "the file is gone from the server that kept it"],
  ["EDQUOT", 122, "quota", "the quota of the file system is used up"],
];

const byName = new Map(table.map(([name, , code, what]) => [name, { code, what }]));
const byNumber = new Map(table.map(([, number, code, what]) => [number, { code, what }]));

/** A fault for what the system threw; `where` is what it was about, as the asker knows it. */
export function errnoResult(error: unknown, where?: string): Result<never> {
  const name = errnoName(error);
  const known = byName.get(name);
  return fail(known?.code ?? "io", known?.what ?? `the system refused: ${name || String(error)}`, { where });
}

/** The same for a number that a system call gave. Linux. */
export function errnoNumberResult(errno: number, where?: string): Result<never> {
  const known = byNumber.get(errno);
  return fail(known?.code ?? "io", known?.what ?? `the system refused: errno ${errno}`, { where });
}

/** "ENOENT"; "" where it is no error of the system. */
export const errnoName = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";
