import type { Database } from "bun:sqlite";
import type { Entropy } from "../../base/entropy.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Clock } from "../../base/time.ts";
import { Seal } from "../../crypto/seal.ts";
import {
  customerCheck,
  isCustomerKey,
  sealTrouble,
  type Encryption,
  type EncryptionAsk,
} from "../../rules/encryption.ts";
import type { Writer } from "../catalog/writer.ts";
import { houseKeyId, type KeyContext, type KeyService } from "../keys.ts";
import { BucketKeys } from "./bucket-keys.ts";
import { ringTable, type RingKeyRow, type RingTable } from "./key-table.ts";
import { dataPurpose, type KeyVault } from "./key-vault.ts";
import { findKey } from "./sqlite-key-ring.ts";

/** A body's data key as it is kept. */
export interface SealedKey {
  /** Who sealed it: a key of the ring by its id, "customer", "service", or "bucket" (a bucket's key under a
   *  key of the service). */
  readonly ring: string;
  readonly version: number;
  /** The encryption context, as JSON with sorted names. */
  readonly context: string;
  readonly sealed: Uint8Array;
}

export interface DataKey {
  readonly plain: Uint8Array;
  readonly kept: SealedKey;
}

/** What is about to be sealed. */
export interface SealedFor {
  readonly tenant: string;
  readonly bucket: string;
  readonly key: string;
}

export interface DataKeysNeeds {
  readonly write: Database;
  readonly read: Database;
  readonly writer: Writer;
  readonly vault: KeyVault;
  readonly entropy: Entropy;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly service: KeyService | undefined;
}

/** The alias of a tenant's key that seals where SSE-KMS is asked for without naming one. */
const defaultAlias = "aws/s3";

/** Makes a fresh key for every body and keeps it sealed (envelope encryption). */
export class DataKeys {
  readonly #needs: DataKeysNeeds;
  readonly #r: RingTable;
  readonly #w: RingTable;
  readonly #bucketKeys: BucketKeys | undefined;

  constructor(needs: DataKeysNeeds) {
    this.#needs = needs;
    this.#r = ringTable(needs.read);
    this.#w = ringTable(needs.write);
    const { service, clock, entropy } = needs;
    this.#bucketKeys = service && new BucketKeys(service, clock, entropy);
  }

  /** See KeyVault. */
  mark(sha256: Uint8Array, seal: string): Uint8Array {
    return this.#needs.vault.mark(sha256, seal);
  }

