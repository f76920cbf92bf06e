import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { hex } from "../base/bytes.ts";
import type { Entropy } from "../base/entropy.ts";
import { syncFolderNow } from "./sync-folder.ts";

const keyBytes = 32;

/** The 32 bytes under which secrets are sealed: `<data>/master.key`, mode 0600, made by the first process.
 *  Throws where the file is of another size, or others may read it. */
export function masterKey(data: string, entropy: Entropy): Uint8Array {
  const path = join(data, "master.key");
  return readKey(path) ?? makeKey(data, path, entropy);
}

function readKey(path: string): Uint8Array | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (process.platform !== "win32" && (stat.mode & 0o077) !== 0) {
    throw new Error(`${path} can be read by others than its owner: chmod 600 ${path}`);
  }
  const key = new Uint8Array(readFileSync(path));
  if (key.length !== keyBytes) throw new Error(`${path} has ${key.length} bytes, not ${keyBytes}`);
  return key;
}

/** Written under another name first and linked: two processes at once agree on whose key it is. */
function makeKey(data: string, path: string, entropy: Entropy): Uint8Array {
  const draft = join(data, `.master.key.${hex(entropy(8))}`);
  const file = openSync(draft, "wx", 0o600);
  try {
    writeSync(file, entropy(keyBytes));
    fsyncSync(file);
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    closeSync(file);
    unlinkSync(draft);
  }
  syncFolderNow(data);
  const key = readKey(path);
  if (!key) throw new Error(`${path} is gone`);
  return key;
}
