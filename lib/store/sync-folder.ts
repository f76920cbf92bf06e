import { closeSync, fsyncSync, openSync } from "node:fs";
import { open } from "node:fs/promises";

/** Windows has no flush of a folder: it answers EPERM. NTFS writes names through a log of its own, in order,
 *  so that a name it shows again after a power cut is a whole one; that the last one is there it does not
 *  promise. */
const folderHasFlush = process.platform !== "win32";

/** The names in a folder are on disk when it resolves. Throws the system's error. */
export async function syncFolder(path: string): Promise<void> {
  if (!folderHasFlush) return;
  await using folder = await open(path, "r");
  await folder.sync();
}

/** The same at once. */
export function syncFolderNow(path: string): void {
  if (!folderHasFlush) return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
