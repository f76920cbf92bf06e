import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { publishFile, readSecret } from "./secret-file.ts";

const kinds = [
  { name: "host-ed25519", kind: "ed25519", options: {} },
  { name: "host-ecdsa", kind: "ecdsa", options: { bits: 256 } },
] as const;

type Kind = (typeof kinds)[number];

/** The server's keys, in OpenSSH's format: made on first use in `<data>/ssh`, and kept. One that is removed
 *  is made anew. Throws where the folder cannot be read or written, or holds something else. */
export async function sshHostKeys(data: string): Promise<string[]> {
  const folder = join(data, "ssh");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return await Promise.all(kinds.map((kind) => hostKey(join(folder, kind.name), kind)));
}

async function hostKey(path: string, { kind, options }: Kind): Promise<string> {
  const kept = await readSecret(path);
  if (kept !== undefined) {
    if (isPrivateKey(kept)) return kept;
    throw new Error(`${path} holds no private key; mend: remove it, and it is made anew`);
  }
  const { default: ssh2 } = await import("ssh2"); // late: see ssh.ts
  const made = ssh2.utils.generateKeyPairSync(kind, options);
  await publishFile(path, made.private, "first-wins");
  const winner = (await readSecret(path))!;
  if (winner === made.private) await publishFile(`${path}.pub`, `${made.public}\n`, "replace", 0o644);
  return winner;
}

/** By its armour: whether the rest is good, ssh2 says at the first connection. */
const isPrivateKey = (text: string): boolean => /^-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\r?\n/.test(text);
