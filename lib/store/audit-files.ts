import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Entropy } from "../base/entropy.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { syncFolder } from "./sync-folder.ts";
import { signingKey, signingKeyOf, type SigningKey } from "../crypto/ed25519.ts";

/** One file of a chain: "<daemon>-<yyyy-mm-dd>.jsonl". */
export interface AuditFile {
  readonly name: string;
  readonly daemon: string;
  /** "2026-11-21", UTC. */
  readonly date: string;
}

const pattern = /^([a-z][a-z0-9-]{0,31})-(\d{4}-\d{2}-\d{2})\.jsonl$/;

export const auditFolder = (data: string): string => join(data, "audit");
export const auditFileName = (daemon: string, date: string): string => `${daemon}-${date}.jsonl`;

/** A chain's newest checkpoint, kept beside it, so that a cut end shows. */
export const headName = (daemon: string): string => `${daemon}.head`;
export const keyName = "key";
export const publicKeyName = "key.pub";

/** Every file of every chain, in order. */
export async function auditFiles(folder: string): Promise<AuditFile[]> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names.sort().flatMap((name) => {
    const [, daemon, date] = pattern.exec(name) ?? [];
    return daemon && date ? [{ name, daemon, date }] : [];
  });
}

/** The daemons that have a head: also those whose files are gone. */
export async function headedDaemons(folder: string): Promise<string[]> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names.filter((name) => /^[a-z][a-z0-9-]{0,31}\.head$/.test(name)).map((name) => name.slice(0, -5));
}

/** The house's audit key, made once; several daemons may ask at once. The public half stands beside it.
 *  Faults: damaged. */
export async function auditKey(folder: string, entropy: Entropy): Promise<Result<SigningKey>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, keyName);
  if (!existsSync(path)) {
    const fresh = `${path}.${randomBytes(6).toString("hex")}`;
    await writeFile(fresh, signingKey(entropy(32)).privatePem, { mode: 0o600, flush: true });
    await link(fresh, path).catch(ignoreExisting);
    await rm(fresh);
  }
  const key = signingKeyOf(await readFile(path, "latin1"));
  if (!key)
    return fail("damaged", "the audit key cannot be read", {
      where: path,
      mend: "put it back from a backup; or move the folder away to begin a new trail",
    });
  const published = join(folder, publicKeyName);
  if (!existsSync(published)) await replaceFile(published, key.publicPem);
  return ok(key);
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}

/** Puts `text` in place as a whole and durably: written, synced, renamed, folder synced. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.${randomBytes(6).toString("hex")}`;
  await writeFile(fresh, text, { mode: 0o600, flush: true });
  await chmod(fresh, 0o600);
  await rename(fresh, path);
  await syncFolder(join(path, ".."));
}
