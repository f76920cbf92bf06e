import { pathText, type Path } from "../base/path.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { asUnixMs, type Clock } from "../base/time.ts";
import type { FileChange, FileStat } from "./files.ts";
import { checkNames, noSuch, notFolder } from "./files-checks.ts";
import type { Bucket, ObjectFacts, Objects, ObjectVersion } from "./objects.ts";
import { readNames, versionsName } from "./tree-names.ts";

/** Where a path points: at a key, at the keys beneath it, or both. */
export interface Spot {
  readonly path: Path;
  /** The key of a file here. */
  readonly key: string;
  /** What the keys of a folder here begin with: "" or it ends in "/". */
  readonly folder: string;
  /** Only the file is meant, though a folder has its name. */
  readonly beside: boolean;
  /** It ends within an over-long name: what its keys begin with, without "/". */
  readonly start: string | undefined;
}

/** What is at a spot. */
export interface Found {
  readonly spot: Spot;
  readonly file: ObjectVersion | undefined;
  /** `mark`: the zero-byte key that makes a folder; without it the folder is there because of its keys. */
  readonly folder: { readonly mark: ObjectVersion | undefined } | undefined;
}

/** Finds folders and files in a bucket's keys. */
export class BucketTree {
  readonly objects: Objects;
  readonly bucket: string;
  readonly prefix: string;
  readonly #clock: Clock;
  #facts: { readonly bucket: Bucket; readonly until: number } | undefined;

  constructor(objects: Objects, bucket: string, prefix: string, clock: Clock) {
    this.objects = objects;
    this.bucket = bucket;
    this.prefix = prefix;
    this.#clock = clock;
  }

  /** The bucket's own facts, at most a second old. */
  async facts(): Promise<Result<Bucket>> {
    const now = this.#clock.now();
    if (this.#facts && now < this.#facts.until) return ok(this.#facts.bucket);
    const found = await this.objects.bucket(this.bucket);
    if (found.ok) this.#facts = { bucket: found.value, until: now + 1000 };
    return found;
  }

  /** Faults: bad-name, not-found (beneath a file), read-only (in the folder of versions). */
  spot(path: Path): Result<Spot> {
    const named = checkNames(path);
    if (!named.ok) return named;
    if (path.includes(versionsName)) {
      return fail("read-only", "older versions are read, not written", { where: pathText(path) });
    }
    const read = readNames(path);
    if (!read.ok) return read;
    const { segments, beside, start } = read.value;
    const key = this.prefix + segments.join("/");
    const folder = segments.length === 0 ? this.prefix : `${key}/`;
    return ok({ path, key, folder, beside, start: start === undefined ? undefined : folder + start });
  }

  /** What is there; neither file nor folder: the fault says why. Faults: not-found, not-directory. */
  async find(path: Path): Promise<Result<Found>> {
    const found = await this.look(path);
    if (!found.ok || found.value.file || found.value.folder) return found;
    return this.missing(path);
  }

  /** What is there, if anything. The root always is. */
  async look(path: Path): Promise<Result<Found>> {
    const at = this.spot(path);
    if (!at.ok) return at;
    const spot = at.value;
    if (spot.start !== undefined) return this.#lookWithin(spot, spot.start);
    const [file, folder] = await Promise.all([
      path.length === 0 ? ok(undefined) : this.#live(spot.key),
      spot.beside ? ok(undefined) : this.#folder(spot.folder),
    ]);
    if (!file.ok) return file;
    if (!folder.ok) return folder;
    if (path.length === 0) return ok({ spot, file: undefined, folder: folder.value ?? { mark: undefined } });
    return ok({ spot, file: file.value, folder: folder.value });
  }

  async #live(key: string): Promise<Result<ObjectVersion | undefined>> {
    const head = await this.objects.head({ bucket: this.bucket, key });
    if (!head.ok && head.fault.code === "denied") return this.#listed(key);
    if (!head.ok)
      return head.fault.code === "not-found" || head.fault.code === "bad-name" ? ok(undefined) : head;
    return ok(head.value.deleteMarker ? undefined : head.value);
  }

