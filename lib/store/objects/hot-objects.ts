import { ok, type Result } from "../../base/result.ts";
import type { Clock, Instant } from "../../base/time.ts";
import { contentOfRow } from "../blobs/content-of.ts";
import type { ChangeMarks } from "../change-marks.ts";
import type { Bucket, ObjectName, Objects, ObjectVersion } from "../objects.ts";

const mostBytes = 32 << 20;
const mostHeads = 4000;
/** What one entry costs beside its body, roughly. */
const entryBytes = 1024;
/** A process that died between a commit and its word is not waited for longer than this. */
const trustMs = 2000;

interface Hot {
  readonly mark: number;
  readonly until: number;
  readonly version: ObjectVersion;
  readonly body: Uint8Array;
}

interface HotHead {
  readonly mark: number;
  readonly until: number;
  readonly version: ObjectVersion;
}

interface HotBucket {
  readonly mark: number;
  readonly until: number;
  readonly bucket: Bucket;
}

/** Objects that remembers buckets, and small objects read lately. Exact: a change by this or any other
 *  process is counted in `marks` before and after its commit, and what was remembered under another count is
 *  not used. So a change is seen by everybody from the moment it is acknowledged. */
export function hotObjects(inner: Objects, marks: ChangeMarks, clock: Clock): Objects {
  const memory = new HotMemory(marks, clock);
  const one = async <T>({ bucket, key }: ObjectName, change: () => Promise<T>): Promise<T> => {
    const name = nameOf(bucket, key);
    marks.touch(name);
    return change().finally(() => marks.touch(name));
  };
  const all = async <T>(change: () => Promise<T>): Promise<T> => {
    marks.touchAll();
    return change().finally(() => marks.touchAll());
  };
  return {
    ...unremembered(inner),
    bucket: (name) => memory.bucket(name, () => inner.bucket(name)),
    changeBucket: (by, name, change) => all(() => inner.changeBucket(by, name, change)),
    deleteBucket: (by, name) => all(() => inner.deleteBucket(by, name)),
    put: (by, name, body, put) => one(name, () => inner.put(by, name, body, put)),
    get: (name, version, how) =>
      version === undefined
        ? memory.get(name, () => inner.get(name, undefined, how))
        : inner.get(name, version, how),
    head: (name, version) =>
      version === undefined ? memory.head(name, () => inner.head(name)) : inner.head(name, version),
    remove: (by, name, version, when) => one(name, () => inner.remove(by, name, version, when)),
    copy: (by, ask) => one(ask.to, () => inner.copy(by, ask)),
    move: (by, bucket, from, to, how) => all(() => inner.move(by, bucket, from, to, how)),
    describe: (by, name, version, facts) => one(name, () => inner.describe(by, name, version, facts)),
    setLock: (by, name, version, change) => one(name, () => inner.setLock(by, name, version, change)),
    completeUpload: (by, name, id, how) => one(name, () => inner.completeUpload(by, name, id, how)),
  };
}

type Unremembered =
  | "createBucket"
  | "buckets"
  | "usage"
  | "list"
  | "listVersions"
  | "createUpload"
  | "upload"
  | "putPart"
  | "parts"
  | "abortUpload"
  | "uploads";

/** What is neither remembered nor changes what is. Named one by one: a new method is thought about. */
function unremembered(inner: Objects): Pick<Objects, Unremembered> {
  return {
    createBucket: (...of) => inner.createBucket(...of),
    buckets: (...of) => inner.buckets(...of),
    usage: (...of) => inner.usage(...of),
    list: (...of) => inner.list(...of),
    listVersions: (...of) => inner.listVersions(...of),
    createUpload: (...of) => inner.createUpload(...of),
    upload: (...of) => inner.upload(...of),
    putPart: (...of) => inner.putPart(...of),
    parts: (...of) => inner.parts(...of),
    abortUpload: (...of) => inner.abortUpload(...of),
    uploads: (...of) => inner.uploads(...of),
  };
}

const nameOf = (bucket: string, key: string): string => `${bucket}\0${key}`;

/** The least lately used goes first. */
class HotMemory {
  readonly #marks: ChangeMarks;
  readonly #clock: Clock;
  readonly #objects = new Map<string, Hot>();
  readonly #heads = new Map<string, HotHead>();
  readonly #buckets = new Map<string, HotBucket>();
  #bytes = 0;

  constructor(marks: ChangeMarks, clock: Clock) {
    this.#marks = marks;
    this.#clock = clock;
  }

  async get({ bucket, key }: ObjectName, read: () => ReturnType<Objects["get"]>): ReturnType<Objects["get"]> {
    const name = nameOf(bucket, key);
    const mark = this.#marks.of(name);
    const now = this.#clock.now();
    const hot = this.#objects.get(name);
    if (hot && hot.mark === mark && now < hot.until) {
      this.#objects.delete(name);
      this.#objects.set(name, hot);
      return ok({ version: hot.version, content: contentOfRow(hot.body) });
    }
    if (hot) this.#drop(name, hot);
    const found = await read();
    // What is sealed under another's key is that one's to open, each time.
    const { encryption } = found.ok ? found.value.version : {};
    const isOurs = encryption === undefined || encryption.kind === "house";
    if (found.ok && found.value.content.bytes && isOurs) {
      this.#keep(name, {
        mark,
        until: until(now),
        version: found.value.version,
        body: found.value.content.bytes,
      });
    }
    return found;
  }

  async head(
    { bucket, key }: ObjectName,
    read: () => ReturnType<Objects["head"]>,
  ): ReturnType<Objects["head"]> {
    const name = nameOf(bucket, key);
    const mark = this.#marks.of(name);
    const now = this.#clock.now();
    const hot = this.#objects.get(name) ?? this.#heads.get(name);
    if (hot && hot.mark === mark && now < hot.until) return ok(hot.version);
    const found = await read();
    if (this.#heads.size >= mostHeads) this.#heads.clear();
    if (found.ok) this.#heads.set(name, { mark, until: until(now), version: found.value });
    else this.#heads.delete(name);
    return found;
  }

  async bucket(name: string, read: () => Promise<Result<Bucket>>): Promise<Result<Bucket>> {
    const mark = this.#marks.of(name);
    const now = this.#clock.now();
    const hot = this.#buckets.get(name);
    if (hot && hot.mark === mark && now < hot.until) return ok(hot.bucket);
    const found = await read();
    this.#buckets.delete(name);
    if (found.ok) this.#buckets.set(name, { mark, until: until(now), bucket: found.value });
    if (this.#buckets.size > 1000) this.#buckets.clear();
    return found;
  }

  #keep(name: string, hot: Hot): void {
    const present = this.#objects.get(name); // another reader was quicker
    if (present) this.#drop(name, present);
    this.#objects.set(name, hot);
    this.#bytes += hot.body.length + entryBytes;
    for (const [oldest, { body }] of this.#objects) {
      if (this.#bytes <= mostBytes) break;
      this.#objects.delete(oldest);
      this.#bytes -= body.length + entryBytes;
    }
  }

  #drop(name: string, { body }: Hot): void {
    if (this.#objects.delete(name)) this.#bytes -= body.length + entryBytes;
  }
}

const until = (now: Instant): number => now + trustMs;
