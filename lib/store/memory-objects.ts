import { compareUtf8, hex, utf8 } from "../base/bytes.ts";
import type { Entropy } from "../base/entropy.ts";
import { idMaker } from "../base/ids.ts";
import { limits } from "../base/limits.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import { isBucketName } from "../rules/bucket-name.ts";
import { principalName, type Actor } from "../rules/identity.ts";
import { fits, type Usage } from "../rules/quota.ts";
import { checkRetention, unlocked, type LockChange } from "../rules/retention.ts";
import { checkCondition } from "./condition.ts";
import type { Content, DigestName, Page, Source } from "./content.ts";
import { digestsOf } from "./digests.ts";
import { pageOfKeys } from "./key-pages.ts";
import { MemoryBucket, type Stored } from "./memory-bucket.ts";
import { contentOfBytes, keptDigests, readSource } from "./memory-content.ts";
import { moveKeys } from "./memory-move.ts";
import { sealedFacts, sealedMemory } from "./memory-seal.ts";
import { assemble, partBytes, type MemoryUpload } from "./memory-uploads.ts";
import { replicationStatus } from "./objects.ts";
import type {
  Bucket,
  BucketChange,
  Completion,
  Condition,
  CopyAsk,
  ListAsk,
  Listing,
  MoveHow,
  NewBucket,
  NewObject,
  NewPart,
  NewUpload,
  ObjectFacts,
  ObjectName,
  Objects,
  ObjectVersion,
  Part,
  RemoveCondition,
  Removed,
  Upload,
  UploadListing,
  VersionListing,
  VersionsAsk,
} from "./objects.ts";

/** Objects in memory, whole: for tests, and as the plainest telling of what the port means.
 *  Every change is one synchronous step once its bytes are here. */
export function memoryObjects(needs: { clock: Clock; entropy: Entropy }): Objects {
  return sealedMemory(new MemoryObjects(needs.clock, needs.entropy), needs.entropy);
}

class MemoryObjects implements Objects {
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #buckets = new Map<string, MemoryBucket>();

  constructor(clock: Clock, entropy: Entropy) {
    this.#clock = clock;
    this.#newId = idMaker(() => clock.wall(), entropy);
  }

