import { existsSync } from "node:fs";
import { chmod, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, type Result } from "../../base/result.ts";
import { blobPath } from "../blobs/file-ops.ts";
import { catalogTrouble } from "../catalog-check.ts";
import { systemFault } from "./backup.ts";
import { copyFile, sumOf } from "./copy-file.ts";
import { factsName, readFacts, readSums, sumsName, type BackupFacts } from "./manifest.ts";
import { bodyFiles } from "./snapshot.ts";

export interface BackupProof {
  readonly facts: BackupFacts;
  /** What is wrong; the first hundred. Empty where every byte is as it was. */
  readonly findings: readonly string[];
}

const findingLimit = 100;

/** Reads a whole backup and compares it with its checksums. Faults: not-found (no whole backup), io. */
export async function proveBackup(folder: string): Promise<Result<BackupProof>> {
  try {
    const facts = await readFacts(folder);
    if (!facts) return notWhole(folder);
    const findings: string[] = [];
    const say = (what: string): void => void (findings.length < findingLimit && findings.push(what));
    const trouble = catalogTrouble(folder);
    if (trouble !== undefined || !existsSync(join(folder, "catalog.db")))
      return ok({ facts, findings: [`catalog.db: ${trouble ?? "it is missing"}`] });
    const sums = await readSums(folder);
    for (const { file } of bodyFiles(join(folder, "catalog.db"))) {
      const wanted = sums.get(file);
      const found = await sumOf(blobPath(join(folder, "blobs"), file));
      if (!found) say(`${file}: it is missing`);
      else if (!wanted) say(`${file}: it has no checksum`);
      else if (found.size !== wanted.size || found.crc32 !== wanted.crc32)
        say(`${file}: its bytes have changed`);
    }
    return ok({ facts, findings });
  } catch (error) {
    return systemFault(error, folder);
  }
}

const notWhole = (folder: string): Result<never> =>
  fail("not-found", "there is no whole backup here", {
    where: folder,
    mend: "name the folder that backup made",
  });

/** Copies a backup into a data directory that has no house yet, each body compared with its checksum. The
 *  catalog comes last: a restore that is cut short leaves no house, and can be begun again.
 *  Faults: not-found (no whole backup), exists (there is a house), damaged, no-space, io. */
export async function restoreFrom(folder: string, data: string): Promise<Result<BackupFacts>> {
  try {
    const facts = await readFacts(folder);
    if (!facts) return notWhole(folder);
    if (existsSync(join(data, "catalog.db")))
      return fail("exists", "there is a house here already", {
        where: data,
        mend: "restore into another directory: --data DIR",
      });
    await mkdir(data, { recursive: true, mode: 0o700 });
    await chmod(data, 0o700);
    const sums = await readSums(folder);
    for (const { file } of bodyFiles(join(folder, "catalog.db"))) {
      const copied = await copyFile(
        blobPath(join(folder, "blobs"), file),
        blobPath(join(data, "blobs"), file),
      );
      const wanted = sums.get(file);
      if (!wanted || copied?.crc32 !== wanted.crc32 || copied.size !== wanted.size)
        return fail("damaged", "a body in the backup is not what it was", {
          where: file,
          mend: "restore another backup; holdfast backup verify tells everything that is wrong with this one",
        });
    }
    await copyRest(folder, data);
    await copyFile(join(folder, "catalog.db"), join(data, "catalog.db"));
    return ok(facts);
  } catch (error) {
    return systemFault(error, data);
  }
}

const kept = new Set(["catalog.db", "blobs", "backup.lock", factsName, sumsName]);

async function copyRest(folder: string, data: string, below = ""): Promise<void> {
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    if (below === "" && (kept.has(entry.name) || entry.name.startsWith("catalog."))) continue;
    const name = join(below, entry.name);
    if (entry.isDirectory()) await copyRest(folder, data, name);
    else if (entry.isFile()) await copyFile(join(folder, name), join(data, name));
  }
}