  /** What is kept of an ask: which key it means, by its id.
   *  Faults: those of `sealTrouble`, and of the service or the catalog. */
  async resolve(ask: EncryptionAsk, tenant: string): Promise<Result<Encryption>> {
    if (ask.kind === "house") return ok(ask);
    if (ask.kind === "customer") {
      return ok({ kind: "customer", check: customerCheck(ask.key, this.#needs.entropy) });
    }
    if (this.#needs.service) return ok({ ...ask, key: ask.key ?? "" });
    const row = await this.#ringKey(tenant, ask.key);
    if (!row.ok) return row;
    return row.value.state === "enabled"
      ? ok({ ...ask, key: row.value.id })
      : sealTrouble("kms-key-disabled");
  }

  async #ringKey(tenant: string, name: string | undefined): Promise<Result<RingKeyRow>> {
    const there = findKey(this.#r, tenant, name ?? defaultAlias);
    if (there && there.id !== houseKeyId) return ok(there);
    return name === undefined
      ? this.#make(this.#needs.newId(), tenant, defaultAlias)
      : sealTrouble("kms-key-unknown");
  }

  /** Makes a key of the ring that must be there, unless another process has just made it. */
  #make(id: string, tenant: string, alias: string): Promise<Result<RingKeyRow>> {
    const { writer, vault, clock } = this.#needs;
    const at = clock.wall();
    return writer.write(() => {
      const there = this.#w.byAlias(tenant, alias);
      if (there) return ok(there);
      this.#w.insert(id, tenant, alias, at);
      this.#w.insertVersion(id, 1, vault.make(id, 1), at);
      return ok(this.#w.byId(id)!);
    });
  }

  /** A fresh key for one body, sealed as `encryption` says; `customer` is the customer's key where it is
   *  that. Gives `encryption` back with the key's name as its keeper says it. */
  async make(
    encryption: Encryption,
    about: SealedFor,
    customer: Uint8Array | undefined,
  ): Promise<Result<{ key: DataKey; encryption: Encryption }>> {
    if (encryption.kind === "customer") {
      if (!customer) return sealTrouble("customer-key-missing");
      if (!isCustomerKey(encryption.check, customer)) return sealTrouble("customer-key-wrong");
      const seal = new Seal(customer, this.#needs.entropy);
      return ok({ key: this.#sealed(seal, "customer", 0, ""), encryption });
    }
    if (encryption.kind === "house") {
      const there = this.#r.byId(houseKeyId);
      const key = there ? ok(there) : await this.#make(houseKeyId, "", "s3");
      return key.ok ? this.#underRing(key.value, encryption, "") : key;
    }
    const context = contextOf(encryption.context, about, encryption.bucketKey);
    if (this.#needs.service) return this.#served(encryption, context);
    const row = this.#r.byId(encryption.key);
    return row ? this.#underRing(row, encryption, contextText(context)) : sealTrouble("kms-key-unknown");
  }

  #underRing(row: RingKeyRow, encryption: Encryption, context: string): ReturnType<DataKeys["make"]> {
    if (row.state !== "enabled") return Promise.resolve(sealTrouble("kms-key-disabled"));
    const seal = this.#needs.vault.of(this.#r, row.id, row.version);
    if (!seal) return Promise.resolve(lostKey(row.id));
    return Promise.resolve(ok({ key: this.#sealed(seal, row.id, row.version, context), encryption }));
  }

  #sealed(seal: Seal, ring: string, version: number, context: string): DataKey {
    const plain = this.#needs.vault.freshKey();
    return { plain, kept: { ring, version, context, sealed: seal.close(plain, dataPurpose(context)) } };
  }

  async #served(encryption: Encryption & { kind: "key" }, context: KeyContext): ReturnType<DataKeys["make"]> {
    const { key, bucketKey } = encryption;
    const asked = key === "" ? undefined : key;
    const text = contextText(context);
    if (bucketKey) {
      const under = await this.#bucketKeys!.current(asked, context);
      if (!under.ok) return under;
      const plain = this.#needs.vault.freshKey();
      const sealed = this.#bucketKeys!.close(under.value, plain, dataPurpose(text));
      const kept = { ring: "bucket", version: 0, context: text, sealed };
      return ok({ key: { plain, kept }, encryption: { ...encryption, key: under.value.key } });
    }
    const made = await this.#needs.service!.newDataKey(asked, context);
    if (!made.ok) return made;
    const kept = { ring: "service", version: 0, context: text, sealed: made.value.sealed };
    return ok({ key: { plain: made.value.plain, kept }, encryption: { ...encryption, key: made.value.key } });
  }

  /** The data key in the open. Faults: those of `sealTrouble`, damaged, unavailable. */
  async open(kept: SealedKey, customer: Uint8Array | undefined): Promise<Result<Uint8Array>> {
    const { ring, version, context, sealed } = kept;
    if (ring === "customer") {
      if (!customer) return sealTrouble("customer-key-missing");
      const plain = new Seal(customer, this.#needs.entropy).open(sealed, dataPurpose(context));
      return plain ? ok(plain) : sealTrouble("customer-key-wrong");
    }
    if (ring === "service" || ring === "bucket") return this.#openServed(kept);
    const row = this.#r.byId(ring);
    if (!row) return lostKey(ring);
    if (row.state === "disabled") return sealTrouble("kms-key-disabled");
    const plain = this.#needs.vault.of(this.#r, ring, version)?.open(sealed, dataPurpose(context));
    return plain ? ok(plain) : lostKey(ring);
  }

  async #openServed({ ring, context, sealed }: SealedKey): Promise<Result<Uint8Array>> {
    const { service } = this.#needs;
    if (!service) {
      const mend = "set kms.endpoint and its credentials as they were";
      return fail("unavailable", "the key service that sealed this is not configured", { mend });
    }
    const bound = context === "" ? {} : (JSON.parse(context) as KeyContext);
    if (ring === "service") return service.open(sealed, bound);
    return this.#bucketKeys!.open(sealed, bound, dataPurpose(context));
  }
}

const lostKey = (id: string): Result<never> =>
  fail("damaged", "the key that sealed this does not open: is the master key the one it was made with?", {
    where: id,
  });

/** What AWS binds a data key to: the object's ARN, or the bucket's where bucket keys are used, and what the
 *  sender adds. */
function contextOf(
  sent: Readonly<Record<string, string>> | undefined,
  { bucket, key }: SealedFor,
  bucketKey: boolean,
): KeyContext {
  return { ...sent, "aws:s3:arn": `arn:aws:s3:::${bucket}${bucketKey ? "" : `/${key}`}` };
}

const contextText = (context: KeyContext): string =>
  JSON.stringify(Object.fromEntries(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));