  /** Who may see names but read nothing learns as much as a listing tells. */
  async #listed(key: string): Promise<Result<ObjectVersion | undefined>> {
    const rows = await this.#first(key);
    return rows.ok ? ok(rows.value.find((row) => row.key === key)) : rows;
  }

  async #folder(prefix: string): Promise<Result<Found["folder"]>> {
    const page = await this.#first(prefix);
    if (!page.ok) return page;
    const [first] = page.value;
    return ok(first && { mark: first.key === prefix ? first : undefined });
  }

  async #first(prefix: string, after = "", limit = 1): Promise<Result<readonly ObjectVersion[]>> {
    const page = await this.objects.list({ bucket: this.bucket, prefix, delimiter: "", after, limit });
    return page.ok ? ok(page.value.objects) : page;
  }

  async #lookWithin(spot: Spot, start: string): Promise<Result<Found>> {
    const first = await this.#first(start);
    if (!first.ok) return first;
    const folder = first.value.length > 0 ? { mark: undefined } : undefined;
    return ok({ spot, file: undefined, folder });
  }

  /** The mark of a folder, where it has one. */
  mark(prefix: string): Promise<Result<ObjectVersion | undefined>> {
    return this.#live(prefix);
  }

  /** Whether anything but a folder's own mark begins with `prefix`. */
  async holdsSomething(prefix: string): Promise<Result<boolean>> {
    const rows = await this.#first(prefix, prefix);
    return rows.ok ? ok(rows.value.length > 0) : rows;
  }

  /** Why nothing is at `path`: a name on the way is a file, or there is none. */
  async missing(path: Path): Promise<Result<never>> {
    for (let depth = 1; depth < path.length; depth++) {
      const above = await this.look(path.slice(0, depth));
      if (!above.ok) return above;
      if (above.value.folder) continue;
      return above.value.file ? notFolder(path) : noSuch(path);
    }
    return noSuch(path);
  }

  /** Whether a file or folder can be made in the folder of `path`. Faults: not-found, not-directory. */
  async checkParent(path: Path): Promise<Result<void>> {
    if (path.length <= 1) return ok();
    const parent = await this.look(path.slice(0, -1));
    if (!parent.ok) return parent;
    if (parent.value.folder) return ok();
    return parent.value.file ? notFolder(path) : this.missing(path.slice(0, -1));
  }

  /** What the tree says of a file. */
  async fileStat(version: ObjectVersion): Promise<Result<FileStat>> {
    const facts = await this.facts();
    return facts.ok ? ok(statOfFile(version, facts.value)) : facts;
  }

  /** What the tree says of a folder. `prefix` names it. */
  async folderStat(prefix: string, mark: ObjectVersion | undefined): Promise<Result<FileStat>> {
    const facts = await this.facts();
    return facts.ok ? ok(statOfFolder(prefix, mark, facts.value)) : facts;
  }
}

const idOf = (bucket: string, key: string): string =>
  Bun.hash(`${bucket}/${key}`).toString(16).padStart(16, "0");

export function statOfFile(version: ObjectVersion, bucket: Bucket): FileStat {
  const { key, size, createdAt, modifiedAt = createdAt } = version;
  const mode = modeOf(version) ?? 0o644;
  const { owner, tenant } = bucket;
  return {
    kind: "file",
    size,
    createdAt,
    modifiedAt,
    mode,
    id: idOf(bucket.name, key),
    owner,
    group: tenant,
    note: version.metadata[noteKey],
  };
}

export function statOfFolder(prefix: string, mark: ObjectVersion | undefined, bucket: Bucket): FileStat {
  const createdAt = mark?.createdAt ?? bucket.createdAt;
  const modifiedAt = mark?.modifiedAt ?? createdAt;
  const mode = (mark && modeOf(mark)) ?? 0o755;
  const { owner, tenant } = bucket;
  return {
    kind: "folder",
    size: 0,
    createdAt,
    modifiedAt,
    mode,
    id: idOf(bucket.name, prefix),
    owner,
    group: tenant,
    note: mark?.metadata[noteKey],
  };
}

/** Where a door's note is kept: `x-amz-meta-file-note`. */
const noteKey = "file-note";

/** What of a version's metadata belongs to the file, whatever bytes it has. */
export function fileMetadata(metadata: ObjectFacts["metadata"]): ObjectFacts["metadata"] {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => key === "mode" || key === noteKey));
}

/** What a change of mode and note makes of a version's metadata. */
export function changedMetadata(
  metadata: ObjectFacts["metadata"],
  { mode, note }: FileChange,
  kind: "file" | "folder",
): ObjectFacts["metadata"] {
  return {
    ...metadata,
    ...(mode === undefined ? {} : { mode: modeText(mode, kind) }),
    ...(note === undefined ? {} : { [noteKey]: note }),
  };
}

/** Permission bits kept as s3fs keeps them: `x-amz-meta-mode`, the decimal st_mode. */
function modeOf({ metadata }: ObjectVersion): number | undefined {
  const text = metadata["mode"];
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) & 0o777 : undefined;
}

const modeText = (mode: number, kind: "file" | "folder"): string =>
  String((mode & 0o777) | (kind === "file" ? 0o100000 : 0o040000));

/** Milliseconds as they are kept: whole. */
export const wholeMs = (ms: number): ReturnType<typeof asUnixMs> => asUnixMs(Math.trunc(ms));
