import type { Database } from "bun:sqlite";
import { readSlices } from "../catalog/blob-table.ts";

interface Row {
  readonly bucket: number;
  readonly key: string;
  readonly age: number;
  readonly version: string;
  readonly blob: number | null;
}

const pageRows = 2_000;
const most = 100;

/** The versions that have a body, itself or within a joined one. Reads every version, a page at a time with
 *  the event loop free between: damage is rare, and an index for it would cost every write. */
export async function versionsWith(
  read: Database,
  blob: number,
): Promise<{ bucket: string; key: string; version: string }[]> {
  const holders = new Set([blob, ...joinedWith(read, blob)]);
  const page = read.prepare<Row, [number, string, number]>(
    `SELECT bucket, key, age, version, blob FROM versions WHERE (bucket, key, age) > (+?, +?, +?)
     ORDER BY bucket, key, age LIMIT ${pageRows}`,
  );
  const bucketName = read.prepare<{ name: string }, [number]>("SELECT name FROM buckets WHERE id = ?");
  const found: { bucket: string; key: string; version: string }[] = [];
  let [bucket, key, age] = [0, "", 0];
  for (;;) {
    const rows = page.all(bucket, key, age);
    for (const row of rows) {
      if (row.blob === null || !holders.has(row.blob)) continue;
      found.push({ bucket: bucketName.get(row.bucket)?.name ?? "", key: row.key, version: row.version });
      if (found.length === most) return found;
    }
    const last = rows.at(-1);
    if (!last || rows.length < pageRows) return found;
    ({ bucket, key, age } = last);
    await new Promise((resume) => setImmediate(resume));
  }
}

function joinedWith(read: Database, blob: number): number[] {
  const joined = read.prepare<{ id: number; parts: Uint8Array }, []>(
    "SELECT id, parts FROM blobs WHERE parts IS NOT NULL",
  );
  return joined
    .all()
    .filter(({ parts }) => readSlices(parts).some((slice) => slice.blob === blob))
    .map(({ id }) => id);
}
