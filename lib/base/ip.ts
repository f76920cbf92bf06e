/** An Internet address: 4 bytes, or 16. IPv4 mapped into IPv6 (::ffff:a.b.c.d) is always the 4. */
export type Ip = Uint8Array;

/** A network: every address whose first `bits` bits are those of `ip`. */
export interface Prefix {
  readonly ip: Ip;
  readonly bits: number;
}

/** Reads "192.0.2.1" or "2001:db8::1" (no zone); undefined where it is neither. */
export function parseIp(text: string): Ip | undefined {
  return text.includes(":") ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): Ip | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? Uint8Array.from(bytes) : undefined;
}

function parseV6(text: string): Ip | undefined {
  const [head, tail, more] = text.split("::");
  if (head === undefined || more !== undefined) return undefined;
  const front = groups(head, tail === undefined);
  const back = tail === undefined ? [] : groups(tail, true);
  if (!front || !back) return undefined;
  const missing = 8 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const words = [...front, ...Array<number>(missing).fill(0), ...back];
  return unmapped(Uint8Array.from(words.flatMap((word) => [word >> 8, word & 255])));
}

/** `last`: the text ends the address, and so may end in an IPv4 address. */
function groups(text: string, last: boolean): number[] | undefined {
  if (text === "") return [];
  const words: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) words.push(Number.parseInt(part, 16));
    else {
      const v4 = last && i === parts.length - 1 ? parseV4(part) : undefined;
      if (!v4) return undefined;
      words.push(v4[0]! * 256 + v4[1]!, v4[2]! * 256 + v4[3]!);
    }
  }
  return words;
}

/** The 4 bytes of an IPv4 address that came mapped into IPv6; anything else as it is. */
export function unmapped(ip: Uint8Array): Ip {
  if (ip.length !== 16 || ip[10] !== 255 || ip[11] !== 255) return ip;
  for (let i = 0; i < 10; i++) if (ip[i] !== 0) return ip;
  return ip.subarray(12);
}

/** "192.0.2.1"; IPv6 as RFC 5952 writes it. */
export function ipText(ip: Ip): string {
  if (ip.length === 4) return ip.join(".");
  const words = Array.from({ length: 8 }, (_, i) => (ip[i * 2]! << 8) | ip[i * 2 + 1]!);
  const gap = longestZeros(words);
  const show = (part: number[]): string => part.map((word) => word.toString(16)).join(":");
  if (gap.length < 2) return show(words);
  return `${show(words.slice(0, gap.at))}::${show(words.slice(gap.at + gap.length))}`;
}

function longestZeros(words: readonly number[]): { at: number; length: number } {
  let best = { at: 0, length: 0 };
  for (let at = 0; at < words.length; at++) {
    let length = 0;
    while (words[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  return best;
}

/** Reads "10.0.0.0/8" or a single address; bits beyond the prefix are cleared. Undefined where it is
 *  neither. */
export function parsePrefix(text: string): Prefix | undefined {
  const [address, length, more] = text.split("/");
  const ip = address === undefined || more !== undefined ? undefined : parseIp(address);
  if (!ip) return undefined;
  if (length === undefined) return { ip, bits: ip.length * 8 };
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : 999;
  return bits <= ip.length * 8 ? { ip: masked(ip, bits), bits } : undefined;
}

function masked(ip: Ip, bits: number): Ip {
  return ip.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))));
}

export const prefixText = (prefix: Prefix): string => `${ipText(prefix.ip)}/${prefix.bits}`;

/** Whether `ip` lies in the network. An IPv4 address is never in an IPv6 network, nor the reverse. */
export function contains(prefix: Prefix, ip: Ip): boolean {
  if (prefix.ip.length !== ip.length) return false;
  const whole = prefix.bits >> 3;
  for (let i = 0; i < whole; i++) if (prefix.ip[i] !== ip[i]) return false;
  const rest = prefix.bits & 7;
  return rest === 0 || (prefix.ip[whole]! ^ ip[whole]!) >> (8 - rest) === 0;
}
