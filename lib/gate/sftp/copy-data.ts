import { fail, ok, type Result } from "../../base/result.ts";
import type { CopyAsk } from "../../proto/sftp/asks.ts";
import type { FileHandle } from "./file-handle.ts";

const stepBytes = 1 << 20;

/** Copies between two open files without the bytes leaving the server. Faults: invalid (the same file). */
export async function copyData(
  asked: CopyAsk,
  from: FileHandle | undefined,
  to: FileHandle | undefined,
): Promise<Result<void>> {
  if (!from || !to || from === to) return fail("invalid", "two different open files are needed");
  const end = asked.length === 0 ? Number.POSITIVE_INFINITY : asked.offset + asked.length;
  for (let at = asked.offset; at < end;) {
    const got = await from.read(at, Math.min(stepBytes, end - at));
    if (!got.ok) return got;
    if (got.value.length === 0) return ok();
    const written = await to.write(asked.at + at - asked.offset, got.value.slice());
    if (!written.ok) return written;
    at += got.value.length;
  }
  return ok();
}
