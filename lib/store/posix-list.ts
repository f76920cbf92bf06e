import * as fs from "node:fs";
import { compareUtf8 } from "../base/bytes.ts";
import { ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import type { Page } from "./content.ts";
import type { DirEntry } from "./files.ts";
import { errnoResult, errnoName } from "./posix-errno.ts";
import { diskName, joined, shownName } from "./posix-names.ts";
import { isDraftName, sweepDrafts } from "./posix-drafts.ts";
import type { Held } from "./posix-root.ts";
import { statOf } from "./posix-stat.ts";
import { SortedOnDemand } from "./sorted-on-demand.ts";

/** A folder whose names were read once and are given page by page. */
interface Walk {
  readonly names: SortedOnDemand<string>;
  /** The folder's modification time when it was read. */
  readonly mtimeNs: bigint;
  usedAt: number;
}

const limits = { walks: 16, idleMs: 60_000, statSliceMs: 8, statSlice: 32 } as const;

/** Gives pages of folders in byte order. A folder is read once for all its pages, as long as they are asked
 *  for one after another and it stays as it was; its names are sorted no further than they are given. */
export class PosixLister {
  readonly #clock: Clock;
  /** By the folder and the name after which they go on, the latest used last. */
  readonly #walks = new Map<string, Walk>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async page(folder: Held, after: string, limit: number): Promise<Result<Page<DirEntry>>> {
    try {
      const stat = fs.statSync(folder.path, { bigint: true });
      const id = `${stat.dev}:${stat.ino}`;
      const walk =
        this.#goOn(`${id}:${after}`, stat.mtimeNs) ?? (await this.#begin(folder, after, stat.mtimeNs));
      const rows: DirEntry[] = [];
      let last = "";
      while (rows.length < limit && walk.names.left > 0) {
        const names = walk.names.take(limit - rows.length);
        last = names.at(-1)!;
        rows.push(...(await entries(folder, names)));
      }
      if (walk.names.left === 0) return ok({ rows, next: undefined });
      this.#keep(`${id}:${last}`, walk);
      return ok({ rows, next: last });
    } catch (error) {
      return errnoResult(error);
    }
  }

  #goOn(key: string, mtimeNs: bigint): Walk | undefined {
    const now = this.#clock.now();
    for (const [other, walk] of this.#walks) {
      if (now - walk.usedAt > limits.idleMs) this.#walks.delete(other);
    }
    const walk = this.#walks.get(key);
    this.#walks.delete(key);
    return walk?.mtimeNs === mtimeNs ? walk : undefined;
  }

  async #begin(folder: Held, after: string, mtimeNs: bigint): Promise<Walk> {
    const all = await readNames(folder.path);
    const drafts = all.filter(isDraftName);
    const names = drafts.length === 0 ? all : all.filter((name) => !isDraftName(name));
    sweepDrafts(folder.path, drafts, this.#clock.wall());
    const later = after === "" ? names : names.filter((name) => compareUtf8(name, after) > 0);
    return { names: new SortedOnDemand(later, compareUtf8), mtimeNs, usedAt: this.#clock.now() };
  }

  #keep(key: string, walk: Walk): void {
    walk.usedAt = this.#clock.now();
    this.#walks.set(key, walk);
    if (this.#walks.size > limits.walks) this.#walks.delete(this.#walks.keys().next().value!);
  }
}

/** The names of a folder as they are shown, in the disk's order. */
async function readNames(path: string): Promise<string[]> {
  const names = await fs.promises.readdir(path);
  // What is no UTF-8 was read with this character in it; then the bytes themselves are wanted.
  const exact = names.every((name) => !name.includes("\ufffd"));
  if (exact) return names.map((name) => shownName(name));
  const bytes = await fs.promises.readdir(path, { encoding: "buffer" });
  return bytes.map((name) => shownName(name));
}

/** What stat says of each name; those gone meanwhile are left out. Done at once while the disk answers from
 *  memory, and aside as soon as it does not. */
async function entries(folder: Held, names: readonly string[]): Promise<DirEntry[]> {
  const rows: DirEntry[] = [];
  let quick = true;
  for (let at = 0; at < names.length; at += limits.statSlice) {
    const slice = names.slice(at, at + limits.statSlice);
    const started = performance.now();
    const stats = quick
      ? slice.map((name) => fs.lstatSync(placeOf(folder, name), { bigint: true, throwIfNoEntry: false }))
      : await Promise.all(slice.map((name) => laterStat(placeOf(folder, name))));
    quick = performance.now() - started < limits.statSliceMs;
    stats.forEach((stat, i) => {
      if (stat) rows.push({ name: slice[i]!, ...statOf(stat) });
    });
  }
  return rows;
}

function placeOf(folder: Held, name: string): Buffer {
  const bytes = diskName(name);
  return joined(folder.path, bytes.ok ? bytes.value : Buffer.from(name));
}

async function laterStat(path: Buffer): Promise<fs.BigIntStats | undefined> {
  try {
    return await fs.promises.lstat(path, { bigint: true });
  } catch (error) {
    if (errnoName(error) === "ENOENT") return undefined;
    throw error;
  }
}
