import { ok, type Result } from "../../base/result.ts";
import type { Pacer } from "../file-door.ts";
import type { DataLink } from "./needs.ts";

/** The same link, no faster than the pacer lets it, and smoothly. */
export function pacedLink(link: DataLink, pacer: Pacer): DataLink {
  return {
    async read(least): Promise<Result<Uint8Array>> {
      const got = await link.read(Math.min(least, pacer.slice));
      const passed = got.ok && got.value.length > 0 ? await pacer.pass(got.value.length) : ok();
      return passed.ok ? got : passed;
    },
    async write(bytes): Promise<Result<void>> {
      for (let at = 0; at < bytes.length; at += pacer.slice) {
        const slice = bytes.subarray(at, at + pacer.slice);
        const passed = await pacer.pass(slice.length);
        const written = passed.ok ? await link.write(slice) : passed;
        if (!written.ok) return written;
      }
      return ok();
    },
    end: () => link.end(),
    cut: () => link.cut(),
  };
}
