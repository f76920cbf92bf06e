import type { Result } from "../base/result.ts";
import type { UnixMs } from "../base/time.ts";
import type { BucketFacts } from "../rules/access.ts";
import type { Encryption, EncryptionAsk } from "../rules/encryption.ts";
import type { Actor } from "../rules/identity.ts";
import type { Quota, Usage } from "../rules/quota.ts";
import type { Lock, LockChange } from "../rules/retention.ts";
import type { Content, Digests, DigestName, Page, Source } from "./content.ts";

export type Versioning = "off" | "enabled" | "suspended";

export interface Bucket extends BucketFacts {
  readonly versioning: Versioning;
  readonly quota: Quota;
  readonly createdAt: UnixMs;
  /** Configuration documents by name ("cors", "policy", "lifecycle" …), as the client sent them. */
  readonly documents: Readonly<Record<string, string>>;
}

/** A name in a bucket. Keys are byte-exact: 1–1024 UTF-8 bytes, never normalised. */
export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

/** The header of `ObjectFacts` under which a version says how it stands with its replication. Not copied. */
export const replicationStatus = "x-amz-replication-status";

/** What a writer says of the bytes. Header values are kept and given back as sent. */
export interface ObjectFacts {
  readonly contentType: string | undefined;
  /** Content-Encoding, Cache-Control … under their lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** `x-amz-meta-*` without the prefix; lower-case names. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** The file's own modification time, where a file door set one. */
  readonly modifiedAt: UnixMs | undefined;
}

export interface ObjectVersion extends ObjectName, ObjectFacts {
  /** "null", or the version's id. */
  readonly version: string;
  readonly latest: boolean;
  /** True: a tombstone without content. */
  readonly deleteMarker: boolean;
  readonly size: number;
  /** Without quotes: hex MD5, or hex-N for a multipart upload. */
  readonly etag: string;
  readonly digests: Digests;
  /** Whether the checksums other than MD5 are of the whole object or of its parts' checksums. */
  readonly digestsOf: "object" | "parts";
  /** Sizes of the parts it was uploaded in; empty for a single PUT. */
  readonly parts: readonly number[];
  readonly createdAt: UnixMs;
  readonly lock: LockState;
  /** How its bytes are sealed; absent: not at all. */
  readonly encryption?: Encryption;
}

/** Object lock of one version. */
export type LockState = Lock;

export interface NewObject extends ObjectFacts {
  /** Digests to compute and keep, beside MD5. */
  readonly digests: readonly DigestName[];
  /** What the bytes must hash to, by name; otherwise `digest` and nothing is stored. Read after the
   *  source has ended, so that trailers may fill it; a name that is not in `digests`, and so is checked but
   *  not kept, must be there from the start. */
  readonly expect: () => Digests;
  readonly when: Condition;
  readonly lock?: LockState;
  /** Told in the change feed: it came by a browser's form. */
  readonly how?: "post";
  /** How the bytes are to be sealed; absent: as the bucket says. */
  readonly encryption?: EncryptionAsk | undefined;
}

/** Decided in the transaction that commits; "none"/"any" speak of the current version, a marker is none. */
export interface Condition {
  /** ETags one of which the current version must have, or "any". */
  readonly ifMatch?: readonly string[] | "any" | undefined;
  /** "any": the name must be free. */
  readonly ifNoneMatch?: readonly string[] | "any" | undefined;
  /** The version this was based on must still be current ("" : the name was free). Faults: conflict. */
  readonly base?: string | undefined;
  /** It is another's replica: the version gets this id, its source's, where the bucket keeps versions and
   *  the id is not "". Told as such in the change feed. Faults: conflict (the version is there). */
  readonly replica?: string | undefined;
}

export interface RemoveCondition extends Condition {
  /** GOVERNANCE retention does not stand in the way: only for who may bypass it. */
  readonly bypassGovernance?: boolean;
}

export interface Removed {
  /** The version that is gone, or the delete marker made; undefined where there was nothing. */
  readonly version: string | undefined;
  readonly deleteMarker: boolean;
}

