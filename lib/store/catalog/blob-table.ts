import type { Database } from "bun:sqlite";

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
}

/** What is about to be referred to. */
export type NewBlob =
  | { readonly in: "row"; readonly body: Uint8Array; readonly check32: number }
  | { readonly in: "file"; readonly file: string; readonly size: number }
  | { readonly in: "parts"; readonly parts: readonly BlobSlice[]; readonly size: number };

export interface BlobSlice {
  readonly blob: number;
  readonly size: number;
}

/** Statements on bodies, over one connection. */
export type BlobTable = ReturnType<typeof blobTable>;

export function blobTable(db: Database) {
  const get = db.prepare<BlobRow, [number]>("SELECT * FROM blobs WHERE id = ?");
  const insert = db.prepare<
    null,
    [number, number | null, string | null, Uint8Array | null, Uint8Array | null]
  >("INSERT INTO blobs(refs, size, check32, file, parts, body) VALUES(1,?,?,?,?,?)");
  const share = db.prepare<null, [number]>("UPDATE blobs SET refs = refs + 1 WHERE id = ?");
  const unshare = db.prepare<Pick<BlobRow, "refs" | "file" | "parts">, [number]>(
    "UPDATE blobs SET refs = refs - 1 WHERE id = ? RETURNING refs, file, parts",
  );
  const remove = db.prepare<null, [number]>("DELETE FROM blobs WHERE id = ?");
  const discard = db.prepare<null, [string]>("INSERT OR IGNORE INTO garbage VALUES(?)");
  const forget = db.prepare<null, [string]>("DELETE FROM garbage WHERE file = ?");
  const garbage = db.prepare<{ file: string }, [number]>("SELECT file FROM garbage LIMIT ?");
  const withFile = db.prepare<{ id: number }, [string]>(
    "SELECT id FROM blobs WHERE file = ? AND file IS NOT NULL",
  );

  return {
    get: (id: number): BlobRow | undefined => get.get(id) ?? undefined,
    insert(blob: NewBlob): number {
      const size = blob.in === "row" ? blob.body.length : blob.size;
      const row = insert.run(
        size,
        blob.in === "row" ? blob.check32 : null,
        blob.in === "file" ? blob.file : null,
        blob.in === "parts" ? writeSlices(blob.parts) : null,
        blob.in === "row" ? blob.body : null,
      );
      return Number(row.lastInsertRowid);
    },
    share: (id: number): void => void share.run(id),
    /** One reference less. Gives back the files that nothing refers to any more; they are in `garbage`
     *  from this transaction on, until somebody has deleted them. */
    drop(id: number): string[] {
      const files: string[] = [];
      const open = [id];
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        const left = unshare.get(next);
        if (!left || left.refs > 0) continue;
        remove.run(next);
        if (left.file !== null) {
          discard.run(left.file);
          files.push(left.file);
        }
        if (left.parts) open.push(...readSlices(left.parts).map(({ blob }) => blob));
      }
      return files;
    },
    forget: (file: string): void => void forget.run(file),
    garbage: (limit: number): string[] => garbage.all(limit).map(({ file }) => file),
    hasFile: (file: string): boolean => withFile.get(file) !== null,
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
