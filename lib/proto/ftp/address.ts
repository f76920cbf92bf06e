import type { DataAddress } from "./asks.ts";

/** PORT's "h1,h2,h3,h4,p1,p2" (RFC 959 §4.1.2); undefined where it is not that. */
export function readPort(argument: string): DataAddress | undefined {
  const parts = argument.trim().split(",");
  if (parts.length !== 6 || !parts.every((part) => /^\d{1,3}$/.test(part))) return undefined;
  const numbers = parts.map(Number);
  if (numbers.some((number) => number > 255)) return undefined;
  return { host: numbers.slice(0, 4).join("."), port: numbers[4]! * 256 + numbers[5]! };
}

/** PASV's answer. The parentheses are what clients look for. */
export function passiveText(address: DataAddress): string {
  const port = `${address.port >> 8},${address.port & 255}`;
  return `Entering Passive Mode (${address.host.replaceAll(".", ",")},${port})`;
}

export type ExtendedPort =
  | { readonly is: "address"; readonly family: 4 | 6; readonly address: DataAddress }
  | { readonly is: "unknown-family" }
  | { readonly is: "malformed" };

/** EPRT's "|1|192.0.2.1|6446|", any printable delimiter (RFC 2428 §2). */
export function readExtendedPort(argument: string): ExtendedPort {
  const text = argument.trim();
  const delimiter = text.charCodeAt(0);
  if (!(delimiter >= 33 && delimiter <= 126)) return { is: "malformed" };
  const fields = text.split(text[0]!);
  if (fields.length !== 5 || fields[0] !== "" || fields[4] !== "") return { is: "malformed" };
  const [, family = "", host = "", port = ""] = fields;
  if (!/^\d{1,5}$/.test(family) || !/^\d{1,5}$/.test(port)) return { is: "malformed" };
  if (family !== "1" && family !== "2") return { is: "unknown-family" };
  const number = Number(port);
  const fits = family === "1" ? isAddress4(host) : isAddress6(host);
  if (!fits || number < 1 || number > 65_535) return { is: "malformed" };
  return { is: "address", family: family === "1" ? 4 : 6, address: { host, port: number } };
}

const isAddress4 = (text: string): boolean =>
  /^(?:\d{1,3}\.){3}\d{1,3}$/.test(text) && text.split(".").every((part) => Number(part) <= 255);

/** Its eight groups, or undefined; with "::" and a dotted ending understood. */
function groupsOf(text: string): number[] | undefined {
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(text) || text.split("::").length > 2) return undefined;
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (dotted && !isAddress4(dotted[0])) return undefined;
  const [a, b, c, d] = dotted ? dotted.slice(1).map(Number) : [];
  const plain = dotted
    ? `${text.slice(0, dotted.index)}${((a! << 8) | b!).toString(16)}:${((c! << 8) | d!).toString(16)}`
    : text;
  const [head = "", tail] = plain.split("::");
  const read = (half: string): string[] => (half === "" ? [] : half.split(":"));
  const front = read(head);
  const back = tail === undefined ? [] : read(tail);
  const missing = 8 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...front, ...Array<string>(missing).fill("0"), ...back];
  return groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined;
}

export const isAddress6 = (text: string): boolean => groupsOf(text) !== undefined;

/** One spelling for one address: IPv4 inside IPv6 is IPv4, zeros and zones are gone. */
export function canonicalAddress(text: string): string {
  const groups = groupsOf(text.split("%")[0]!);
  if (!groups) return text;
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (!isMapped) return groups.map((group) => group.toString(16)).join(":");
  return [groups[6]! >> 8, groups[6]! & 255, groups[7]! >> 8, groups[7]! & 255].join(".");
}

/** Why the server will not connect there, or undefined: only to the client itself, never below port 1024
 *  (RFC 2577 §3: the bounce attack). */
export function activeRefusal(to: DataAddress, peer: string): string | undefined {
  if (to.port < 1024) return "Ports below 1024 are refused";
  if (canonicalAddress(to.host) !== canonicalAddress(peer)) return "Only your own address may be used";
  return undefined;
}
