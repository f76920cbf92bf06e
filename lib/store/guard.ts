import { fail, ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import type { Resource, Verb } from "../rules/access.ts";
import type { Actor } from "../rules/identity.ts";
import type { Page } from "./content.ts";
import { Gatekeeper, type Sight } from "./gatekeeper.ts";
import type { Identities } from "./identities.ts";
import type {
  Bucket,
  CopyAsk,
  ListAsk,
  Listing,
  MoveHow,
  NewBucket,
  ObjectName,
  Objects,
  UploadListing,
  VersionListing,
} from "./objects.ts";

/** The same port bound to one actor: whoever calls, the change is this actor's, and `rules/access` is asked
 *  first, deny by default. Listings show what may be seen. A name that is absent is told as `denied` to whom
 *  may not list it. Adds to every method the fault: denied. */
export function guardObjects(objects: Objects, identities: Identities, actor: Actor, clock: Clock): Objects {
  const guard = new Guard(objects, new Gatekeeper(identities, clock, actor));
  const by = actor;
  const write = "object.write";
  return {
    createBucket: (_, bucket) => guard.createBucket(bucket),
    bucket: (name) => guard.onBucket("bucket.read", name, (bucket) => Promise.resolve(ok(bucket))),
    buckets: (tenant, after, limit) => guard.buckets(tenant, after, limit),
    changeBucket: (_, name, change) =>
      guard.onBucket("bucket.configure", name, () => objects.changeBucket(by, name, change)),
    deleteBucket: (_, name) => guard.onBucket("bucket.delete", name, () => objects.deleteBucket(by, name)),
    usage: (name) => guard.onBucket("bucket.read", name, () => objects.usage(name)),

    put: (_, name, body, put) => guard.onKey(write, name, () => objects.put(by, name, body, put)),
    head: (name, version) => guard.reads(name, version, () => objects.head(name, version)),
    get: (name, version, how) => guard.reads(name, version, () => objects.get(name, version, how)),
    remove: (_, name, version, when) =>
      guard.onKey(version === undefined ? "object.delete" : "version.delete", name, () =>
        objects.remove(by, name, version, when),
      ),
    copy: (_, ask) => guard.copy(ask),
    move: (_, bucket, from, to, how) => guard.move(bucket, from, to, how),
    describe: (_, name, version, facts) =>
      guard.onKey(write, name, () => objects.describe(by, name, version, facts)),
    setLock: (_, name, version, change) =>
      guard.onKey("version.delete", name, () => objects.setLock(by, name, version, change)),

    list: (ask) => guard.lists(ask, () => objects.list(ask), seenObjects),
    listVersions: (ask) => guard.lists(ask, () => objects.listVersions(ask), seenVersions),

    createUpload: (_, name, upload) => guard.onKey(write, name, () => objects.createUpload(by, name, upload)),
    upload: (name, id) => guard.onKey(write, name, () => objects.upload(name, id)),
    putPart: (_, name, id, number, body, part) =>
      guard.onKey(write, name, () => objects.putPart(by, name, id, number, body, part)),
    parts: (name, id, after, limit) => guard.onKey(write, name, () => objects.parts(name, id, after, limit)),
    completeUpload: (_, name, id, how) =>
      guard.onKey(write, name, () => objects.completeUpload(by, name, id, how)),
    abortUpload: (_, name, id) => guard.onKey(write, name, () => objects.abortUpload(by, name, id)),
    uploads: (ask) => guard.lists(ask, () => objects.uploads(ask), seenUploads),
  };
}

const seenObjects = (page: Listing, sight: Sight): Listing => ({
  ...page,
  objects: page.objects.filter(({ key }) => sight.key(key)),
  prefixes: page.prefixes.filter((prefix) => sight.some(prefix)),
});
const seenVersions = (page: VersionListing, sight: Sight): VersionListing => ({
  ...page,
  versions: page.versions.filter(({ key }) => sight.key(key)),
  prefixes: page.prefixes.filter((prefix) => sight.some(prefix)),
});
const seenUploads = (page: UploadListing, sight: Sight): UploadListing => ({
  ...page,
  uploads: page.uploads.filter(({ key }) => sight.key(key)),
  prefixes: page.prefixes.filter((prefix) => sight.some(prefix)),
});

class Guard {
  readonly #objects: Objects;
  readonly #gate: Gatekeeper;

  constructor(objects: Objects, gate: Gatekeeper) {
    this.#objects = objects;
    this.#gate = gate;
  }

  async createBucket(ask: NewBucket): Promise<Result<Bucket>> {
    const { principal } = this.#gate.actor;
    if (principal.kind === "user" && principal.user.tenant !== ask.tenant) {
      return fail("denied", "the bucket would belong to another tenant");
    }
    const allowed = await this.#gate.asks("bucket.create", { kind: "house" });
    return allowed.ok ? this.#objects.createBucket(this.#gate.actor, ask) : allowed;
  }

  /** The pages are filled up: a bucket that may not be seen takes no place. */
  async buckets(tenant: string, after: string, limit: number): Promise<Page<Bucket>> {
    const rows: Bucket[] = [];
    for (let from = after; ;) {
      const page = await this.#objects.buckets(tenant, from, limit);
      for (const bucket of page.rows) {
        if (rows.length === limit) return { rows, next: rows.at(-1)?.name };
        if (await this.#shows(bucket)) rows.push(bucket);
      }
      if (page.next === undefined) return { rows, next: undefined };
      from = page.next;
    }
  }

  async #shows(bucket: Bucket): Promise<boolean> {
    const read = await this.#gate.asks("bucket.read", { kind: "bucket", bucket });
    return read.ok || (await this.#gate.sight("object.list", bucket)).some("");
  }

  async onBucket<T>(
    verb: Verb,
    name: string,
    run: (bucket: Bucket) => Promise<Result<T>>,
  ): Promise<Result<T>> {
    const bucket = await this.#objects.bucket(name);
    if (!bucket.ok) return bucket;
    const allowed = await this.#gate.asks(verb, { kind: "bucket", bucket: bucket.value });
    return allowed.ok ? run(bucket.value) : allowed;
  }

  async onKey<T>(verb: Verb, name: ObjectName, run: () => Promise<Result<T>>): Promise<Result<T>> {
    const what = await this.#object(name);
    if (!what.ok) return what;
    const allowed = await this.#gate.asks(verb, what.value);
    return allowed.ok ? run() : allowed;
  }

  async reads<T>(
    name: ObjectName,
    version: string | undefined,
    run: () => Promise<Result<T>>,
  ): Promise<Result<T>> {
    const what = await this.#object(name);
    if (!what.ok) return what;
    const allowed = await this.#gate.asks(version === undefined ? "object.read" : "version.read", what.value);
    if (!allowed.ok) return allowed;
    const result = await run();
    if (result.ok || result.fault.code !== "not-found") return result;
    const listed = await this.#gate.asks("object.list", what.value);
    return listed.ok ? result : listed;
  }

  async #object({ bucket, key }: ObjectName): Promise<Result<Resource>> {
    const found = await this.#objects.bucket(bucket);
    return found.ok ? ok({ kind: "object", bucket: found.value, key }) : found;
  }

  copy(ask: CopyAsk): ReturnType<Objects["copy"]> {
    const { from, to } = ask;
    return this.reads(from, from.version, () =>
      this.onKey("object.write", to, () => this.#objects.copy(this.#gate.actor, ask)),
    );
  }

  async move(bucketName: string, from: string, to: string, how: MoveHow): Promise<Result<void>> {
    const bucket = await this.#objects.bucket(bucketName);
    if (!bucket.ok) return bucket;
    const steps = [
      ["object.read", from],
      ["object.delete", from],
      ["object.write", to],
    ] as const;
    for (const [verb, key] of steps) {
      const allowed = how.folder
        ? await this.#gate.asksAll(verb, bucket.value, key)
        : await this.#gate.asks(verb, { kind: "object", bucket: bucket.value, key });
      if (!allowed.ok) return allowed;
    }
    return this.#objects.move(this.#gate.actor, bucketName, from, to, how);
  }

  async lists<P>(
    ask: ListAsk,
    list: () => Promise<Result<P>>,
    filter: (page: P, sight: Sight) => P,
  ): Promise<Result<P>> {
    const bucket = await this.#objects.bucket(ask.bucket);
    if (!bucket.ok) return bucket;
    const sight = await this.#gate.sight("object.list", bucket.value);
    if (!sight.some(ask.prefix)) {
      return fail("denied", "this is not allowed", { where: `object.list on ${ask.bucket}` });
    }
    const page = await list();
    return page.ok && !sight.all(ask.prefix) ? ok(filter(page.value, sight)) : page;
  }
}
