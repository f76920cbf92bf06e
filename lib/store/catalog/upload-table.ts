import type { Database } from "bun:sqlite";
import { asUnixMs } from "../../base/time.ts";
import type { Part, Upload } from "../objects.ts";
import { digestsFrom, namesFrom, readSaid } from "./facts-text.ts";

/** An unfinished upload as it lies in the catalog. */
export interface UploadRow {
  readonly id: string;
  readonly bucket: number;
  readonly key: string;
  readonly initiator: string;
  readonly created_at: number;
  readonly digests: string;
  readonly digests_of: "object" | "parts";
  readonly lock_mode: "governance" | "compliance" | null;
  readonly lock_until: number | null;
  readonly legal_hold: number;
  readonly facts: string | null;
}

export interface PartRow {
  readonly upload: string;
  readonly number: number;
  readonly blob: number | null;
  readonly size: number;
  readonly etag: string;
  readonly digests: string | null;
  readonly created_at: number;
}

export interface EndedRow {
  readonly id: string;
  readonly bucket: number;
  readonly key: string;
  readonly age: number;
  readonly ended_at: number;
}

type S = string;
type N = number;
type Nothing = null;

/** Statements on uploads and their parts, over one connection. */
export type UploadTable = ReturnType<typeof uploadTable>;

export function uploadTable(db: Database) {
  const get = db.prepare<UploadRow, [S]>("SELECT * FROM uploads WHERE id = ?");
  const insert = db.prepare<null, [S, N, S, S, N, S, S, S | Nothing, N | Nothing, N, S | Nothing]>(
    "INSERT INTO uploads VALUES(?,?,?,?,?,?,?,?,?,?,?)",
  );
  const remove = db.prepare<null, [S]>("DELETE FROM uploads WHERE id = ?");
  const removeParts = db.prepare<null, [S]>("DELETE FROM parts WHERE upload = ?");
  const any = db.prepare<{ one: N }, [N]>("SELECT 1 AS one FROM uploads WHERE bucket = ? LIMIT 1");
  const range = db.prepare<UploadRow, [N, S, S | Uint8Array, N]>(
    "SELECT * FROM uploads WHERE bucket = +? AND key >= +? AND key < +? ORDER BY key, id LIMIT +?",
  );
  const after = db.prepare<UploadRow, [N, S, S, S | Uint8Array, N]>(
    `SELECT * FROM uploads WHERE bucket = +? AND (key, id) > (+?, +?) AND key < +?
     ORDER BY key, id LIMIT +?`,
  );
  const part = db.prepare<PartRow, [S, N]>("SELECT * FROM parts WHERE upload = ? AND number = ?");
  const parts = db.prepare<PartRow, [S, N, N]>(
    "SELECT * FROM parts WHERE upload = +? AND number > +? ORDER BY number LIMIT +?",
  );
  const putPart = db.prepare<null, [S, N, N | Nothing, N, S, S | Nothing, N]>(
    "INSERT OR REPLACE INTO parts VALUES(?,?,?,?,?,?,?)",
  );
  const ended = db.prepare<EndedRow, [S]>("SELECT * FROM ended_uploads WHERE id = ?");
  const end = db.prepare<null, [S, N, S, N, N]>("INSERT INTO ended_uploads VALUES(?,?,?,?,?)");
  return {
    get: (id: string): UploadRow | undefined => get.get(id) ?? undefined,
    insert(row: UploadRow): void {
      const what = [row.id, row.bucket, row.key, row.initiator, row.created_at] as const;
      const how = [row.digests, row.digests_of, row.lock_mode, row.lock_until, row.legal_hold] as const;
      insert.run(...what, ...how, row.facts);
    },
    remove(id: string): void {
      remove.run(id);
      removeParts.run(id);
    },
    any: (bucket: number): boolean => any.get(bucket) !== null,
    range: (bucket: number, from: string, end: string | undefined, limit: number): UploadRow[] =>
      range.all(bucket, from, end ?? Uint8Array.of(255), limit),
    after: (row: UploadRow, end: string | undefined, limit: number): UploadRow[] =>
      after.all(row.bucket, row.key, row.id, end ?? Uint8Array.of(255), limit),
    part: (upload: string, number: number): PartRow | undefined => part.get(upload, number) ?? undefined,
    parts: (upload: string, after: number, limit: number): PartRow[] => parts.all(upload, after, limit),
    putPart: (row: PartRow): void =>
      void putPart.run(row.upload, row.number, row.blob, row.size, row.etag, row.digests, row.created_at),
    ended: (id: string): EndedRow | undefined => ended.get(id) ?? undefined,
    end: (row: EndedRow): void => void end.run(row.id, row.bucket, row.key, row.age, row.ended_at),
  };
}

export function toUpload(row: UploadRow, bucket: string): Upload {
  const { contentType, headers, metadata, tags, modifiedAt, encryption } = readSaid(row.facts);
  return {
    ...(encryption && { encryption }),
    id: row.id,
    bucket,
    key: row.key,
    initiator: row.initiator,
    createdAt: asUnixMs(row.created_at),
    digests: namesFrom(row.digests),
    digestsOf: row.digests_of,
    contentType,
    headers,
    metadata,
    tags,
    modifiedAt,
  };
}

export const toPart = (row: PartRow): Part => ({
  number: row.number,
  size: row.size,
  etag: row.etag,
  digests: digestsFrom(row.digests),
  createdAt: asUnixMs(row.created_at),
});
