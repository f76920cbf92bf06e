import { concat, utf8 } from "../../base/bytes.ts";
import { hmacMd5, md5 } from "../../crypto/hash.ts";
import { rc4 } from "../../crypto/rc4.ts";
import { ntlmFlag } from "./ntlm-message.ts";

export type Direction = "client-to-server" | "server-to-client";

/** MS-NLMP §3.4.4.2: the signature of a direction's first message, with extended session security, which
 *  is how SPNEGO's mechListMIC is made. 16 bytes: version 1, checksum[8], sequence number 0; the checksum
 *  is sealed where keys were exchanged. */
export function firstSignature(
  exported: Uint8Array,
  flags: number,
  direction: Direction,
  message: Uint8Array,
): Uint8Array {
  const signKey = md5(exported, magic(direction, "signing"));
  const sequence = new Uint8Array(4);
  const checksum = hmacMd5(signKey, sequence, message).subarray(0, 8);
  const sealed =
    (flags & ntlmFlag.keyExchange) === 0 ? checksum : rc4(sealKey(exported, flags, direction), checksum);
  return concat([Uint8Array.of(1, 0, 0, 0), sealed, sequence]);
}

/** MS-NLMP §3.4.5.3. */
function sealKey(exported: Uint8Array, flags: number, direction: Direction): Uint8Array {
  const bytes = (flags & ntlmFlag.bits128) !== 0 ? 16 : (flags & ntlmFlag.bits56) !== 0 ? 7 : 5;
  return md5(exported.subarray(0, bytes), magic(direction, "sealing"));
}

const magic = (direction: Direction, purpose: "signing" | "sealing"): Uint8Array =>
  utf8(`session key to ${direction} ${purpose} key magic constant\0`);
