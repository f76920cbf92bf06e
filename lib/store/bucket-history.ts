import { compareUtf8 } from "../base/bytes.ts";
import { nameOf, type Path } from "../base/path.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { BucketReader } from "./bucket-reader.ts";
import { statOfFile, statOfFolder, type BucketTree } from "./bucket-tree.ts";
import type { Page } from "./content.ts";
import type { DirEntry, FileStat, OpenFile } from "./files.ts";
import { isFolder, noSuch, notFolder } from "./files-checks.ts";
import type { Bucket, ObjectVersion } from "./objects.ts";
import { namesOfSegment, readNames, versionsName } from "./tree-names.ts";

/** Names that one folder of versions shows at most. */
const mostNames = 10_000;

/** The read-only folder `.versions` that each folder of a bucket with versions has. In it stands a folder for
 *  every file and folder there is or was, and in a file's folder one file a version, named for its time:
 *  `.versions/report.txt/2026-11-21T00-34-31.123Z_01jd….txt`. It is found by its name and not listed, so that
 *  who removes or copies a tree does not walk into it. */
export class BucketHistory {
  readonly #tree: BucketTree;

  constructor(tree: BucketTree) {
    this.#tree = tree;
  }

  async stat(path: Path): Promise<Result<FileStat>> {
    const found = await this.#find(path);
    if (!found.ok) return found;
    const { version, prefix, facts } = found.value;
    if (version) return ok({ ...statOfFile(version, facts), mode: 0o444 });
    return ok({ ...statOfFolder(`${prefix}?versions`, undefined, facts), mode: 0o555 });
  }

  async open(path: Path): Promise<Result<OpenFile>> {
    const found = await this.#find(path);
    if (!found.ok) return found;
    const { version, facts } = found.value;
    if (!version) return isFolder(path);
    const got = await this.#tree.objects.get(version, version.version);
    if (!got.ok) return got;
    const stat = { ...statOfFile(got.value.version, facts), mode: 0o444 };
    return ok(new BucketReader(stat, got.value.content));
  }

  async list(path: Path, after: string, limit: number): Promise<Result<Page<DirEntry>>> {
    const found = await this.#find(path);
    if (!found.ok) return found;
    const { version, prefix, facts } = found.value;
    if (version) return notFolder(path);
    const folders = await this.#names(prefix);
    if (!folders.ok) return folders;
    const versions = found.value.top ? ok([]) : await this.#versionsOf(prefix.slice(0, -1));
    if (!versions.ok) return versions;
    const entries: DirEntry[] = [
      ...folders.value.map((name) => ({
        name,
        ...statOfFolder(`${prefix}${name}?versions`, undefined, facts),
        mode: 0o555,
      })),
      ...versions.value.map((one) => ({ name: versionName(one), ...statOfFile(one, facts), mode: 0o444 })),
    ];
    const later = entries.filter(({ name }) => compareUtf8(name, after) > 0);
    const rows = later.sort((a, b) => compareUtf8(a.name, b.name)).slice(0, limit);
    return ok({ rows, next: later.length > limit ? rows.at(-1)!.name : undefined });
  }

  /** Faults: not-found, not-directory. */
  async #find(path: Path): Promise<Result<Place>> {
    const facts = await this.#tree.facts();
    if (!facts.ok) return facts;
    const at = path.indexOf(versionsName);
    const rest = path.slice(at + 1);
    const above = this.#tree.spot(path.slice(0, at));
    if (!above.ok) return above;
    if (facts.value.versioning === "off" || rest.includes(versionsName)) return noSuch(path);
    const read = readNames(rest);
    if (!read.ok) return read;
    const key = above.value.folder + read.value.segments.join("/");
    const place = { facts: facts.value, version: undefined };
    if (rest.length === 0) return ok({ ...place, prefix: above.value.folder, top: true });
    const version = await this.#versionAt(key, rest);
    if (!version.ok) return version;
    const prefix = `${key}/`;
    if (version.value) return ok({ ...place, prefix, top: false, version: version.value });
    const known = await this.#known(key);
    if (!known.ok) return known;
    return known.value ? ok({ ...place, prefix, top: false }) : noSuch(path);
  }

  /** The version that the last name tells of, where it has such a name and there is one. */
  async #versionAt(key: string, rest: Path): Promise<Result<ObjectVersion | undefined>> {
    const id = idPattern.exec(nameOf(rest))?.[1];
    if (id === undefined || rest.length < 2) return ok(undefined);
    const name = { bucket: this.#tree.bucket, key: key.slice(0, key.lastIndexOf("/")) };
    const head = await this.#tree.objects.head(name, id);
    if (!head.ok) return head.fault.code === "not-found" ? ok(undefined) : head;
    return ok(versionName(head.value) === nameOf(rest) && !head.value.deleteMarker ? head.value : undefined);
  }

  /** Whether there is, or was, anything of that name. */
  async #known(key: string): Promise<Result<boolean>> {
    const own = await this.#page(key, "", 1);
    if (!own.ok) return own;
    if (own.value.versions[0]?.key === key) return ok(true);
    const within = await this.#page(`${key}/`, "", 1);
    return within.ok ? ok(within.value.versions.length > 0) : within;
  }

  #page(prefix: string, delimiter: string, limit: number, after = "", afterVersion = "") {
    const ask = { bucket: this.#tree.bucket, prefix, delimiter, after, afterVersion, limit };
    return this.#tree.objects.listVersions(ask);
  }

  /** The names of files and folders beneath `prefix` that are or were. Faults: too-many. */
  async #names(prefix: string): Promise<Result<string[]>> {
    const names = new Set<string>();
    let from = { key: prefix, version: "" };
    for (;;) {
      const page = await this.#page(prefix, "/", 1000, from.key, from.version);
      if (!page.ok) return page;
      const { versions, prefixes, next } = page.value;
      for (const { key } of versions) names.add(namesOfSegment(key.slice(prefix.length))[0]!);
      for (const text of prefixes) names.add(namesOfSegment(text.slice(prefix.length, -1))[0]!);
      if (names.size > mostNames) {
        return fail("too-many", "too many names to show their versions at once", {
          mend: "name the file: .versions/FILE",
        });
      }
      if (!next) return ok([...names]);
      from = next;
    }
  }

  /** Every version of one key that has content. */
  async #versionsOf(key: string): Promise<Result<ObjectVersion[]>> {
    const found: ObjectVersion[] = [];
    let from = { key: "", version: "" };
    for (;;) {
      const page = await this.#page(key, "", 1000, from.key, from.version);
      if (!page.ok) return page;
      const mine = page.value.versions.filter((one) => one.key === key);
      found.push(...mine.filter((one) => !one.deleteMarker));
      const { next } = page.value;
      if (!next || mine.length < page.value.versions.length || found.length > mostNames) return ok(found);
      from = next;
    }
  }
}

/** What a path in `.versions` leads to. */
interface Place {
  readonly facts: Bucket;
  /** What the keys of the folder begin with. */
  readonly prefix: string;
  /** `.versions` itself. */
  readonly top: boolean;
  readonly version: ObjectVersion | undefined;
}

const idPattern = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z_([0-9A-Za-z-]+)(?:\.\w+)?$/;

/** Its time, its id, and the ending of the file's name, so that a program knows what to open it with. */
function versionName({ key, createdAt, version }: ObjectVersion): string {
  const time = new Date(createdAt).toISOString().replaceAll(":", "-");
  const ending = /[^/](\.\w{1,16})$/.exec(key)?.[1] ?? "";
  return `${time}_${version}${ending}`;
}
