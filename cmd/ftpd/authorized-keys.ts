import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isUserName } from "../../lib/rules/identity.ts";

const maxBytes = 65_536;

/** Whether a public key (base64, without its kind) stands in the operator's file for the user:
 *  `<data>/ssh/authorized/<user>`, lines as in OpenSSH's authorized_keys. A line with options is left out:
 *  what it would restrict is not restricted here. */
export function isAuthorizedKey(data: string, user: string, key: string): boolean {
  if (!isUserName(user)) return false;
  const path = join(data, "ssh", "authorized", user);
  try {
    if (statSync(path).size > maxBytes) return false;
    return readFileSync(path, "utf8")
      .split("\n")
      .some((line) => keyOf(line) === key);
  } catch {
    return false;
  }
}

const kinds = /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) ([A-Za-z0-9+/]+=*)(?:\s|$)/;

const keyOf = (line: string): string | undefined => kinds.exec(line.trim())?.[1];