export interface ListAsk {
  readonly bucket: string;
  readonly prefix: string;
  /** "" for none. */
  readonly delimiter: string;
  /** Rows strictly after this key; after every key that begins with it when it is a rolled-up prefix. */
  readonly after: string;
  /** 1–1000, objects and prefixes together. */
  readonly limit: number;
}

export interface Listing {
  readonly objects: readonly ObjectVersion[];
  readonly prefixes: readonly string[];
  /** What to pass as `after` next; undefined at the end. */
  readonly next: string | undefined;
}

export interface VersionsAsk extends ListAsk {
  /** With `after` = a key: versions of that key after this one. */
  readonly afterVersion: string;
}

export interface VersionListing {
  readonly versions: readonly ObjectVersion[];
  readonly prefixes: readonly string[];
  readonly next: { readonly key: string; readonly version: string } | undefined;
}

export interface Upload extends ObjectName, ObjectFacts {
  readonly id: string;
  /** User id. */
  readonly initiator: string;
  readonly createdAt: UnixMs;
  readonly digests: readonly DigestName[];
  readonly digestsOf: "object" | "parts";
  readonly encryption?: Encryption;
}

export interface Part {
  /** 1–10,000. */
  readonly number: number;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly digests: Digests;
  readonly createdAt: UnixMs;
}

export interface NewUpload extends ObjectFacts {
  readonly digests: readonly DigestName[];
  readonly digestsOf: "object" | "parts";
  readonly lock?: LockState;
  readonly encryption?: EncryptionAsk | undefined;
}

export interface Completion {
  readonly parts: readonly { readonly number: number; readonly etag: string; readonly digests: Digests }[];
  readonly when: Condition;
  /** Least size of every part but the last, in bytes. */
  readonly minPartBytes: number;
  /** What the finished object's own checksums must be, and of what (where that is said). */
  readonly expect?: Digests | undefined;
  readonly expectOf?: "object" | "parts" | undefined;
}

export interface CopyAsk {
  readonly from: ObjectName & { readonly version: string | undefined };
  readonly to: ObjectName;
  /** Undefined: keep the source's. */
  readonly facts: ObjectFacts | undefined;
  readonly when: Condition;
  readonly digests: readonly DigestName[];
  readonly lock?: LockState;
  /** How the copy is sealed; absent: as the target's bucket says. */
  readonly encryption?: EncryptionAsk | undefined;
  /** Where the source is sealed under a customer's key. */
  readonly sourceKey?: Uint8Array | undefined;
}

/** What a reader knows that the house does not. */
export interface Reading {
  /** The customer's key, where the bytes are sealed under one. */
  readonly customerKey?: Uint8Array | undefined;
}

/** Buckets, keys in byte order, versions, parts: what S3 needs. Every change is durable when its promise
 *  resolves, and appears in the change feed in the same transaction.
 *  Faults beside each method's own: no-space, read-only, io, too-many. */
export interface Objects {
  /** Faults: exists (`where` holds the owner's user id), bad-name. */
  createBucket(by: Actor, bucket: NewBucket): Promise<Result<Bucket>>;
  /** Faults: not-found. */
  bucket(name: string): Promise<Result<Bucket>>;
  /** In byte order of the names. */
  buckets(tenant: string, after: string, limit: number): Promise<Page<Bucket>>;
  /** Faults: not-found, conflict (versioning off again, or suspended under object lock; object lock off). */
  changeBucket(by: Actor, name: string, change: BucketChange): Promise<Result<Bucket>>;
  /** Faults: not-found, not-empty (versions, markers and unfinished uploads count). */
  deleteBucket(by: Actor, name: string): Promise<Result<void>>;
  /** Bytes of every version and of unfinished uploads' parts; versions other than delete markers. */
  usage(bucket: string): Promise<Result<Usage>>;

