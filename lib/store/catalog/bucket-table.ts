import type { Database } from "bun:sqlite";
import { fail, ok, type Result } from "../../base/result.ts";
import { asUnixMs, type UnixMs } from "../../base/time.ts";
import type { Quota, Usage } from "../../rules/quota.ts";
import type { Bucket, BucketChange, Versioning } from "../objects.ts";

/** A bucket as it lies in the catalog. */
export interface BucketRow {
  readonly id: number;
  readonly name: string;
  readonly tenant: string;
  readonly owner: string;
  readonly versioning: Versioning;
  readonly quota_bytes: number | null;
  readonly quota_objects: number | null;
  readonly created_at: number;
  readonly used_bytes: number;
  readonly used_objects: number;
  /** Up to which event a snapshot shows the bucket; null: there is none. */
  readonly snapshot_seq: number | null;
}

type FreshBucket = Pick<Bucket, "name" | "tenant" | "owner" | "versioning" | "quota"> & {
  readonly createdAt: UnixMs;
};

/** Statements on buckets and their documents, over one connection. */
export type BucketTable = ReturnType<typeof bucketTable>;

export const bucketTable = (db: Database) => ({ ...bucketReads(db), ...bucketWrites(db) });

function bucketReads(db: Database) {
  const named = db.prepare<BucketRow, [string]>("SELECT * FROM buckets WHERE name = ?");
  const page = db.prepare<BucketRow, [string, string, number]>(
    "SELECT * FROM buckets WHERE tenant = +? AND name > +? ORDER BY name LIMIT +?",
  );
  const document = db.prepare<{ text: string }, [number, string]>(
    "SELECT text FROM bucket_documents WHERE bucket = ? AND name = ?",
  );
  const documents = db.prepare<{ name: string; text: string }, [number]>(
    "SELECT name, text FROM bucket_documents WHERE bucket = ?",
  );
  return {
    named: (name: string): BucketRow | undefined => named.get(name) ?? undefined,
    page: (tenant: string, after: string, limit: number): BucketRow[] => page.all(tenant, after, limit),
    documents: (id: number): Record<string, string> =>
      Object.fromEntries(documents.all(id).map(({ name, text }) => [name, text])),
    document: (id: number, name: string): string | undefined => document.get(id, name)?.text,
  };
}

function bucketWrites(db: Database) {
  const use = db.prepare<null, [number, number, number]>(
    "UPDATE buckets SET used_bytes = used_bytes + ?, used_objects = used_objects + ? WHERE id = ?",
  );
  const insert = db.prepare<null, [string, string, string, string, number | null, number | null, number]>(
    `INSERT INTO buckets(name, tenant, owner, versioning, quota_bytes, quota_objects, created_at)
     VALUES(?,?,?,?,?,?,?)`,
  );
  const setVersioning = db.prepare<null, [string, number]>("UPDATE buckets SET versioning = ? WHERE id = ?");
  const setQuota = db.prepare<null, [number | null, number | null, number]>(
    "UPDATE buckets SET quota_bytes = ?, quota_objects = ? WHERE id = ?",
  );
  const setDocument = db.prepare<null, [number, string, string]>(
    "INSERT OR REPLACE INTO bucket_documents VALUES(?,?,?)",
  );
  const dropDocument = db.prepare<null, [number, string]>(
    "DELETE FROM bucket_documents WHERE bucket = ? AND name = ?",
  );
  const removals = ["buckets WHERE id", "bucket_documents WHERE bucket", "ended_uploads WHERE bucket"].map(
    (of) => db.prepare<null, [number]>(`DELETE FROM ${of} = ?`),
  );
  return {
    insert({ name, tenant, owner, versioning, quota, createdAt }: FreshBucket): void {
      const { bytes = null, objects = null } = quota;
      insert.run(name, tenant, owner, versioning, bytes, objects, createdAt);
    },
    change(id: number, { versioning, quota, documents }: BucketChange): void {
      if (versioning) setVersioning.run(versioning, id);
      if (quota) setQuota.run(quota.bytes ?? null, quota.objects ?? null, id);
      for (const [name, text] of Object.entries(documents ?? {})) {
        if (text === null) dropDocument.run(id, name);
        else setDocument.run(id, name, text);
      }
    },
    remove(id: number): void {
      for (const statement of removals) statement.run(id);
    },
    /** Counts what the transaction adds or takes away. */
    use(id: number, delta: Usage): void {
      if (delta.bytes !== 0 || delta.objects !== 0) use.run(delta.bytes, delta.objects, id);
    },
    /** Another table has changed a bucket's row. */
    forget(): void {},
  };
}

/** Faults: not-found. */
export function findBucket(table: BucketTable, name: string): Result<BucketRow> {
  const row = table.named(name);
  return row ? ok(row) : fail("not-found", "there is no such bucket", { where: name });
}

export const quotaOf = (row: BucketRow): Quota => ({
  ...(row.quota_bytes !== null && { bytes: row.quota_bytes }),
  ...(row.quota_objects !== null && { objects: row.quota_objects }),
});

export const usageOf = (row: BucketRow): Usage => ({ bytes: row.used_bytes, objects: row.used_objects });

export function toBucket(table: BucketTable, row: BucketRow): Bucket {
  return {
    name: row.name,
    tenant: row.tenant,
    owner: row.owner,
    versioning: row.versioning,
    quota: quotaOf(row),
    createdAt: asUnixMs(row.created_at),
    documents: table.documents(row.id),
  };
}
