import { compareUtf8 } from "../base/bytes.ts";
import { isWithin, nameOf, type Path } from "../base/path.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import type { Page } from "./content.ts";
import type { DirEntry, FileChange, Files, FileStat, OpenFile, OpenHow, Space } from "./files.ts";
import { checkChange, checkHow, isFolder, noSuch, notFolder } from "./files-checks.ts";
import { permissionBits, taken } from "./files-checks.ts";
import { MemoryOpenFile } from "./memory-open-file.ts";
import { MemoryTree, type MemoryNode } from "./memory-tree.ts";

/** A tree in memory: for gates' tests, and the plainest telling of what the port means.
 *  `capacityBytes`: what all files may have together. */
export function memoryFiles(needs: { clock: Clock; capacityBytes?: number }): Files {
  return new MemoryFiles(new MemoryTree(needs.clock, needs.capacityBytes ?? 2 ** 30));
}

class MemoryFiles implements Files {
  readonly #tree: MemoryTree;

  constructor(tree: MemoryTree) {
    this.#tree = tree;
  }

  async stat(path: Path): Promise<Result<FileStat>> {
    const found = this.#tree.find(path);
    return found.ok ? ok(this.#tree.statOf(found.value)) : found;
  }

  async list(path: Path, after: string, limit: number): Promise<Result<Page<DirEntry>>> {
    const found = this.#tree.find(path);
    if (!found.ok) return found;
    if (found.value.kind !== "folder") return notFolder(path);
    const { children } = found.value;
    const names = [...children.keys()].filter((name) => compareUtf8(name, after) > 0).sort(compareUtf8);
    const rows = names.slice(0, limit).map((name) => ({ name, ...this.#tree.statOf(children.get(name)!) }));
    return ok({ rows, next: names.length > limit ? rows.at(-1)!.name : undefined });
  }

  async open(path: Path, how: OpenHow): Promise<Result<OpenFile>> {
    const sound = checkHow(how);
    if (!sound.ok) return sound;
    if (path.length === 0) return isFolder(path);
    const folder = this.#tree.folderOf(path);
    if (!folder.ok) return folder;
    const node = folder.value.children.get(nameOf(path));
    if (node?.kind === "folder") return isFolder(path);
    if (!node && how.create === "must") return noSuch(path);
    if (node && how.create === "new") return taken(path);
    return ok(new MemoryOpenFile(this.#tree, path, node, how));
  }

  async makeFolder(path: Path): Promise<Result<void>> {
    if (path.length === 0) return taken(path);
    const folder = this.#tree.folderOf(path);
    if (!folder.ok) return folder;
    if (folder.value.children.has(nameOf(path))) return taken(path);
    folder.value.children.set(nameOf(path), this.#tree.newFolder());
    return ok();
  }

  async removeFile(path: Path): Promise<Result<void>> {
    const found = this.#tree.find(path);
    if (!found.ok) return found;
    if (found.value.kind === "folder") return isFolder(path);
    return this.#take(path);
  }

  async removeFolder(path: Path): Promise<Result<void>> {
    const found = this.#tree.find(path);
    if (!found.ok) return found;
    if (found.value.kind !== "folder") return notFolder(path);
    if (path.length === 0) return fail("denied", "the root stays");
    if (found.value.children.size > 0) return fail("not-empty", "the folder is not empty");
    return this.#take(path);
  }

  #take(path: Path): Result<void> {
    const folder = this.#tree.folderOf(path);
    if (!folder.ok) return folder;
    folder.value.children.delete(nameOf(path));
    return ok();
  }

  async rename(from: Path, to: Path, replace: boolean): Promise<Result<void>> {
    const found = this.#tree.find(from);
    if (!found.ok) return found;
    if (isWithin(to, from)) {
      return from.length === to.length ? ok() : fail("invalid", "a folder cannot move into itself");
    }
    if (from.length === 0) return fail("invalid", "the root stays");
    if (to.length === 0) return taken(to);
    const folder = this.#tree.folderOf(to);
    if (!folder.ok) return folder;
    const there = folder.value.children.get(nameOf(to));
    if (there && (!replace || !mayReplace(found.value, there))) return taken(to);
    this.#take(from);
    folder.value.children.set(nameOf(to), found.value);
    return ok();
  }

  async change(path: Path, change: FileChange): Promise<Result<void>> {
    const sound = checkChange(change);
    if (!sound.ok) return sound;
    const found = this.#tree.find(path);
    if (!found.ok) return found;
    const node = found.value;
    if (change.size !== undefined) {
      if (node.kind === "folder") return isFolder(path);
      const fit = this.#tree.fits(change.size - node.bytes.length);
      if (!fit.ok) return fit;
      const bytes = new Uint8Array(change.size);
      bytes.set(node.bytes.subarray(0, change.size));
      node.bytes = bytes;
      node.modifiedAt = this.#tree.clock.wall();
    }
    if (change.modifiedAt !== undefined) node.modifiedAt = change.modifiedAt;
    if (change.note !== undefined) node.note = change.note;
    if (change.mode !== undefined) node.mode = permissionBits(change.mode);
    return ok();
  }

  async space(): Promise<Result<Space>> {
    const total = this.#tree.capacityBytes;
    return ok({ total, free: Math.max(0, total - this.#tree.usedBytes) });
  }
}

const mayReplace = (node: MemoryNode, there: MemoryNode): boolean =>
  there.kind === "folder" ? node.kind === "folder" && there.children.size === 0 : node.kind === "file";
