import { nameOf, type Path } from "../base/path.ts";
import { ok, type Result } from "../base/result.ts";
import type { FileChange, FileStat, OpenFile, OpenHow } from "./files.ts";
import { checkChange, checkRange, closedFile, lostBase, notOpenedFor } from "./files-checks.ts";
import { permissionBits } from "./files-checks.ts";
import { GrowingBytes } from "./growing-bytes.ts";
import type { MemoryFile, MemoryTree } from "./memory-tree.ts";

/** A file of the memory tree while somebody has it open. */
export class MemoryOpenFile implements OpenFile {
  readonly file = undefined;
  readonly #tree: MemoryTree;
  readonly #path: Path;
  readonly #how: OpenHow;
  /** What was there at opening, and its bytes then. */
  readonly #base: MemoryFile | undefined;
  readonly #baseBytes: Uint8Array | undefined;
  readonly #id: string;
  #draft: GrowingBytes;
  #change: FileChange = {};
  #dirty: boolean;
  #open = true;

  constructor(tree: MemoryTree, path: Path, base: MemoryFile | undefined, how: OpenHow) {
    this.#tree = tree;
    this.#path = path;
    this.#how = how;
    this.#base = base;
    this.#baseBytes = base?.bytes;
    this.#id = base?.id ?? tree.newId();
    this.#draft = new GrowingBytes(how.truncate ? undefined : base?.bytes);
    this.#dirty = how.truncate || !base;
  }

  async stat(): Promise<Result<FileStat>> {
    if (!this.#open) return closedFile();
    const at = this.#tree.clock.wall();
    const { modifiedAt = this.#dirty ? at : (this.#base?.modifiedAt ?? at) } = this.#change;
    const { mode = this.#base?.mode ?? 0o644, note = this.#base?.note } = this.#change;
    const createdAt = this.#base?.createdAt ?? at;
    const fixed = { kind: "file", id: this.#id, owner: "house", group: "house" } as const;
    const size = this.#draft.size;
    return ok({ ...fixed, size, modifiedAt, createdAt, mode: permissionBits(mode), note });
  }

  async read(offset: number, length: number): Promise<Result<Uint8Array>> {
    if (!this.#open) return closedFile();
    if (!this.#how.read) return notOpenedFor("reading");
    const sound = checkRange(offset, length);
    return sound.ok ? ok(this.#draft.read(offset, length)) : sound;
  }

  async write(offset: number, bytes: Uint8Array): Promise<Result<void>> {
    if (!this.#open) return closedFile();
    if (!this.#how.write) return notOpenedFor("writing");
    const sound = checkRange(offset, bytes.length);
    if (!sound.ok) return sound;
    const fit = this.#tree.fits(offset + bytes.length - (this.#base?.bytes.length ?? 0));
    if (!fit.ok) return fit;
    this.#draft.write(offset, bytes);
    this.#dirty = true;
    return ok();
  }

  async change(change: FileChange): Promise<Result<void>> {
    if (!this.#open) return closedFile();
    if (!this.#how.write) return notOpenedFor("writing");
    const sound = checkChange(change);
    if (!sound.ok) return sound;
    const { size, ...rest } = change;
    if (size !== undefined) {
      const fit = this.#tree.fits(size - (this.#base?.bytes.length ?? 0));
      if (!fit.ok) return fit;
      this.#draft.resize(size);
    }
    this.#change = { ...this.#change, ...rest };
    this.#dirty = true;
    return ok();
  }

  async flush(): Promise<Result<void>> {
    return this.#open ? ok() : closedFile();
  }

  async close(): Promise<Result<void>> {
    if (!this.#open) return closedFile();
    this.#open = false;
    if (!this.#dirty) return ok();
    const folder = this.#tree.folderOf(this.#path);
    if (!folder.ok) return folder;
    const there = folder.value.children.get(nameOf(this.#path));
    if (there?.kind === "folder" || there !== this.#base || there?.bytes !== this.#baseBytes)
      return lostBase(this.#path);
    const fit = this.#tree.fits(this.#draft.size - (there?.bytes.length ?? 0));
    if (!fit.ok) return fit;
    const at = this.#tree.clock.wall();
    const { mode = there?.mode ?? 0o644, modifiedAt = at } = this.#change;
    const node: MemoryFile = there ?? {
      kind: "file",
      id: this.#id,
      createdAt: at,
      bytes: this.#draft.bytes,
      modifiedAt,
      mode,
    };
    node.bytes = this.#draft.bytes.slice();
    node.modifiedAt = modifiedAt;
    node.mode = permissionBits(mode);
    node.note = this.#change.note ?? node.note;
    folder.value.children.set(nameOf(this.#path), node);
    return ok();
  }

  async discard(): Promise<void> {
    this.#open = false;
  }
}
