import type { Database } from "bun:sqlite";
import { fail, ok, type Result } from "../../base/result.ts";
import { readSlices } from "../catalog/blob-table.ts";

/** What a bucket's versions take: as they are read, and as they lie on disk. */
export interface StoredUsage {
  readonly logicalBytes: number;
  /** Compressed, kept once where equal. A body that several share is divided among them: the sum over all
   *  buckets is what the disk holds. */
  readonly storedBytes: number;
}

/** Reads every version of the bucket, those that only snapshots show and parts of unfinished uploads: a page
 *  at a time with the event loop free between. Faults: not-found. */
export type ReadStoredUsage = (bucket: string) => Promise<Result<StoredUsage>>;

const pageRows = 2_000;

interface Row {
  readonly key: string;
  readonly age: number;
  readonly logical: number;
  readonly size: number | null;
  readonly refs: number | null;
  readonly parts: Uint8Array | null;
}

export function storedUsageOf(read: Database): ReadStoredUsage {
  const named = read.prepare<{ id: number }, [string]>("SELECT id FROM buckets WHERE name = ?");
  const columns = "v.size AS logical, b.size AS size, b.refs AS refs, b.parts AS parts";
  const versions = ["versions", "history"].map((table) =>
    read.prepare<Row, [number, string, number]>(
      `SELECT v.key AS key, v.age AS age, ${columns} FROM ${table} v LEFT JOIN blobs b ON b.id = v.blob
       WHERE v.bucket = +? AND (v.key, v.age) > (+?, +?) ORDER BY v.key, v.age LIMIT ${pageRows}`,
    ),
  );
  const uploads = read.prepare<Row, [number, string, number]>(
    `SELECT v.upload AS key, v.number AS age, ${columns} FROM parts v LEFT JOIN blobs b ON b.id = v.blob
     WHERE v.upload IN (SELECT id FROM uploads WHERE bucket = +?) AND (v.upload, v.number) > (+?, +?)
     ORDER BY v.upload, v.number LIMIT ${pageRows}`,
  );
  const piece = read.prepare<{ size: number; refs: number }, [number]>(
    "SELECT size, refs FROM blobs WHERE id = ?",
  );

  function storedOf({ size, refs, parts }: Row): number {
    if (size === null || refs === null || refs === 0) return 0;
    if (!parts) return size / refs;
    let sum = 0;
    for (const { blob } of readSlices(parts)) {
      const found = piece.get(blob);
      if (found && found.refs > 0) sum += found.size / found.refs;
    }
    return sum / refs;
  }

  return async (bucket) => {
    const found = named.get(bucket);
    if (!found) return fail("not-found", "there is no such bucket", { where: bucket });
    let [logicalBytes, storedBytes] = [0, 0];
    for (const page of [...versions, uploads]) {
      let [key, age] = ["", 0];
      for (;;) {
        const rows = page.all(found.id, key, age);
        for (const row of rows) {
          logicalBytes += row.logical;
          storedBytes += storedOf(row);
        }
        const last = rows.at(-1);
        if (!last || rows.length < pageRows) break;
        ({ key, age } = last);
        await new Promise((resume) => setImmediate(resume));
      }
    }
    return ok({ logicalBytes, storedBytes: Math.round(storedBytes) });
  };
}
