import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Digester } from "../../lib/gate/ftp/needs.ts";
import type { DigestKind } from "../../lib/proto/ftp/asks.ts";

/** A checksum that grows with what it is shown. */
export function digester(kind: DigestKind): Digester {
  if (kind !== "crc32") {
    const hash = createHash(kind);
    return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
  }
  let sum = 0;
  return {
    update(bytes) {
      sum = crc32(bytes, sum);
    },
    hex: () => sum.toString(16).padStart(8, "0"),
  };
}
