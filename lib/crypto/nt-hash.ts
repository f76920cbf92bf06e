import { createHash } from "node:crypto";

/** The NT hash, MD4 over the password in UTF-16LE (MS-NLMP §3.3.1): 16 bytes, as good as the password to
 *  whoever speaks SMB, so it is kept sealed. */
export function ntHash(password: string): Uint8Array {
  return new Uint8Array(createHash("md4").update(Buffer.from(password, "utf16le")).digest());
}
