import { basename, dirname, join } from "node:path";
import type { BlobTable } from "../catalog/blob-table.ts";
import type { Departed } from "./presence.ts";
import { blobPath, type FileOps } from "./file-ops.ts";

/** Removes what a dead process left in its staging folder: each draft, and the blob file it may have become,
 *  unless the catalog refers to that. */
export function tidyDrafts(
  files: FileOps,
  blobs: BlobTable,
  blobFolder: string,
  { folder, drafts }: Departed,
): number {
  const orphans = drafts.filter((file) => !blobs.hasFile(file));
  const there = new Set(files.names(blobFolder));
  const paths = orphans.map((file) => blobPath(blobFolder, file));
  const inFolders = paths.filter((path) => there.has(basename(dirname(path))));
  for (const path of inFolders) files.unlink(path);
  for (const place of new Set(inFolders.map(dirname))) files.syncFolder(place);
  // Only now: a draft is what an orphan is found by.
  for (const file of drafts) files.unlink(join(folder, file));
  return orphans.length;
}
