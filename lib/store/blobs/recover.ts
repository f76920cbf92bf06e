import { join } from "node:path";
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
  let orphans = 0;
  for (const file of drafts) {
    if (!blobs.hasFile(file)) {
      files.unlink(blobPath(blobFolder, file));
      orphans++;
    }
    files.unlink(join(folder, file));
  }
  return orphans;
}
