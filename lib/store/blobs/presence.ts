import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { Entropy } from "../../base/entropy.ts";
import { randomText } from "../../base/ids.ts";
import { isBusy, patiently } from "../catalog/connection.ts";
import type { FileOps } from "./file-ops.ts";

/** A process's sign of life in `<data>/staging`: `<name>.lock`, held by SQLite's own file lock, which the
 *  system lets go of when the process ends, however it ends; and the folder `<name>` of its drafts. */
export interface Presence {
  /** No other process has had it. */
  readonly name: string;
  /** Where this process's drafts lie. */
  readonly folder: string;
  /** Call once no draft is left. */
  leave(): void;
}

/** A process that is gone, and what it left. */
export interface Departed {
  readonly name: string;
  readonly folder: string;
  readonly drafts: readonly string[];
}

/** Locks held by this process. Were nothing to refer to one, it would be collected and opened, and the
 *  process taken for dead. */
const heldLocks = new Set<Database>();

const recoveryPatienceMs = 60_000;

/** Signs this process in, and hands the processes that are gone to `tidy`, one after another.
 *  One process at a time does this, so that none is taken for dead while it is being born. */
export function signIn(
  staging: string,
  files: FileOps,
  entropy: Entropy,
  tidy: (gone: Departed) => void,
): Presence {
  files.makeFolder(staging);
  const door = hold(join(staging, "door.lock"), recoveryPatienceMs)!;
  try {
    for (const name of files.names(staging)) {
      if (name.endsWith(".lock") && name !== "door.lock") tidyAfter(staging, name.slice(0, -5), files, tidy);
    }
    const name = randomText(entropy, 16);
    const folder = join(staging, name);
    const lock = hold(`${folder}.lock`, 0);
    if (!lock) throw new Error(`${folder}.lock is held already`);
    heldLocks.add(lock);
    files.makeFolder(folder);
    return {
      name,
      folder,
      leave() {
        try {
          if (files.names(folder).length > 0) return;
          files.removeFolder(folder);
          files.unlink(`${folder}.lock`);
        } catch {
          // What is left is for recovery to look at.
        } finally {
          heldLocks.delete(lock);
          lock.close();
        }
      },
    };
  } finally {
    door.close();
  }
}

function tidyAfter(staging: string, name: string, files: FileOps, tidy: (gone: Departed) => void): void {
  const folder = join(staging, name);
  const lock = hold(`${folder}.lock`, 0);
  if (!lock) return; // it lives
  tidy({ name, folder, drafts: files.names(folder) });
  if (files.names(staging).includes(name)) files.removeFolder(folder);
  lock.close();
  files.unlink(`${folder}.lock`);
}

/** Takes the file's lock; undefined where another holds it longer than `patienceMs`. */
function hold(path: string, patienceMs: number): Database | undefined {
  const lock = new Database(path, { create: true, readwrite: true });
  try {
    lock.run("PRAGMA busy_timeout=0");
    patiently(() => {
      lock.run("PRAGMA journal_mode=MEMORY");
      lock.run("BEGIN EXCLUSIVE");
    }, patienceMs);
    return lock;
  } catch (error) {
    lock.close();
    if (isBusy(error) && patienceMs === 0) return undefined;
    throw error;
  }
}
