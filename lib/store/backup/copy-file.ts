import { mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { syncFolder } from "../sync-folder.ts";
import type { Sum } from "./manifest.ts";

const chunkBytes = 1 << 20;

/** Copies a file so that it appears whole and durable or not at all. Gives its size and checksum; undefined
 *  where there is no such file (any more). Rejects on any other error. */
export async function copyFile(from: string, to: string): Promise<Sum | undefined> {
  const source = await openOrNothing(from);
  if (!source) return undefined;
  const draft = `${to}.part`;
  try {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    const target = await open(draft, "w", 0o600);
    try {
      const sum = await pour(source, target);
      await target.sync();
      await rename(draft, to);
      await syncFolder(dirname(to));
      return sum;
    } finally {
      await target.close();
    }
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  } finally {
    await source.close();
  }
}

/** The file's size and checksum; undefined where there is none. */
export async function sumOf(path: string): Promise<Sum | undefined> {
  const file = await openOrNothing(path);
  if (!file) return undefined;
  try {
    return await pour(file, undefined);
  } finally {
    await file.close();
  }
}

async function pour(source: FileHandle, target: FileHandle | undefined): Promise<Sum> {
  const buffer = new Uint8Array(chunkBytes);
  let size = 0;
  let sum = 0;
  for (;;) {
    const { bytesRead } = await source.read(buffer, 0, buffer.length, size);
    if (bytesRead === 0) return { size, crc32: sum };
    const chunk = buffer.subarray(0, bytesRead);
    sum = crc32(chunk, sum);
    if (target) await writeAll(target, chunk, size);
    size += bytesRead;
  }
}

async function writeAll(target: FileHandle, chunk: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await target.write(chunk, done, chunk.length - done, at + done);
    done += bytesWritten;
  }
}

async function openOrNothing(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
