import type { Database } from "bun:sqlite";
import type { Form } from "../blobs/body-form.ts";
import type { SealedKey } from "../keys/data-keys.ts";

/** A body as it lies in the catalog: inline, in a file, or joined of other blobs. */
export interface BlobRow {
  readonly id: number;
  readonly refs: number;
  readonly size: number;
  /** CRC-32 of an inline body. */
  readonly check32: number | null;
  readonly file: string | null;
  readonly parts: Uint8Array | null;
  readonly body: Uint8Array | null;
  /** Of a body in a file. */
  readonly md5: Uint8Array | null;
  /** When it was found to be another than was written. */
  readonly damaged_at: number | null;
  /** How it is written; null: as it came. */
  readonly form: Form | null;
  /** Its size before it took that form. */
  readonly plain: number | null;
  /** 1: it can be found by its mark. */
  readonly marked: number | null;
}

/** What is kept of a body that is not written as it came. */
export interface Shaped {
  readonly form: Form;
  /** Its size before. */
  readonly plain: number;
  readonly key: SealedKey | undefined;
}

/** What is about to be referred to. */
export type NewBlob =
  | {
      readonly in: "row";
      readonly body: Uint8Array;
      readonly check32: number;
      readonly shaped?: Shaped | undefined;
    }
  | {
      readonly in: "file";
      readonly file: string;
      readonly size: number;
      readonly md5: Uint8Array;
      readonly shaped?: Shaped | undefined;
    }
  | { readonly in: "parts"; readonly parts: readonly BlobSlice[]; readonly size: number };

export interface BlobSlice {
  readonly blob: number;
  readonly size: number;
}

/** Statements on bodies, over one connection. */
export type BlobTable = ReturnType<typeof blobTable>;

export const blobTable = (db: Database) => ({
  ...rowsOf(db),
  ...garbageOf(db),
  ...keysOf(db),
  ...referencesOf(db),
});

function rowsOf(db: Database) {
  const get = db.prepare<BlobRow, [number]>("SELECT * FROM blobs WHERE id = ?");
  const insert = db.prepare<
    null,
    [
      number,
      number | null,
      string | null,
      Uint8Array | null,
      Uint8Array | null,
      Uint8Array | null,
      number | null,
    ]
  >("INSERT INTO blobs(refs, size, check32, file, parts, body, md5, marked) VALUES(1,?,?,?,?,?,?,?)");
  const insertShaped = db.prepare<
    null,
    [number, number | null, string | null, Uint8Array | null, Uint8Array | null, number | null, Form, number]
  >("INSERT INTO blobs(refs, size, check32, file, body, md5, marked, form, plain) VALUES(1,?,?,?,?,?,?,?,?)");
  const keep = db.prepare<null, [number, string, number, string, Uint8Array]>(
    "INSERT INTO blob_keys VALUES(?,?,?,?,?)",
  );
  const withFile = db.prepare<{ id: number }, [string]>(
    "SELECT id FROM blobs WHERE file = ? AND file IS NOT NULL",
  );
  function shaped(
    blob: Exclude<NewBlob, { in: "parts" }>,
    { form, plain, key }: Shaped,
    marked: number | null,
  ): number {
    const row =
      blob.in === "row"
        ? insertShaped.run(blob.body.length, blob.check32, null, blob.body, null, marked, form, plain)
        : insertShaped.run(blob.size, null, blob.file, null, blob.md5, marked, form, plain);
    const id = Number(row.lastInsertRowid);
    if (key) keep.run(id, key.ring, key.version, key.context, key.sealed);
    return id;
  }
  return {
    get: (id: number): BlobRow | undefined => get.get(id) ?? undefined,
    /** `marks`: the body is to be found by its mark. */
    insert(blob: NewBlob, marks = false): number {
      const marked = marks ? 1 : null;
      if (blob.in !== "parts" && blob.shaped) return shaped(blob, blob.shaped, marked);
      const row = insert.run(
        blob.in === "row" ? blob.body.length : blob.size,
        blob.in === "row" ? blob.check32 : null,
        blob.in === "file" ? blob.file : null,
        blob.in === "parts" ? writeSlices(blob.parts) : null,
        blob.in === "row" ? blob.body : null,
        blob.in === "file" ? blob.md5 : null,
        marked,
      );
      return Number(row.lastInsertRowid);
    },
    hasFile: (file: string): boolean => withFile.get(file) !== null,
  };
}

/** Files to be deleted. */
function garbageOf(db: Database) {
  const forget = db.prepare<null, [string]>("DELETE FROM garbage WHERE file = ?");
  const garbage = db.prepare<{ file: string }, [number]>("SELECT file FROM garbage LIMIT +?");
  return {
    /** Files that nothing refers to any more and nobody has deleted yet. */
    garbage: (limit: number): string[] => garbage.all(limit).map(({ file }) => file),
    forget: (file: string): void => void forget.run(file),
  };
}

