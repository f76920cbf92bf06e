import { createHmac } from "node:crypto";

/** NIST SP 800-108 in counter mode over HMAC-SHA256, with 32-bit counter and length, for keys up to 32 bytes.
 *  `label` and `context` are used as they are; the zero byte between them is added here. */
export function deriveKey(
  key: Uint8Array,
  label: Uint8Array,
  context: Uint8Array,
  sizeBytes: 16 | 32,
): Uint8Array {
  const hmac = createHmac("sha256", key);
  hmac
    .update(Uint8Array.of(0, 0, 0, 1))
    .update(label)
    .update(Uint8Array.of(0))
    .update(context);
  hmac.update(Uint8Array.of(0, 0, (sizeBytes * 8) >> 8, (sizeBytes * 8) & 0xff));
  return new Uint8Array(hmac.digest()).subarray(0, sizeBytes);
}