  /** Faults: not-found (bucket; `ifMatch` on a free name), bad-name, digest, truncated, cancelled (the source
   *  threw), invalid (more bytes than announced), precondition, conflict, quota, retained. */
  put(by: Actor, name: ObjectName, body: Source, put: NewObject): Promise<Result<ObjectVersion>>;
  /** The current version, or that one; a delete marker is given as it is. Faults: not-found. */
  head(name: ObjectName, version?: string): Promise<Result<ObjectVersion>>;
  /** Faults: not-found (also for a delete marker), damaged; denied (`where` a `SealTrouble`: what seals it is
   *  missing, wrong or disabled), unavailable (the key service). */
  get(
    name: ObjectName,
    version?: string,
    how?: Reading,
  ): Promise<Result<{ version: ObjectVersion; content: Content }>>;
  /** Without `version`: as the bucket's versioning says. Absent is success.
   *  Faults: precondition, retained. */
  remove(by: Actor, name: ObjectName, version?: string, when?: RemoveCondition): Promise<Result<Removed>>;
  /** Shares the bytes where they are sealed as the copy is to be; otherwise writes them anew.
   *  Faults: not-found, and those of get and put. */
  copy(by: Actor, ask: CopyAsk): Promise<Result<ObjectVersion>>;
  /** One transaction, of current versions: older ones stay under their old names, below a delete marker.
   *  With `folder` every key that begins with `from` moves, and `to` must be free but for its own folder
   *  mark, which `replace` takes. Counts nothing twice, so quota is not asked.
   *  Faults: not-found, exists, retained, bad-name, invalid (a folder into itself). */
  move(by: Actor, bucket: string, from: string, to: string, how: MoveHow): Promise<Result<void>>;
  /** Changes what is said of a version, not its bytes. `replication` changes that one header alone. */
  describe(
    by: Actor,
    name: ObjectName,
    version: string | undefined,
    facts: Partial<ObjectFacts> & { readonly replication?: string },
  ): Promise<Result<ObjectVersion>>;

  /** Changes the object lock of a version, as `rules/retention` allows.
   *  Faults: not-found (also for a delete marker), retained, invalid, conflict (no object lock here). */
  setLock(
    by: Actor,
    name: ObjectName,
    version: string | undefined,
    change: LockChange,
  ): Promise<Result<ObjectVersion>>;

  list(ask: ListAsk): Promise<Result<Listing>>;
  listVersions(ask: VersionsAsk): Promise<Result<VersionListing>>;

  createUpload(by: Actor, name: ObjectName, upload: NewUpload): Promise<Result<Upload>>;
  /** Faults: not-found: the id is of another bucket or key, or ended. */
  upload(name: ObjectName, id: string): Promise<Result<Upload>>;
  putPart(
    by: Actor,
    name: ObjectName,
    id: string,
    number: number,
    body: Source,
    part: NewPart,
  ): Promise<Result<Part>>;
  parts(name: ObjectName, id: string, after: number, limit: number): Promise<Result<Page<Part>>>;
  /** Repeating a successful one gives the same answer. A failure leaves upload and old object alone.
   *  Faults: not-found, invalid (`where` "part": unknown or other etag; "order"; "empty"), too-large,
   *  bad-range (a part is too small), precondition, quota, retained. */
  completeUpload(by: Actor, name: ObjectName, id: string, how: Completion): Promise<Result<ObjectVersion>>;
  abortUpload(by: Actor, name: ObjectName, id: string): Promise<Result<void>>;
  /** Keys in byte order, then ids. */
  uploads(ask: ListAsk & { readonly afterId: string }): Promise<Result<UploadListing>>;
}

export interface NewPart {
  readonly digests: readonly DigestName[];
  readonly expect: () => Digests;
  /** Where the upload is sealed under one. */
  readonly customerKey?: Uint8Array | undefined;
}

export interface UploadListing {
  readonly uploads: readonly Upload[];
  readonly prefixes: readonly string[];
  readonly next: { readonly key: string; readonly id: string } | undefined;
}

export interface NewBucket {
  readonly name: string;
  readonly tenant: string;
  readonly owner: string;
  readonly versioning?: Versioning;
  readonly quota?: Quota;
}

export interface BucketChange {
  readonly versioning?: Versioning;
  readonly quota?: Quota;
  /** A document to set, or null to remove it. */
  readonly documents?: Readonly<Record<string, string | null>>;
}

export interface MoveHow {
  readonly folder: boolean;
  readonly replace: boolean;
}
