import { ipText, parseIp } from "../base/ip.ts";
import type { Home, User } from "./identity.ts";

/** A virtual host of the FTP doors: clients name it (HOST, RFC 7151), their TLS does (SNI), or the address
 *  that they reached means it. */
export interface Site {
  /** A host name in small letters. */
  readonly name: string;
  /** Addresses of this host that mean the site where the client names none. */
  readonly addresses: readonly string[];
  /** PEM files; without them the daemon's own certificate is shown. */
  readonly certificate?: string | undefined;
  readonly certificateKey?: string | undefined;
  /** "ann" or "group:staff": who may sign in; absent: everybody. */
  readonly users?: readonly string[] | undefined;
  /** Where everybody begins who signs in here; absent: at home. */
  readonly root?: Home | undefined;
  readonly greeting?: string | undefined;
  /** What is said to who has signed in. */
  readonly welcome?: string | undefined;
  /** Sessions in all. */
  readonly sessions?: number | undefined;
}

const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
export const isSiteName = (name: string): boolean => hostName.test(name);

/** The name of a host as HOST says it: a name, "192.0.2.1" or "[2001:db8::1]". Undefined where it is none. */
export function readHost(text: string): string | undefined {
  const lower = text.trim().toLowerCase();
  if (/^\[.*\]$/.test(lower)) {
    const ip = lower.includes(":") ? parseIp(lower.slice(1, -1)) : undefined;
    return ip && ipText(ip);
  }
  return isSiteName(lower) ? lower : undefined;
}

/** By its name or one of its addresses. */
export const siteOf = (sites: Iterable<Site>, host: string): Site | undefined =>
  [...sites].find(({ name, addresses }) => name === host || addresses.includes(host));

export function mayUseSite({ users }: Site, user: Pick<User, "name" | "groups">): boolean {
  const names = [user.name, ...user.groups.map((group) => `group:${group}`)];
  return users === undefined || users.some((one) => names.includes(one));
}
