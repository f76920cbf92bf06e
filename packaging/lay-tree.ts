import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PackagedFile } from "./layout.ts";

/** Copies files beneath `root`, with the modes of their packages; gives their size together. */
export async function layTree(files: readonly PackagedFile[], root: string): Promise<number> {
  let bytes = 0;
  for (const { path, mode, content } of files) {
    const to = join(root, path);
    await mkdir(dirname(to), { recursive: true, mode: 0o755 });
    if ("copy" in content) await copyFile(content.copy, to);
    else if ("gzip" in content) await writeFile(to, compressed(content.gzip));
    else await writeFile(to, content.text);
    await chmod(to, mode);
    bytes += Bun.file(to).size;
  }
  return bytes;
}

/** zlib's: 1 is quick, 9 is small. */
export type Level = 1 | 6 | 9;

/** RFC 1952 with no name and no time in its head, so that the same text gives the same bytes. */
export function compressed(text: string | Uint8Array<ArrayBuffer>, level: Level = 9): Uint8Array {
  const bytes = Bun.gzipSync(text, { level });
  bytes.fill(0, 4, 8); // MTIME
  bytes[9] = 3; // OS: Unix
  return bytes;
}
