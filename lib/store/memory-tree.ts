import { parentOf, type Path } from "../base/path.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Clock, UnixMs } from "../base/time.ts";
import type { FileStat } from "./files.ts";
import { checkNames, noSuch, notFolder } from "./files-checks.ts";

/** A file's content is never changed, only replaced. */
export interface MemoryFile {
  readonly kind: "file";
  readonly id: string;
  readonly createdAt: UnixMs;
  bytes: Uint8Array;
  modifiedAt: UnixMs;
  mode: number;
  note?: string | undefined;
}

export interface MemoryFolder {
  readonly kind: "folder";
  readonly id: string;
  readonly createdAt: UnixMs;
  readonly children: Map<string, MemoryNode>;
  modifiedAt: UnixMs;
  mode: number;
  note?: string | undefined;
}

export type MemoryNode = MemoryFile | MemoryFolder;

/** The nodes, how they are found, and what they may take. */
export class MemoryTree {
  readonly clock: Clock;
  readonly capacityBytes: number;
  readonly root: MemoryFolder;
  #lastId = 0;

  constructor(clock: Clock, capacityBytes: number) {
    this.clock = clock;
    this.capacityBytes = capacityBytes;
    this.root = this.newFolder();
  }

  newId(): string {
    return String(++this.#lastId);
  }

  newFolder(): MemoryFolder {
    const at = this.clock.wall();
    return {
      kind: "folder",
      id: this.newId(),
      createdAt: at,
      modifiedAt: at,
      mode: 0o755,
      children: new Map(),
    };
  }

  /** Faults: bad-name, not-found, not-directory. */
  find(path: Path): Result<MemoryNode> {
    const named = checkNames(path);
    if (!named.ok) return named;
    let node: MemoryNode = this.root;
    for (const name of path) {
      if (node.kind !== "folder") return notFolder(path);
      const next: MemoryNode | undefined = node.children.get(name);
      if (!next) return noSuch(path);
      node = next;
    }
    return ok(node);
  }

  /** The folder a name is in. Faults: bad-name, not-found, not-directory. */
  folderOf(path: Path): Result<MemoryFolder> {
    const named = checkNames(path);
    if (!named.ok) return named;
    const found = this.find(parentOf(path));
    if (!found.ok) return found;
    return found.value.kind === "folder" ? ok(found.value) : notFolder(path);
  }

  statOf(node: MemoryNode): FileStat {
    const { kind, id, createdAt, modifiedAt, mode, note } = node;
    const size = node.kind === "file" ? node.bytes.length : 0;
    return { kind, size, id, createdAt, modifiedAt, mode, owner: "house", group: "house", note };
  }

  get usedBytes(): number {
    return sizeOf(this.root);
  }

  /** Faults: no-space. */
  fits(more: number): Result<void> {
    return more <= 0 || this.usedBytes + more <= this.capacityBytes
      ? ok()
      : fail("no-space", "the disk is full");
  }
}

function sizeOf(node: MemoryNode): number {
  if (node.kind === "file") return node.bytes.length;
  return [...node.children.values()].reduce((sum, one) => sum + sizeOf(one), 0);
}