  #at(name: string): Result<MemoryBucket> {
    const bucket = this.#buckets.get(name);
    return bucket ? ok(bucket) : fail("not-found", "there is no such bucket", { where: name });
  }

  async createBucket(_by: Actor, ask: NewBucket): Promise<Result<Bucket>> {
    if (!isBucketName(ask.name))
      return fail("bad-name", "this cannot be a bucket's name", { where: ask.name });
    const there = this.#buckets.get(ask.name);
    if (there) return fail("exists", "the bucket exists already", { where: there.facts.owner });
    const { name, tenant, owner, versioning = "off", quota = {} } = ask;
    const facts = { name, tenant, owner, versioning, quota, createdAt: this.#clock.wall(), documents: {} };
    this.#buckets.set(name, new MemoryBucket(facts, this.#newId));
    return ok(facts);
  }

  async bucket(name: string): Promise<Result<Bucket>> {
    const at = this.#at(name);
    return at.ok ? ok(at.value.facts) : at;
  }

  async buckets(tenant: string, after: string, limit: number): Promise<Page<Bucket>> {
    const mine = [...this.#buckets.values()].map(({ facts }) => facts).filter((b) => b.tenant === tenant);
    const later = mine.filter((b) => compareUtf8(b.name, after) > 0);
    const rows = later.sort((a, b) => compareUtf8(a.name, b.name)).slice(0, limit);
    return { rows, next: later.length > limit ? rows.at(-1)?.name : undefined };
  }

  async changeBucket(_by: Actor, name: string, change: BucketChange): Promise<Result<Bucket>> {
    const at = this.#at(name);
    return at.ok ? at.value.change(change) : at;
  }

  async deleteBucket(_by: Actor, name: string): Promise<Result<void>> {
    const at = this.#at(name);
    if (!at.ok) return at;
    if (!at.value.isEmpty) return fail("not-empty", "the bucket is not empty", { where: name });
    this.#buckets.delete(name);
    return ok();
  }

  async usage(name: string): Promise<Result<Usage>> {
    const at = this.#at(name);
    return at.ok ? ok(at.value.usage) : at;
  }

  async put(_by: Actor, name: ObjectName, body: Source, put: NewObject): Promise<Result<ObjectVersion>> {
    const target = this.#target(name);
    if (!target.ok) return target;
    const read = await readSource(body, put.digests, put.expect);
    if (!read.ok) return read;
    const { bytes, digests } = read.value;
    const made = { etag: hex(digests.md5!), digests: keptDigests(digests, put.digests), parts: [] };
    return this.#commit(name, put, put.when, bytes, {
      ...made,
      digestsOf: "object",
      lock: put.lock ?? unlocked,
    });
  }

  #target(name: ObjectName): Result<MemoryBucket> {
    const size = utf8(name.key).length;
    if (size === 0 || size > limits.keyBytes || !name.key.isWellFormed()) {
      return fail("bad-name", "a key has 1 to 1024 bytes of UTF-8");
    }
    return this.#at(name.bucket);
  }

  /** The one step in which a name gets its new content. */
  #commit(
    name: ObjectName,
    facts: ObjectFacts,
    when: Condition,
    bytes: Uint8Array,
    made: Pick<ObjectVersion, "etag" | "digests" | "digestsOf" | "parts" | "lock">,
    spared = 0,
  ): Result<ObjectVersion> {
    const target = this.#target(name);
    if (!target.ok) return target;
    const holds = checkCondition(when, target.value.current(name.key), "write");
    if (!holds.ok) return holds;
    const createdAt = this.#clock.wall();
    const { bucket, key } = name;
    const fixed = { bucket, key, version: "null", deleteMarker: false, size: bytes.length, createdAt };
    const row = { ...sealedFacts(facts), ...made, ...fixed };
    return target.value.place(key, { row, bytes }, createdAt, spared, when.replica);
  }

  #find(name: ObjectName, version?: string): Result<{ bucket: MemoryBucket; stored: Stored }> {
    const at = this.#at(name.bucket);
    if (!at.ok) return at;
    const versions = at.value.of(name.key);
    const stored = version === undefined ? versions[0] : versions.find(({ row }) => row.version === version);
    if (stored) return ok({ bucket: at.value, stored });
    const what = version === undefined ? "there is no such object" : "there is no such version";
    return fail("not-found", what, { where: `${name.bucket}/${name.key}` });
  }

  async head(name: ObjectName, version?: string): Promise<Result<ObjectVersion>> {
    const found = this.#find(name, version);
    return found.ok ? ok(found.value.bucket.shown(found.value.stored)) : found;
  }

  async get(
    name: ObjectName,
    version?: string,
  ): Promise<Result<{ version: ObjectVersion; content: Content }>> {
    const found = this.#findContent(name, version);
    if (!found.ok) return found;
    const { bucket, stored } = found.value;
    return ok({ version: bucket.shown(stored), content: contentOfBytes(stored.bytes) });
  }

  #findContent(name: ObjectName, version?: string): Result<{ bucket: MemoryBucket; stored: Stored }> {
    const found = this.#find(name, version);
    if (!found.ok || !found.value.stored.row.deleteMarker) return found;
    return fail("not-found", "the object was deleted", { where: `${name.bucket}/${name.key}` });
  }

  async remove(
    _by: Actor,
    name: ObjectName,
    version?: string,
    when?: RemoveCondition,
  ): Promise<Result<Removed>> {
    const at = this.#at(name.bucket);
    if (!at.ok) return at;
    const bucket = at.value;
    if (when?.replica && bucket.of(name.key).some(({ row }) => row.version === when.replica)) {
      return ok({ version: when.replica, deleteMarker: true });
    }
    const holds = checkCondition(when, bucket.current(name.key), "remove");
    if (!holds.ok) return holds;
    const { versioning } = bucket.facts;
    const marks = version === undefined && versioning !== "off";
    const gone =
      version === undefined
        ? bucket.replaced(name.key)
        : bucket.of(name.key).find(({ row }) => row.version === version);
    if (gone) {
      const free = checkRetention(gone.row.lock, this.#clock.wall(), when?.bypassGovernance);
      if (!free.ok) return free;
      bucket.take(gone);
    }
    const mark = marks && bucket.mark(name.key, this.#clock.wall(), false, when?.replica);
    if (mark) return ok({ version: mark.version, deleteMarker: true });
    return ok({ version: gone?.row.version, deleteMarker: gone?.row.deleteMarker ?? false });
  }

  async copy(_by: Actor, ask: CopyAsk): Promise<Result<ObjectVersion>> {
    const found = this.#findContent(ask.from, ask.from.version);
    if (!found.ok) return found;
    const { row, bytes } = found.value.stored;
    const digests = { ...row.digests, ...digestsOf(ask.digests, bytes) };
    const { etag, digestsOf: of, parts } = row;
    const made = { etag, digests, digestsOf: of, parts, lock: ask.lock ?? unlocked };
    const { [replicationStatus]: _, ...headers } = row.headers;
    return this.#commit(ask.to, ask.facts ?? { ...row, headers }, ask.when, bytes, made);
  }

  async move(_by: Actor, bucket: string, from: string, to: string, how: MoveHow): Promise<Result<void>> {
    const target = this.#target({ bucket, key: to });
    return target.ok ? moveKeys(target.value, from, to, how, this.#clock.wall()) : target;
  }

  async describe(
    _by: Actor,
    name: ObjectName,
    version: string | undefined,
    { replication, ...facts }: Parameters<Objects["describe"]>[3],
  ): Promise<Result<ObjectVersion>> {
    const found = this.#findContent(name, version);
    if (!found.ok) return found;
    const { bucket, stored } = found.value;
    if (replication) {
      const headers = { ...stored.row.headers, [replicationStatus]: replication };
      return ok(bucket.swap(stored, { ...stored.row, headers }));
    }
    return ok(bucket.swap(stored, { ...stored.row, ...sealedFacts({ ...stored.row, ...facts }) }));
  }

  async setLock(
    _by: Actor,
    name: ObjectName,
    version: string | undefined,
    change: LockChange,
  ): Promise<Result<ObjectVersion>> {
    const found = this.#findContent(name, version);
    if (!found.ok) return found;
    const { bucket, stored } = found.value;
    return bucket.lock(stored, change, this.#clock.wall());
  }

  async list(ask: ListAsk): Promise<Result<Listing>> {
    const at = this.#at(ask.bucket);
    if (!at.ok) return at;
    const { rows, prefixes, next } = pageOfKeys(at.value.keys, ask, (key) => {
      const live = at.value.live(key);
      return live ? [at.value.shown(live)] : [];
    });
    return ok({ objects: rows, prefixes, next });
  }

  async listVersions(ask: VersionsAsk): Promise<Result<VersionListing>> {
    const at = this.#at(ask.bucket);
    if (!at.ok) return at;
    const again = ask.afterVersion !== "";
    const page = pageOfKeys(
      at.value.keys,
      ask,
      (key) => {
        const all = at.value.of(key);
        const from =
          again && key === ask.after ? all.findIndex(({ row }) => row.version === ask.afterVersion) : -1;
        return all.slice(from + 1).map((stored) => at.value.shown(stored));
      },
      again,
    );
    const { rows, prefixes, next } = page;
    const last = rows.at(-1);
    const version = next !== undefined && last?.key === next ? last.version : "";
    return ok({ versions: rows, prefixes, next: next === undefined ? undefined : { key: next, version } });
  }

  async createUpload(by: Actor, name: ObjectName, ask: NewUpload): Promise<Result<Upload>> {
    const target = this.#target(name);
    if (!target.ok) return target;
    const initiator = by.principal.kind === "user" ? by.principal.user.id : principalName(by.principal);
    const { digests, digestsOf: of, lock = unlocked } = ask;
    const fixed = { id: this.#newId(), initiator, createdAt: this.#clock.wall(), digests, digestsOf: of };
    const upload: Upload = { ...sealedFacts(ask), bucket: name.bucket, key: name.key, ...fixed };
    target.value.uploads.set(upload.id, { upload, lock, parts: new Map() });
    return ok(upload);
  }

  #open(name: ObjectName, id: string): Result<{ bucket: MemoryBucket; open: MemoryUpload }> {
    const at = this.#at(name.bucket);
    if (!at.ok) return at;
    const open = at.value.uploads.get(id);
    if (open?.upload.key !== name.key) return fail("not-found", "there is no such upload", { where: id });
    return ok({ bucket: at.value, open });
  }

  async upload(name: ObjectName, id: string): Promise<Result<Upload>> {
    const found = this.#open(name, id);
    return found.ok ? ok(found.value.open.upload) : found;
  }

  async putPart(
    _by: Actor,
    name: ObjectName,
    id: string,
    number: number,
    body: Source,
    ask: NewPart,
  ): Promise<Result<Part>> {
    const before = this.#open(name, id);
    if (!before.ok) return before;
    if (!Number.isInteger(number) || number < 1 || number > limits.uploadParts) {
      return fail("invalid", "a part's number is 1 to 10,000", { where: "number" });
    }
    const names: DigestName[] = [...new Set([...before.value.open.upload.digests, ...ask.digests])];
    const read = await readSource(body, names, ask.expect);
    if (!read.ok) return read;
    const found = this.#open(name, id);
    if (!found.ok) return found;
    const { bucket, open } = found.value;
    const { bytes, digests } = read.value;
    const delta = { bytes: bytes.length - (open.parts.get(number)?.part.size ?? 0), objects: 0 };
    const fit = fits(bucket.facts.quota, bucket.usage, delta, `the bucket ${name.bucket}`);
    if (!fit.ok) return fit;
    bucket.count(delta);
    const etag = hex(digests.md5!);
    const createdAt = this.#clock.wall();
    const part = { number, size: bytes.length, etag, digests: keptDigests(digests, names), createdAt };
    open.parts.set(number, { part, bytes });
    return ok(part);
  }

  async parts(name: ObjectName, id: string, after: number, limit: number): Promise<Result<Page<Part>>> {
    const found = this.#open(name, id);
    if (!found.ok) return found;
    const all = [...found.value.open.parts.values()].map(({ part }) => part).filter((p) => p.number > after);
    const rows = all.sort((a, b) => a.number - b.number).slice(0, limit);
    return ok({ rows, next: all.length > limit ? String(rows.at(-1)!.number) : undefined });
  }

  async completeUpload(
    _by: Actor,
    name: ObjectName,
    id: string,
    how: Completion,
  ): Promise<Result<ObjectVersion>> {
    const found = this.#open(name, id);
    if (!found.ok) {
      const done = this.#buckets.get(name.bucket)?.completed.of(name.key, id);
      return done ? ok(done) : found;
    }
    const { bucket, open } = found.value;
    const whole = assemble(open, how);
    if (!whole.ok) return whole;
    const { bytes, etag, digests, sizes } = whole.value;
    const made = { etag, digests, digestsOf: open.upload.digestsOf, parts: sizes, lock: open.lock };
    const done = this.#commit(name, open.upload, how.when, bytes, made, partBytes(open));
    if (!done.ok) return done;
    bucket.uploads.delete(id);
    bucket.completed.keep(id, done.value);
    return done;
  }

  async abortUpload(_by: Actor, name: ObjectName, id: string): Promise<Result<void>> {
    const found = this.#open(name, id);
    if (!found.ok) return found;
    found.value.bucket.uploads.delete(id);
    found.value.bucket.count({ bytes: -partBytes(found.value.open), objects: 0 });
    return ok();
  }

  async uploads(ask: ListAsk & { readonly afterId: string }): Promise<Result<UploadListing>> {
    const at = this.#at(ask.bucket);
    if (!at.ok) return at;
    const byKey = Map.groupBy([...at.value.uploads.values()], ({ upload }) => upload.key);
    const again = ask.afterId !== "";
    const rowsOf = (key: string): Upload[] =>
      byKey
        .get(key)!
        .map(({ upload }) => upload)
        .filter(({ id }) => !again || key !== ask.after || compareUtf8(id, ask.afterId) > 0)
        .sort((a, b) => compareUtf8(a.id, b.id));
    const page = pageOfKeys([...byKey.keys()].sort(compareUtf8), ask, rowsOf, again);
    const { rows, prefixes, next } = page;
    const last = rows.at(-1);
    const id = next !== undefined && last?.key === next ? last.id : "";
    return ok({ uploads: rows, prefixes, next: next === undefined ? undefined : { key: next, id } });
  }
}
