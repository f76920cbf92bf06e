import * as fs from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { systemFiles, type FileOps } from "../../lib/store/blobs/file-ops.ts";

/** One file's bytes, whatever names it has. */
interface Inode {
  readonly id: number;
  /** Bytes that are on disk for certain. */
  synced: number;
}

/** A failure to come: the call, how many such calls from now, and the system's code. */
export interface Planned {
  readonly call: keyof FileOps;
  readonly after: number;
  readonly code: string;
}

/** Real files, with the two things real disks do: at a power cut everything not synced may be gone, names as
 *  well as bytes; and a chosen call may fail. `coin` decides what an unsynced thing becomes. */
export class FaultFiles implements FileOps {
  readonly #attic: string;
  readonly #coin: () => boolean;
  readonly #open = new Map<number, Inode>();
  readonly #names = new Map<string, Inode>();
  /** Names on disk, by folder. */
  readonly #durable = new Map<string, Map<string, Inode>>();
  #logSynced = 0;
  #nextId = 1;
  #planned: Planned | undefined;
  #calls = 0;
  #cutAt = Infinity;
  #onCut = (): void => {};
  isCut = false;

  /** `attic`: a folder of its own, where bytes stay though their names go. */
  constructor(attic: string, coin: () => boolean) {
    this.#attic = attic;
    this.#coin = coin;
    fs.mkdirSync(attic, { recursive: true });
  }

  plan(planned: Planned | undefined): void {
    this.#planned = planned;
  }

  /** The power goes at the `call`th call from now: `run` looks at what is left, and nothing works after. */
  cutPower(call: number, run: () => void): void {
    this.#cutAt = this.#calls + call;
    this.#onCut = run;
  }

  /** Takes what lies in `folder` from an earlier life for synced. */
  adopt(folder: string): void {
    for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name.endsWith(".lock")) continue;
      const path = join(entry.parentPath, entry.name);
      const inode = { id: this.#nextId++, synced: fs.statSync(path).size };
      fs.linkSync(path, join(this.#attic, String(inode.id)));
      this.#names.set(path, inode);
      this.#folder(path).set(entry.name, inode);
    }
  }

  #folder(path: string): Map<string, Inode> {
    const folder = dirname(path);
    const names = this.#durable.get(folder) ?? new Map<string, Inode>();
    this.#durable.set(folder, names);
    return names;
  }

  #enter(call: keyof FileOps): void {
    if (this.isCut) throw failure("EIO");
    if (++this.#calls >= this.#cutAt) {
      this.isCut = true;
      this.#onCut();
      throw failure("EIO");
    }
    const planned = this.#planned;
    if (planned?.call !== call) return;
    this.#planned = planned.after > 0 ? { ...planned, after: planned.after - 1 } : undefined;
    if (planned.after === 0) throw failure(planned.code);
  }

  makeFolder(path: string): void {
    this.#enter("makeFolder");
    fs.mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  create(path: string): number {
    this.#enter("create");
    const inode = { id: this.#nextId++, synced: 0 };
    const file = systemFiles.create(join(this.#attic, String(inode.id)));
    fs.linkSync(join(this.#attic, String(inode.id)), path);
    this.#names.set(path, inode);
    this.#open.set(file, inode);
    return file;
  }

  openRead(path: string): number {
    this.#enter("openRead");
    return systemFiles.openRead(path);
  }

  write(file: number, bytes: Uint8Array, at: number): void {
    this.#enter("write");
    systemFiles.write(file, bytes, at);
  }

  sync(file: number): void {
    this.#enter("sync");
    this.#open.get(file)!.synced = fs.fstatSync(file).size;
  }

  close(file: number): void {
    this.#open.delete(file);
    systemFiles.close(file);
  }

  link(from: string, to: string): void {
    this.#enter("link");
    fs.linkSync(from, to);
    this.#names.set(to, this.#names.get(from)!);
  }

  unlink(path: string): void {
    this.#enter("unlink");
    systemFiles.unlink(path);
    this.#names.delete(path);
  }

  syncFolder(path: string): void {
    this.#enter("syncFolder");
    const now = [...this.#names].filter(([name]) => dirname(name) === path);
    this.#durable.set(path, new Map(now.map(([name, inode]) => [basename(name), inode])));
  }

  names(path: string): string[] {
    return systemFiles.names(path);
  }

  removeFolder(path: string): void {
    this.#enter("removeFolder");
    systemFiles.removeFolder(path);
  }

  async syncFolderLater(path: string): Promise<void> {
    await Promise.resolve();
    if (!fs.existsSync(path)) throw failure("ENOENT");
    this.syncFolder(path);
  }

  openLog(path: string): number {
    const file = systemFiles.openLog(path);
    this.#logSynced = fs.fstatSync(file).size;
    return file;
  }

  async syncLater(file: number): Promise<void> {
    this.#enter("syncLater");
    const size = fs.fstatSync(file).size;
    await Promise.resolve();
    this.#enter("syncLater");
    this.#logSynced = size;
  }

  /** What a disk may hold after the cut, from `data` to a fresh folder `to`. */
  remains(data: string, to: string): void {
    fs.mkdirSync(to, { mode: 0o700 });
    for (const name of ["catalog.db", "catalog.db-wal", "master.key"]) {
      if (fs.existsSync(join(data, name))) fs.copyFileSync(join(data, name), join(to, name));
    }
    if (this.#coin()) fs.truncateSync(join(to, "catalog.db-wal"), this.#logSynced);
    const paths = new Set(this.#names.keys());
    for (const [folder, names] of this.#durable)
      for (const name of names.keys()) paths.add(join(folder, name));
    for (const path of paths) {
      const now = this.#names.get(path);
      const before = this.#durable.get(dirname(path))?.get(basename(path));
      const inode = now === before || this.#coin() ? now : before;
      if (inode) this.#keep(inode, join(to, relative(data, path)));
    }
    for (const name of fs.readdirSync(join(data, "staging"))) {
      if (name.endsWith(".lock")) fs.writeFileSync(join(to, "staging", name), "");
    }
  }

  #keep(inode: Inode, path: string): void {
    fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    fs.copyFileSync(join(this.#attic, String(inode.id)), path);
    if (this.#coin()) fs.truncateSync(path, inode.synced);
  }
}

const failure = (code: string): Error => Object.assign(new Error(code), { code });
