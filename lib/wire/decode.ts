import { fail, ok, type Result } from "../base/result.ts";
import { Malformed, Reader } from "./reader.ts";

/** Runs `read` over `bytes`. The only place where `Malformed` is caught: it becomes the fault `invalid`.
 *  Bytes left over are the reader's own business (`Reader.end`). */
export function decode<T>(read: (r: Reader) => T, bytes: Uint8Array): Result<T> {
  try {
    return ok(read(new Reader(bytes)));
  } catch (cause) {
    if (cause instanceof Malformed) return fail("invalid", cause.message);
    throw cause;
  }
}
