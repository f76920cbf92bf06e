import type { Entropy } from "../base/entropy.ts";
import { ok, type Result } from "../base/result.ts";
import {
  customerCheck,
  customerRefusal,
  encryptionDocument,
  isCustomerKey,
  readEncryptionDefault,
  sealTrouble,
  type Encryption,
  type EncryptionAsk,
} from "../rules/encryption.ts";
import {
  replicationStatus,
  type NewObject,
  type NewUpload,
  type ObjectFacts,
  type Objects,
} from "./objects.ts";

/** What a row of memory carries of how it would be sealed. */
type SealedFacts = ObjectFacts & { readonly encryption?: Encryption };

export const sealedFacts = (from: ObjectFacts & { readonly encryption?: unknown }): SealedFacts => ({
  contentType: from.contentType,
  headers: from.headers,
  metadata: from.metadata,
  tags: from.tags,
  modifiedAt: from.modifiedAt,
  ...(from.encryption ? { encryption: from.encryption as Encryption } : {}),
});

/** Objects in memory, that say how each would be sealed and ask for customers' keys. Nothing lies on a disk
 *  here, so nothing is sealed; every key that is named exists. */
export function sealedMemory(inner: Objects, entropy: Entropy): Objects {
  async function resolved(bucket: string, ask: EncryptionAsk | undefined): Promise<Encryption | undefined> {
    const found = await inner.bucket(bucket);
    const said = found.ok ? found.value.documents[encryptionDocument] : undefined;
    const wanted = ask ?? readEncryptionDefault(said);
    if (wanted?.kind === "customer") return { kind: "customer", check: customerCheck(wanted.key, entropy) };
    return wanted?.kind === "key" ? { ...wanted, key: wanted.key ?? "default" } : wanted;
  }
  const as = <T extends object>(ask: T, encryption: Encryption | undefined): T => ({ ...ask, encryption });
  return {
    ...unsealed(inner),
    put: async (by, name, body, put) =>
      inner.put(by, name, body, as<NewObject>(put, await resolved(name.bucket, put.encryption))),
    createUpload: async (by, name, upload) =>
      inner.createUpload(by, name, as<NewUpload>(upload, await resolved(name.bucket, upload.encryption))),
    async get(name, version, how) {
      const found = await inner.get(name, version);
      const refusal = found.ok && customerRefusal(found.value.version.encryption, how?.customerKey);
      return refusal ? { ok: false, fault: refusal } : found;
    },
    async putPart(by, name, id, number, body, part) {
      const upload = await inner.upload(name, id);
      const fits = upload.ok ? checkPartKey(upload.value.encryption, part.customerKey) : ok();
      return fits.ok ? inner.putPart(by, name, id, number, body, part) : fits;
    },
    async copy(by, ask) {
      const source = await inner.head(ask.from, ask.from.version);
      if (!source.ok) return source;
      const refusal = customerRefusal(source.value.encryption, ask.sourceKey);
      if (refusal) return { ok: false, fault: refusal };
      const encryption = await resolved(ask.to.bucket, ask.encryption);
      const { [replicationStatus]: _, ...headers } = source.value.headers;
      const facts = ask.facts ?? { ...source.value, headers };
      return inner.copy(by, { ...ask, facts: { ...sealedFacts(facts), encryption } as ObjectFacts });
    },
  };
}

function checkPartKey(encryption: Encryption | undefined, key: Uint8Array | undefined): Result<void> {
  if (encryption?.kind !== "customer") return ok();
  if (!key) return sealTrouble("customer-key-missing");
  return isCustomerKey(encryption.check, key) ? ok() : sealTrouble("customer-key-wrong");
}

/** What sealing does not touch. */
const unsealed = (inner: Objects): Objects => ({
  createBucket: (by, bucket) => inner.createBucket(by, bucket),
  bucket: (name) => inner.bucket(name),
  buckets: (tenant, after, limit) => inner.buckets(tenant, after, limit),
  changeBucket: (by, name, change) => inner.changeBucket(by, name, change),
  deleteBucket: (by, name) => inner.deleteBucket(by, name),
  usage: (bucket) => inner.usage(bucket),
  put: (by, name, body, put) => inner.put(by, name, body, put),
  head: (name, version) => inner.head(name, version),
  get: (name, version, how) => inner.get(name, version, how),
  remove: (by, name, version, when) => inner.remove(by, name, version, when),
  copy: (by, ask) => inner.copy(by, ask),
  move: (by, bucket, from, to, how) => inner.move(by, bucket, from, to, how),
  describe: (by, name, version, facts) => inner.describe(by, name, version, facts),
  setLock: (by, name, version, change) => inner.setLock(by, name, version, change),
  list: (ask) => inner.list(ask),
  listVersions: (ask) => inner.listVersions(ask),
  createUpload: (by, name, upload) => inner.createUpload(by, name, upload),
  upload: (name, id) => inner.upload(name, id),
  putPart: (by, name, id, number, body, part) => inner.putPart(by, name, id, number, body, part),
  parts: (name, id, after, limit) => inner.parts(name, id, after, limit),
  completeUpload: (by, name, id, how) => inner.completeUpload(by, name, id, how),
  abortUpload: (by, name, id) => inner.abortUpload(by, name, id),
  uploads: (ask) => inner.uploads(ask),
});
