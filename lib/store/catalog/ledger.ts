import type { Usage } from "../../rules/quota.ts";
import type { Database } from "bun:sqlite";
import { bucketTable, type BucketRow, type BucketTable } from "./bucket-table.ts";
import type { Turns, Writer } from "./writer.ts";

/** Buckets as one transaction of many jobs sees them: each row is read once, and what the jobs add to its
 *  counters is written once, before the commit. A job that is undone takes back only its own. */
export class Ledger implements Turns {
  readonly #read: (name: string) => BucketRow | undefined;
  readonly #write: (id: number, delta: Usage) => void;
  readonly #rows = new Map<string, BucketRow>();
  readonly #documents = new Map<string, string | undefined>();
  readonly #done = new Map<number, Usage>();
  readonly #job = new Map<number, Usage>();

  constructor(read: (name: string) => BucketRow | undefined, write: (id: number, delta: Usage) => void) {
    this.#read = read;
    this.#write = write;
  }

  named(name: string): BucketRow | undefined {
    const row = this.#rows.get(name) ?? this.#read(name);
    if (!row) return undefined;
    this.#rows.set(name, row);
    const done = this.#done.get(row.id);
    const job = this.#job.get(row.id);
    if (!done && !job) return row;
    return {
      ...row,
      used_bytes: row.used_bytes + (done?.bytes ?? 0) + (job?.bytes ?? 0),
      used_objects: row.used_objects + (done?.objects ?? 0) + (job?.objects ?? 0),
    };
  }

  /** A bucket's document, read once by `read`. */
  document(id: number, name: string, read: () => string | undefined): string | undefined {
    const at = `${id} ${name}`;
    if (!this.#documents.has(at)) this.#documents.set(at, read());
    return this.#documents.get(at);
  }

  #forget(): void {
    this.#rows.clear();
    this.#documents.clear();
  }

  use(id: number, delta: Usage): void {
    if (delta.bytes !== 0 || delta.objects !== 0) add(this.#job, id, delta);
  }

  /** A bucket's other columns have changed. */
  changed(): void {
    this.#forget();
  }

  jobEnded(kept: boolean): void {
    if (kept) for (const [id, delta] of this.#job) add(this.#done, id, delta);
    else this.#forget(); // it may have changed a bucket
    this.#job.clear();
  }

  beforeCommit(): void {
    for (const [id, delta] of this.#done) this.#write(id, delta);
  }

  ended(): void {
    this.#forget();
    this.#done.clear();
    this.#job.clear();
  }
}

function add(to: Map<number, Usage>, id: number, delta: Usage): void {
  const sum = to.get(id);
  to.set(id, {
    bytes: (sum?.bytes ?? 0) + delta.bytes,
    objects: (sum?.objects ?? 0) + delta.objects,
  });
}

/** Buckets for jobs of the writer: each bucket is read once a transaction, and counted once. */
export function ledgeredBuckets(db: Database, writer: Writer): BucketTable {
  const table = bucketTable(db);
  const ledger = new Ledger(
    (name) => table.named(name),
    (id, delta) => table.use(id, delta),
  );
  writer.follow(ledger);
  return {
    ...table,
    named: (name) => ledger.named(name),
    document: (id, name) => ledger.document(id, name, () => table.document(id, name)),
    use: (id, delta) => ledger.use(id, delta),
    forget: () => ledger.changed(),
    insert(bucket) {
      table.insert(bucket);
      ledger.changed();
    },
    change(id, change) {
      table.change(id, change);
      ledger.changed();
    },
    remove(id) {
      table.remove(id);
      ledger.changed();
    },
  };
}
