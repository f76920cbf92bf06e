import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** What a backup says of itself, as `backup.json`: written last, so that where it is the backup is whole. */
export interface BackupFacts {
  /** RFC 3339. */
  readonly at: string;
  /** Of the build that made it. */
  readonly version: string;
  readonly schema: number;
  readonly buckets: number;
  readonly objects: number;
  readonly bytes: number;
  /** Files of bodies. */
  readonly files: number;
}

export const factsName = "backup.json";
/** One line a body's file: "<name> <size> <crc32, hexadecimal>". */
export const sumsName = "backup.sums";

/** A body's file, and what it must be. */
export interface Sum {
  readonly size: number;
  readonly crc32: number;
}

export async function readFacts(folder: string): Promise<BackupFacts | undefined> {
  const path = join(folder, factsName);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(await readFile(path, "utf8")) as BackupFacts;
  } catch {
    return undefined;
  }
}

/** By file name; a line that cannot be read is left out, and its file is then copied anew. */
export async function readSums(folder: string): Promise<Map<string, Sum>> {
  const path = join(folder, sumsName);
  const sums = new Map<string, Sum>();
  if (!existsSync(path)) return sums;
  for (const line of (await readFile(path, "utf8")).split("\n")) {
    const [, file, size, sum] = /^([0-9a-z]{1,64}) (\d{1,16}) ([0-9a-f]{8})$/.exec(line) ?? [];
    if (file && size && sum) sums.set(file, { size: Number(size), crc32: Number.parseInt(sum, 16) });
  }
  return sums;
}

export const sumLine = (file: string, { size, crc32 }: Sum): string =>
  `${file} ${size} ${crc32.toString(16).padStart(8, "0")}\n`;
