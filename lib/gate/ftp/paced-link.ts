import { ok, type Result } from "../../base/result.ts";
import type { Pacer } from "../file-door.ts";
import type { DataLink } from "./needs.ts";

/** The same link, no faster than the pacer lets it, and smoothly. */
export function pacedLink(link: DataLink, pacer: Pacer): DataLink {
  return {
    async read(least): Promise<Result<Uint8Array>> {
      const got = await link.read(Math.min(least, pacer.slice));
      if (got.ok && got.value.length > 0) await pacer.pass(got.value.length);
      return got;
    },
    async write(bytes): Promise<Result<void>> {
      for (let at = 0; at < bytes.length; at += pacer.slice) {
        const slice = bytes.subarray(at, at + pacer.slice);
        await pacer.pass(slice.length);
        const written = await link.write(slice);
        if (!written.ok) return written;
      }
      return ok();
    },
    end: () => link.end(),
    cut: () => link.cut(),
  };
}
