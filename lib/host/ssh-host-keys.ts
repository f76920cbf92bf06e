import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import ssh2 from "ssh2";
import { publishFile, readSecret } from "./secret-file.ts";

const kinds = [
  { name: "host-ed25519", make: () => ssh2.utils.generateKeyPairSync("ed25519") },
  { name: "host-ecdsa", make: () => ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 }) },
];

/** The server's keys, in OpenSSH's format: made on first use in `<data>/ssh`, and kept. One that is removed
 *  is made anew. Throws where the folder cannot be read or written. */
export async function sshHostKeys(data: string): Promise<string[]> {
  const folder = join(data, "ssh");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return await Promise.all(kinds.map(({ name, make }) => hostKey(join(folder, name), make)));
}

async function hostKey(path: string, make: () => { private: string; public: string }): Promise<string> {
  const kept = await readSecret(path);
  if (kept !== undefined) return kept;
  const made = make();
  await publishFile(path, made.private, "first-wins");
  const winner = (await readSecret(path))!;
  if (winner === made.private) await publishFile(`${path}.pub`, `${made.public}\n`, "replace", 0o644);
  return winner;
}
