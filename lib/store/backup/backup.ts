import { existsSync } from "node:fs";
import { chmod, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fail, ok, type Result } from "../../base/result.ts";
import { replaceFile } from "../audit-files.ts";
import { syncFolder } from "../sync-folder.ts";
import { blobPath } from "../blobs/file-ops.ts";
import { holdExclusive } from "../exclusive.ts";
import { copyFile } from "./copy-file.ts";
import { holdBodies } from "./hold-bodies.ts";
import { factsName, readSums, sumLine, sumsName, type BackupFacts, type Sum } from "./manifest.ts";
import { bodyFiles, countsOf, snapshotDatabase } from "./snapshot.ts";

export interface BackupNeeds {
  readonly at: string;
  readonly version: string;
  /** Told now and then: files done so far. */
  readonly progress?: (files: number) => void;
}

/** Copies the house in `data` to `target` while it runs: one moment of the catalog, every body it refers to,
 *  keys, certificates, audit trail. The copy is a data directory itself. Repeated on the same target it
 *  copies only what is new; until the end the older backup stays whole.
 *  Faults: not-found (no house), invalid (the target), busy, no-space, io. */
export async function backUp(data: string, target: string, needs: BackupNeeds): Promise<Result<BackupFacts>> {
  if (!existsSync(join(data, "catalog.db")))
    return fail("not-found", "there is no house here", { where: data });
  const apart = relative(resolve(data), resolve(target));
  if (apart === "" || !apart.startsWith(".."))
    return fail("invalid", "a backup cannot lie in the house itself", { where: target });
  try {
    const refused = await prepare(target);
    if (!refused.ok) return refused;
    const held = await holdExclusive(join(target, "backup.lock"));
    if (!held.ok)
      return held.fault.code === "busy"
        ? fail("busy", "another backup writes there", { where: target })
        : held;
    using _held = held.value;
    const sums = await copyHouse(data, target, needs);
    if (!sums.ok) return sums;
    const facts = {
      at: needs.at,
      version: needs.version,
      ...countsOf(join(target, "catalog.db")),
      files: sums.value.size,
    };
    await replaceFile(join(target, factsName), `${JSON.stringify(facts, undefined, 2)}\n`);
    await removeOthers(target, sums.value);
    return ok(facts);
  } catch (error) {
    return systemFault(error, target);
  }
}

export function systemFault(error: unknown, where: string): Result<never> {
  const { code = "", message, path } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC")
    return fail("no-space", "the disk is full", { where, mend: "free some space there" });
  return fail("io", `it cannot be copied: ${message}`, { where: path ?? where });
}

/** New, empty, or a backup already: nothing else is written into. */
async function prepare(target: string): Promise<Result<void>> {
  await mkdir(target, { recursive: true, mode: 0o700 });
  const names = await readdir(target);
  const ours = names.length === 0 || names.includes(factsName) || names.includes("backup.lock");
  if (!ours)
    return fail("invalid", "the folder holds something else", { where: target, mend: "name an empty one" });
  await chmod(target, 0o700);
  return ok();
}

async function copyHouse(
  data: string,
  target: string,
  needs: BackupNeeds,
): Promise<Result<Map<string, Sum>>> {
  const fresh = join(target, "catalog.new");
  const held = await holdBodies(data);
  if (!held.ok) return held;
  using _held = held.value;
  await snapshotDatabase(join(data, "catalog.db"), fresh);
  const copied = await copyBodies(data, target, fresh, await readSums(target), needs);
  if (!copied.ok) return copied;
  await copyRest(data, target);
  const text = [...copied.value].map(([file, sum]) => sumLine(file, sum)).join("");
  await syncFile(fresh);
  // From here on it is the new backup: until the facts are written, nobody takes it for whole.
  await rm(join(target, factsName), { force: true });
  for (const side of ["catalog.db-wal", "catalog.db-shm"]) await rm(join(target, side), { force: true });
  await rename(fresh, join(target, "catalog.db"));
  await replaceFile(join(target, sumsName), text);
  await syncFolder(target);
  return copied;
}

async function copyBodies(
  data: string,
  target: string,
  catalog: string,
  known: ReadonlyMap<string, Sum>,
  { progress }: BackupNeeds,
): Promise<Result<Map<string, Sum>>> {
  const sums = new Map<string, Sum>();
  for (const { file, size } of bodyFiles(catalog)) {
    const from = blobPath(join(data, "blobs"), file);
    const to = blobPath(join(target, "blobs"), file);
    const before = known.get(file);
    const sum = before?.size === size && existsSync(to) ? before : await copyFile(from, to);
    if (sum?.size !== size)
      return fail("io", `a body has ${sum?.size ?? 0} of its ${size} bytes`, {
        where: from,
        mend: "run holdfast doctor",
      });
    sums.set(file, sum);
    if (sums.size % 500 === 0) progress?.(sums.size);
  }
  return ok(sums);
}

/** What lies in a data directory and is no state to keep, or is kept otherwise. */
const skipped =
  /^(?:catalog\.db.*|.*\.db-(?:wal|shm)|blobs|staging|run|.*\.lock|backup\..*|ready-.*|\.doctor.*)$/;

/** Keys, certificates, trail. Heads of the trail come first: a copy then never knows of more than it has. */
async function copyRest(data: string, target: string, below = ""): Promise<void> {
  const entries = await readdir(join(data, below), { withFileTypes: true });
  const headsFirst = entries.sort(
    (a, b) => Number(b.name.endsWith(".head")) - Number(a.name.endsWith(".head")),
  );
  for (const entry of headsFirst) {
    if (skipped.test(entry.name)) continue;
    const name = join(below, entry.name);
    if (entry.isDirectory()) await copyRest(data, target, name);
    else if (name.endsWith(".db")) await snapshotDatabase(join(data, name), join(target, name));
    else if (entry.isFile()) await copyFile(join(data, name), join(target, name));
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r+");
  await handle.sync();
  await handle.close();
}

/** Bodies that the backup no longer needs, and drafts of one that was cut short. */
async function removeOthers(target: string, sums: ReadonlyMap<string, Sum>): Promise<void> {
  const folder = join(target, "blobs");
  if (!existsSync(folder)) return;
  for (const shelf of await readdir(folder))
    for (const file of await readdir(join(folder, shelf)))
      if (!sums.has(file)) await rm(join(folder, shelf, file));
}
