import { compareUtf8 } from "../base/bytes.ts";
import { isWithin, nameOf, pathText, type Path } from "../base/path.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { asUnixMs } from "../base/time.ts";
import type { Page } from "./content.ts";
import type {
  DirEntry,
  FileChange,
  Files,
  FileStat,
  OpenFile,
  OpenHow,
  Rights,
  RightsIn,
  Space,
} from "./files.ts";
import { checkHow, checkNames, isFolder, taken } from "./files-checks.ts";

/** A tree that stands in another one. */
export interface Mount {
  /** Not the root. Folders on the way to it are there, whether the tree beneath has them or not. */
  readonly at: Path;
  readonly files: Files;
}

/** Virtual folders: a tree in which other trees stand at fixed places. What the tree beneath has at such a
 *  place is covered. Nothing moves from one tree to another by renaming. Faults beside the trees' own:
 *  busy (a mount is not removed, renamed or covered), unsupported (a rename between trees). */
export function mountedFiles(beneath: Files, mounts: readonly Mount[]): Files {
  return new MountedFiles(beneath, mounts);
}

/** A place in one of the trees. */
interface Local {
  readonly files: Files;
  readonly path: Path;
}

class MountedFiles implements Files {
  readonly #beneath: Files;
  readonly #mounts: readonly Mount[];

  constructor(beneath: Files, mounts: readonly Mount[]) {
    this.#beneath = beneath;
    this.#mounts = mounts.toSorted((a, b) => b.at.length - a.at.length);
  }

  /** The innermost tree that `path` is in, and its place there. */
  #local(path: Path): Local {
    const mount = this.#mounts.find(({ at }) => isWithin(path, at));
    return mount ? { files: mount.files, path: path.slice(mount.at.length) } : { files: this.#beneath, path };
  }

  /** Whether a mount stands at `path` or beneath it. */
  #holdsMount = (path: Path): boolean => this.#mounts.some(({ at }) => isWithin(at, path));

  async stat(path: Path): Promise<Result<FileStat>> {
    const local = this.#local(path);
    const found = await local.files.stat(local.path);
    return !found.ok && this.#holdsMount(path) ? ok(wayStat(path)) : found;
  }

  async list(path: Path, after: string, limit: number): Promise<Result<Page<DirEntry>>> {
    const mounted = this.#mountsIn(path).filter((name) => compareUtf8(name, after) > 0);
    const local = this.#local(path);
    const listed = await local.files.list(local.path, after, limit);
    const own: Result<Page<DirEntry>> =
      !listed.ok && this.#holdsMount(path) ? ok({ rows: [], next: undefined }) : listed;
    if (!own.ok || mounted.length === 0) return own;
    const { rows, next } = own.value;
    const extra: DirEntry[] = [];
    for (const name of mounted) {
      if (next !== undefined && compareUtf8(name, next) > 0) continue;
      const stat = await this.stat([...path, name]);
      if (!stat.ok) return stat;
      extra.push({ name, ...stat.value });
    }
    const all = [...rows.filter(({ name }) => !mounted.includes(name)), ...extra];
    const shown = all.sort((a, b) => compareUtf8(a.name, b.name)).slice(0, limit);
    return ok({ rows: shown, next: all.length > limit ? shown.at(-1)!.name : next });
  }

  /** Names in the folder `path` that are mounts, or lead to one. */
  #mountsIn(path: Path): string[] {
    const inside = this.#mounts.filter(({ at }) => at.length > path.length && isWithin(at, path));
    return [...new Set(inside.map(({ at }) => at[path.length]!))].sort(compareUtf8);
  }

  async open(path: Path, how: OpenHow): Promise<Result<OpenFile>> {
    const sound = checkHow(how);
    if (!sound.ok) return sound;
    if (this.#holdsMount(path)) return isFolder(path);
    return this.#within(path, (local) => local.files.open(local.path, how));
  }

  async makeFolder(path: Path): Promise<Result<void>> {
    if (this.#holdsMount(path)) return taken(path);
    return this.#within(path, (local) => local.files.makeFolder(local.path));
  }

  /** What is made in a folder that is only on the way to a mount has no tree to be in. */
  async #within<T>(path: Path, run: (local: Local) => Promise<Result<T>>): Promise<Result<T>> {
    const local = this.#local(path);
    const parent = path.slice(0, -1);
    const result = await run(local);
    if (result.ok || result.fault.code !== "not-found" || !this.#holdsMount(parent)) return result;
    const there = await this.#local(parent).files.stat(this.#local(parent).path);
    return there.ok
      ? result
      : fail("read-only", "this folder only leads to others", { where: pathText(parent) });
  }

  async removeFile(path: Path): Promise<Result<void>> {
    if (this.#holdsMount(path)) return isFolder(path);
    const local = this.#local(path);
    return local.files.removeFile(local.path);
  }

  async removeFolder(path: Path): Promise<Result<void>> {
    if (path.length > 0 && this.#holdsMount(path)) return mounted(path);
    const local = this.#local(path);
    return local.files.removeFolder(local.path);
  }

  async rename(from: Path, to: Path, replace: boolean): Promise<Result<void>> {
    const [a, b] = [this.#local(from), this.#local(to)];
    const named = checkNames(from).ok ? checkNames(to) : checkNames(from);
    if (!named.ok) return named;
    const same = isWithin(to, from) && from.length === to.length;
    if (from.length > 0 && !same && this.#holdsMount(from)) return mounted(from);
    if (to.length > 0 && !same && this.#holdsMount(to)) return mounted(to);
    if (a.files === b.files) return a.files.rename(a.path, b.path, replace);
    const found = await a.files.stat(a.path);
    if (!found.ok) return found;
    return fail("unsupported", "the two names are in different places: copy, and remove the first", {
      where: pathText(to),
    });
  }

  async change(path: Path, change: FileChange): Promise<Result<void>> {
    const local = this.#local(path);
    return local.files.change(local.path, change);
  }

  /** Of the tree that the folder is in; a mount tells of itself, and stays where it is. */
  async rights(folder: Path): Promise<Result<RightsIn>> {
    const local = this.#local(folder);
    const found = await local.files.rights?.(local.path);
    const inside = found?.ok ? found.value : () => every;
    const places = new Map<string, Rights>();
    for (const name of this.#mountsIn(folder)) {
      const at = this.#local([...folder, name]);
      const own = at.path.length === 0 ? await at.files.rights?.([]) : undefined;
      const rights = own?.ok ? own.value(undefined, "folder") : onTheWay;
      places.set(name, { ...rights, remove: false });
    }
    return ok((name, kind) => (name === undefined ? undefined : places.get(name)) ?? inside(name, kind));
  }

  /** Of the tree beneath. */
  space(): Promise<Result<Space>> {
    return this.#beneath.space();
  }
}

const onTheWay = { read: true, write: false, remove: false, list: true };
const every = { read: true, write: true, remove: true, list: true };

const mounted = (path: Path): Result<never> =>
  fail("busy", "another tree stands here, or beneath", { where: pathText(path) });

/** A folder that is there because it leads to a mount. */
const wayStat = (path: Path): FileStat => ({
  kind: "folder",
  size: 0,
  modifiedAt: asUnixMs(0),
  createdAt: asUnixMs(0),
  mode: 0o555,
  owner: "house",
  group: "house",
  id: `way-${path.length}-${nameOf(path)}`,
});
