import type { Clock } from "../../base/time.ts";
import { encryptionDocument, readEncryptionDefault, type EncryptionDefault } from "../../rules/encryption.ts";
import type { BucketTable } from "../catalog/bucket-table.ts";
import type { ChangeMarks } from "../change-marks.ts";

/** What a bucket says of the form of new bodies. */
export interface BucketForm {
  readonly tenant: string;
  readonly encryption: EncryptionDefault | undefined;
}

const plainForm: BucketForm = { tenant: "", encryption: undefined };
/** As in hot-objects.ts: a process that died between a commit and its word is not waited for longer. */
const trustMs = 2000;
const mostBuckets = 1000;

/** Remembers what buckets say of the form of new bodies, so that what is kept as it came costs no look at the
 *  catalog. Exact, as hot-objects.ts is. */
export class BucketForms {
  readonly #table: BucketTable;
  readonly #marks: ChangeMarks | undefined;
  readonly #clock: Clock;
  readonly #known = new Map<string, { mark: number; until: number; form: BucketForm }>();

  constructor(table: BucketTable, marks: ChangeMarks | undefined, clock: Clock) {
    this.#table = table;
    this.#marks = marks;
    this.#clock = clock;
  }

  /** Of a bucket that is not there: as it came. */
  of(bucket: string): BucketForm {
    if (!this.#marks) return this.#read(bucket);
    const mark = this.#marks.of(bucket);
    const now = this.#clock.now();
    const known = this.#known.get(bucket);
    if (known && known.mark === mark && now < known.until) return known.form;
    const form = this.#read(bucket);
    if (this.#known.size >= mostBuckets) this.#known.clear();
    this.#known.set(bucket, { mark, until: now + trustMs, form });
    return form;
  }

  #read(bucket: string): BucketForm {
    const row = this.#table.named(bucket);
    if (!row) return plainForm;
    const encryption = readEncryptionDefault(this.#table.document(row.id, encryptionDocument));
    return { tenant: row.tenant, encryption };
  }
}
