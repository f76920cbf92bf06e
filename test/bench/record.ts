/** Every figure goes on record with its machine and day: test/bench/results.md. */
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { machine } from "./process.ts";

/** One thing that `npm run bench` measures. */
export interface Entry {
  /** "S3 GET 4 KiB, 32 connections". */
  readonly title: string;
  run(): Promise<void>;
}

/** `how` says what one has to know to read the table: "3 rounds in turn". */
export async function record(title: string, how: string, table: string): Promise<void> {
  const day = new Date().toISOString().slice(0, 16).replace("T", " ");
  const note = `${day} UTC · ${machine()} · Bun ${Bun.version} · ${how}`;
  await appendFile(join(import.meta.dir, "results.md"), `\n## ${title}\n\n${note}\n\n${table}\n`);
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return undefined;
  return sorted.length % 2 ? sorted[middle] : ((sorted[middle - 1] ?? 0) + sorted[middle]!) / 2;
}