/** Keys of sealed bodies, and marks of those that are kept once. */
function keysOf(db: Database) {
  const marked = db.prepare<{ blob: number }, [number, Uint8Array]>(
    `SELECT blob FROM body_marks JOIN blobs ON blobs.id = blob
     WHERE bucket = ? AND mark = ? AND damaged_at IS NULL`,
  );
  const mark = db.prepare<null, [number, Uint8Array, number]>(
    "INSERT OR REPLACE INTO body_marks VALUES(?,?,?)",
  );
  const key = db.prepare<SealedKey, [number]>(
    "SELECT ring, version, context, sealed FROM blob_keys WHERE blob = ?",
  );
  return {
    /** A body of the bucket's with this mark that is not damaged. */
    marked: (bucket: number, its: Uint8Array): number | undefined => marked.get(bucket, its)?.blob,
    mark: (bucket: number, its: Uint8Array, blob: number): void => void mark.run(bucket, its, blob),
    keyOf: (id: number): SealedKey | undefined => key.get(id) ?? undefined,
  };
}

/** Counting who refers to a body, and who reads it. */
function referencesOf(db: Database) {
  const share = db.prepare<null, [number]>("UPDATE blobs SET refs = refs + 1 WHERE id = ?");
  const unshare = db.prepare<null, [number]>("UPDATE blobs SET refs = refs - 1 WHERE id = ?");
  const refs = db.prepare<Pick<BlobRow, "refs" | "file" | "parts" | "form" | "marked">, [number]>(
    "SELECT refs, file, parts, form, marked FROM blobs WHERE id = ?",
  );
  const removeMark = db.prepare<null, [number]>("DELETE FROM body_marks WHERE blob = ?");
  const removeKey = db.prepare<null, [number]>("DELETE FROM blob_keys WHERE blob = ?");
  const remove = db.prepare<null, [number]>("DELETE FROM blobs WHERE id = ?");
  const discard = db.prepare<null, [string]>("INSERT OR IGNORE INTO garbage VALUES(?)");
  const hold = db.prepare<null, [number, string]>("INSERT OR IGNORE INTO holds VALUES(?,?)");
  const release = db.prepare<null, [number, string]>("DELETE FROM holds WHERE blob = ? AND holder = ?");
  const isHeld = db.prepare<{ one: number }, [number]>("SELECT 1 AS one FROM holds WHERE blob = ? LIMIT 1");
  const holders = db.prepare<{ holder: string }, []>("SELECT DISTINCT holder FROM holds");
  const heldBy = db.prepare<{ blob: number }, [string]>("SELECT blob FROM holds WHERE holder = ?");

  /** The row goes, with all that it alone refers to. */
  function purge(id: number): string[] {
    const files: string[] = [];
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const row = refs.get(next);
      if (row && row.refs > 1) unshare.run(next);
      if (!row || row.refs > 1) continue;
      remove.run(next);
      if (row.form !== null) removeKey.run(next);
      if (row.marked !== null) removeMark.run(next);
      if (row.file !== null) {
        discard.run(row.file);
        files.push(row.file);
      }
      if (row.parts) open.push(...readSlices(row.parts).map(({ blob }) => blob));
    }
    return files;
  }

  return {
    share: (id: number): void => void share.run(id),
    /** One reference less. Gives back the files that nothing refers to any more; they are in `garbage`
     *  from this transaction on, until somebody has deleted them. */
    drop(id: number): string[] {
      const row = refs.get(id);
      if (!row) return [];
      const waits = row.refs > 1 || (row.parts !== null && isHeld.get(id) !== null);
      if (!waits) return purge(id);
      unshare.run(id);
      return [];
    },
    hold: (id: number, holder: string): void => void hold.run(id, holder),
    /** Nobody reads it here any more. Gives back what `drop` does. */
    release(id: number, holder: string): string[] {
      release.run(id, holder);
      return refs.get(id)?.refs === 0 && isHeld.get(id) === null ? purge(id) : [];
    },
    holders: (): string[] => holders.all().map(({ holder }) => holder),
    /** What a dead process held. */
    heldBy: (holder: string): number[] => heldBy.all(holder).map(({ blob }) => blob),
  };
}

function writeSlices(slices: readonly BlobSlice[]): Uint8Array {
  const numbers = new Float64Array(slices.flatMap(({ blob, size }) => [blob, size]));
  return new Uint8Array(numbers.buffer);
}

export function readSlices(bytes: Uint8Array): BlobSlice[] {
  const numbers = new Float64Array(bytes.slice().buffer);
  const slices: BlobSlice[] = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) slices.push({ blob: numbers[i]!, size: numbers[i + 1]! });
  return slices;
}
