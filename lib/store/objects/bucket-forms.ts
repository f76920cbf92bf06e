import type { Clock } from "../../base/time.ts";
import { encryptionDocument, readEncryptionDefault, type EncryptionDefault } from "../../rules/encryption.ts";
import { compressionDocument, deduplicationDocument } from "../../rules/stored-form.ts";
import type { BucketTable } from "../catalog/bucket-table.ts";
import type { ChangeMarks } from "../change-marks.ts";

/** What a bucket says of the form of new bodies. */
export interface BucketForm {
  readonly tenant: string;
  readonly encryption: EncryptionDefault | undefined;
  readonly compresses: boolean;
  /** Its number, where equal bodies are kept once. */
  readonly deduplicates: number | undefined;
}

const plainForm: BucketForm = {
  tenant: "",
  encryption: undefined,
  compresses: false,
  deduplicates: undefined,
};
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
    const { id, tenant } = row;
    const says = (name: string): string | undefined => this.#table.document(id, name);
    return {
      tenant,
      encryption: readEncryptionDefault(says(encryptionDocument)),
      compresses: says(compressionDocument) !== undefined,
      deduplicates: says(deduplicationDocument) === undefined ? undefined : id,
    };
  }
}
