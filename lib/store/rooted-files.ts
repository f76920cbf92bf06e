import { isWithin, type Path } from "../base/path.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Files } from "./files.ts";
import { checkNames, isFolder, taken } from "./files-checks.ts";

/** A folder of a tree as a tree of its own: nothing above it can be named. The folder must be there, and its
 *  new root can be neither removed nor renamed. */
export function rootedFiles(files: Files, root: Path): Files {
  const within = (path: Path): Path => [...root, ...path];
  /** Names are looked at here as well, before they become part of a longer path. */
  const run = <T>(path: Path, act: (path: Path) => Promise<Result<T>>): Promise<Result<T>> => {
    const named = checkNames(path);
    return named.ok ? act(within(path)) : Promise.resolve(named);
  };
  return {
    stat: (path) => run(path, (at) => files.stat(at)),
    list: (path, after, limit) => run(path, (at) => files.list(at, after, limit)),
    open: (path, how) => run(path, (at) => files.open(at, how)),
    makeFolder: async (path) => (path.length === 0 ? taken(path) : run(path, (at) => files.makeFolder(at))),
    removeFile: async (path) =>
      path.length === 0 ? isFolder(path) : run(path, (at) => files.removeFile(at)),
    removeFolder: async (path) =>
      path.length === 0 ? fail("denied", "the root stays") : run(path, (at) => files.removeFolder(at)),
    change: (path, change) => run(path, (at) => files.change(at, change)),
    space: () => files.space(),
    ...(files.rights ? { rights: (folder: Path) => files.rights!(within(folder)) } : {}),
    async rename(from, to, replace) {
      if (from.length === 0)
        return isWithin(to, from) && to.length === 0 ? ok() : fail("invalid", "the root stays");
      const named = checkNames(to);
      if (!named.ok) return named;
      return run(from, async (at) => {
        if (to.length > 0) return files.rename(at, within(to), replace);
        const found = await files.stat(at);
        return found.ok ? taken(to) : found;
      });
    },
  };
}
