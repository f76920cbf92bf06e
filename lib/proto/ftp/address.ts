import { ipText, parseIp } from "../../base/ip.ts";
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
  const fits = host.includes(":") === (family === "2") && parseIp(host) !== undefined;
  if (!fits || number < 1 || number > 65_535) return { is: "malformed" };
  return { is: "address", family: family === "1" ? 4 : 6, address: { host, port: number } };
}

/** One spelling for one address: IPv4 inside IPv6 is IPv4, zeros and zones are gone. */
export function canonicalAddress(text: string): string {
  const ip = parseIp(text.split("%")[0]!);
  return ip ? ipText(ip) : text;
}

/** Why the server will not connect there, or undefined: never below port 1024, and only to the client itself
 *  (RFC 2577 §3: the bounce attack). With `siteToSite` to others too, but never to what only this host or its
 *  link can reach. */
export function activeRefusal(to: DataAddress, peer: string, siteToSite: boolean): string | undefined {
  if (to.port < 1024) return "Ports below 1024 are refused";
  const host = canonicalAddress(to.host);
  if (host === canonicalAddress(peer)) return undefined;
  if (!siteToSite) return "Only your own address may be used";
  return nearby.test(host) ? "That address is refused" : undefined;
}

/** This host, its link, everybody at once. */
const nearby = /^(?:0\.|127\.|169\.254\.|2(?:2[4-9]|[3-5]\d)\.|::1?$|fe[89ab]|ff)/i;
