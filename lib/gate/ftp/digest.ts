import { fail, ok, type Result } from "../../base/result.ts";
import type { DigestAsk } from "../../proto/ftp/asks.ts";
import type { Files } from "../../store/files.ts";
import type { Digester } from "./needs.ts";

const readBytes = 1 << 20;

/** HASH and its elder cousins: reads the file as RETR would. Faults: bad-range, cancelled, and open's. */
export async function digestOf(
  files: Files,
  asked: DigestAsk,
  digester: Digester,
  isCancelled: () => boolean,
): Promise<Result<{ hex: string; end: number }>> {
  const opened = await files.open(asked.path, { read: true, write: false, create: "must", truncate: false });
  if (!opened.ok) return opened;
  const file = opened.value;
  try {
    const found = await file.stat();
    if (!found.ok) return found;
    const end = Math.min(asked.end ?? found.value.size, found.value.size);
    if (asked.start > end) return fail("bad-range", "the file is shorter than that");
    for (let at = asked.start; at < end;) {
      if (isCancelled()) return fail("cancelled", "aborted");
      const got = await file.read(at, Math.min(readBytes, end - at));
      if (!got.ok) return got;
      if (got.value.length === 0) return fail("truncated", "the file ended early");
      digester.update(got.value);
      at += got.value.length;
    }
    return ok({ hex: digester.hex(), end });
  } finally {
    await file.discard();
  }
}
