import { ok, type Result } from "../base/result.ts";
import { parentOf, type Path } from "../base/path.ts";
import type { Clock } from "../base/time.ts";
import type { BucketFacts, Verb } from "../rules/access.ts";
import type { Actor } from "../rules/identity.ts";
import type { Files, OpenHow } from "./files.ts";
import { Gatekeeper } from "./gatekeeper.ts";
import type { Identities } from "./identities.ts";

/** Where a view of files lies in the house's permission list: a bucket's name, or a share's. */
export interface FilesPlace {
  readonly bucket: BucketFacts;
  /** Stands before every path: "" or "team/alice/". */
  readonly prefix: string;
}

/** The same files, bound to one actor and asked of `rules/access` first. For files that do not lie in a
 *  guarded bucket: those are guarded there. Adds to every method the fault: denied. */
export function guardFiles(
  files: Files,
  identities: Identities,
  actor: Actor,
  clock: Clock,
  place: FilesPlace,
): Files {
  const gate = new Gatekeeper(identities, clock, actor);
  const fileKey = (path: Path): string => place.prefix + path.join("/");
  const folderKey = (path: Path): string => (path.length === 0 ? place.prefix : `${fileKey(path)}/`);
  const asks = (verb: Verb, key: string): Promise<Result<void>> =>
    gate.asks(verb, { kind: "object", bucket: place.bucket, key });
  const after = async <T>(checks: readonly [Verb, string][], run: () => Promise<Result<T>>) => {
    for (const [verb, key] of checks) {
      const allowed = await asks(verb, key);
      if (!allowed.ok) return allowed;
    }
    return run();
  };
  return {
    stat: (path) => seen(path, () => files.stat(path)),
    async list(path, from, limit) {
      const sight = await gate.sight("object.list", place.bucket);
      const folder = folderKey(path);
      if (!sight.some(folder)) return asks("object.list", folder).then((no) => (no.ok ? ok(none) : no));
      const page = await files.list(path, from, limit);
      if (!page.ok || sight.all(folder)) return page;
      const shows = (name: string, isFolder: boolean): boolean =>
        isFolder ? sight.some(`${folder}${name}/`) : sight.key(folder + name);
      const rows = page.value.rows.filter(({ name, kind }) => shows(name, kind === "folder"));
      return ok({ rows, next: page.value.next });
    },
    open: (path, how) => after(opening(fileKey(path), how), () => files.open(path, how)),
    makeFolder: (path) => after([["object.write", folderKey(path)]], () => files.makeFolder(path)),
    removeFile: (path) => after([["object.delete", fileKey(path)]], () => files.removeFile(path)),
    removeFolder: (path) => after([["object.delete", folderKey(path)]], () => files.removeFolder(path)),
    async rename(from, to, replace) {
      for (const [verb, path] of [
        ["object.read", from],
        ["object.delete", from],
        ["object.write", to],
      ] as const) {
        const file = await asks(verb, fileKey(path));
        if (!file.ok) return file;
        const within = await gate.asksAll(verb, place.bucket, folderKey(path));
        if (!within.ok) return within;
      }
      return files.rename(from, to, replace);
    },
    change: (path, change) => after([["object.write", fileKey(path)]], () => files.change(path, change)),
    space: () => files.space(),
  };

  /** A name may be looked at by whom may read it, or see the folder it is in. */
  async function seen<T>(path: Path, run: () => Promise<Result<T>>): Promise<Result<T>> {
    const sight = await gate.sight("object.list", place.bucket);
    if (sight.some(folderKey(path)) || sight.key(folderKey(parentOf(path)))) return run();
    return after([["object.read", fileKey(path)]], run);
  }
}

const none = { rows: [], next: undefined };

const opening = (key: string, how: OpenHow): [Verb, string][] => [
  ...(how.read ? ([["object.read", key]] as [Verb, string][]) : []),
  ...(how.write ? ([["object.write", key]] as [Verb, string][]) : []),
];
