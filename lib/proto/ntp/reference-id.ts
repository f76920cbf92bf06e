import type { Ip } from "../../base/ip.ts";
import { md5 } from "../../crypto/hash.ts";

/** RFC 5905 §7.3: what a server that follows `ip` calls its reference: the IPv4 address itself, or the first
 *  four bytes of the IPv6 address's MD5. */
export function referenceIdOfIp(ip: Ip): number {
  const bytes = ip.length === 4 ? ip : md5(ip);
  return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
}
