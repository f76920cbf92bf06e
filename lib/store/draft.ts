import * as fs from "node:fs";
import { join } from "node:path";
import { Bug } from "../base/assert.ts";
import type { Entropy } from "../base/entropy.ts";
import { randomText } from "../base/ids.ts";
import { ok, type Result } from "../base/result.ts";
import type { Flow, SinkPool } from "./blobs/sink-pool.ts";
import type { Digests, Source } from "./content.ts";
import { call, readSome, writeAll } from "./file-calls.ts";
import { GrowingBytes } from "./growing-bytes.ts";
import { SealedFile } from "./sealed-file.ts";

/** What fits stays in memory until it is flushed or published. */
const memoryBytes = 256 << 10;
const stepBytes = 256 << 10;
const pieceBytes = 128 << 10;

/** Where drafts lie. */
export interface DraftPlace {
  /** This process's own folder, on the disk of the blobs. */
  readonly staging: string;
  /** Who hashes and writes what comes in order; without it everything is hashed when it is published. */
  readonly pool?: SinkPool | undefined;
  readonly entropy: Entropy;
}

/** Where the bytes are: first in memory; then, while they come in order, flowing through a thread that hashes
 *  and writes them; then, once something is asked that a flow cannot do, in a file of our own. */
type Where =
  | { readonly in: "memory"; readonly bytes: GrowingBytes }
  | { readonly in: "flow"; readonly flow: Flow; readonly path: string }
  | { readonly in: "sealed"; readonly file: SealedFile; readonly path: string }
  | OwnFile;

interface OwnFile {
  readonly in: "file";
  readonly fd: number;
  readonly path: string;
}

/** Bytes that somebody is writing, before they have a name. One call at a time.
 *  Faults: no-space, read-only, too-many, io. */
export class Draft {
  readonly #place: DraftPlace;
  readonly #sealed: boolean;
  #where: Where = { in: "memory", bytes: new GrowingBytes() };
  #size = 0;
  /** What a file that a flow has written hashes to, until it is written to again. */
  #digests: Digests | undefined;

  /** `sealed`: what does not stay in memory lies on disk so that nobody else can read it. */
  constructor(place: DraftPlace, sealed = false) {
    this.#place = place;
    this.#sealed = sealed;
  }

  get size(): number {
    return this.#size;
  }

  async write(offset: number, bytes: Uint8Array): Promise<Result<void>> {
    if (bytes.length === 0) return ok();
    const end = offset + bytes.length;
    const written = await this.#write(offset, bytes, end);
    if (written.ok) this.#size = Math.max(this.#size, end);
    return written;
  }

  async #write(offset: number, bytes: Uint8Array, end: number): Promise<Result<void>> {
    const inOrder = offset === this.#size;
    if (this.#where.in === "memory" && end <= memoryBytes) {
      this.#where.bytes.write(offset, bytes);
      return ok();
    }
    if (this.#sealed) {
      const file = await this.#toSealed();
      return file.ok ? file.value.write(offset, bytes) : file;
    }
    if (this.#where.in === "memory" && inOrder && this.#place.pool) {
      const begun = await this.#beginFlow(this.#place.pool, this.#where.bytes.bytes);
      if (!begun.ok) return begun;
    }
    if (this.#where.in === "flow" && inOrder) return pour(this.#where.flow, bytes);
    const file = await this.#toFile();
    if (!file.ok) return file;
    this.#digests = undefined;
    return writeAll(file.value.fd, offset, bytes);
  }

  async #beginFlow(pool: SinkPool, head: Uint8Array): Promise<Result<void>> {
    const path = this.#newPath();
    const opened = await pool.open(path, ["md5"]);
    if (!opened.ok) return opened;
    this.#where = { in: "flow", flow: opened.value, path };
    return pour(opened.value, head);
  }

  #newPath(): string {
    return join(this.#place.staging, randomText(this.#place.entropy, 26));
  }

  async read(offset: number, length: number): Promise<Result<Uint8Array>> {
    if (this.#where.in === "memory") return ok(this.#where.bytes.read(offset, length));
    const wanted = Math.max(0, Math.min(length, this.#size - offset));
    if (this.#where.in === "sealed") return this.#where.file.read(offset, wanted);
    const file = await this.#toFile();
    if (!file.ok) return file;
    return readSome(file.value.fd, offset, wanted);
  }

  /** Cuts, or extends with zeros. */
  async resize(size: number): Promise<Result<void>> {
    if (this.#where.in === "memory" && size <= memoryBytes) {
      this.#where.bytes.resize(size);
    } else if (this.#sealed && size !== this.#size) {
      const file = await this.#toSealed();
      const cut = file.ok && size < this.#size ? await file.value.cut(size) : file;
      if (!cut.ok) return cut;
    } else if (size !== this.#size) {
      const file = await this.#toFile();
      if (!file.ok) return file;
      this.#digests = undefined;
      const cut = await call((done) => fs.ftruncate(file.value.fd, size, done));
      if (!cut.ok) return cut;
    }
    this.#size = size;
    return ok();
  }

  /** On disk when it resolves, also what was small. */
  async flush(): Promise<Result<void>> {
    if (this.#sealed) {
      const file = await this.#toSealed();
      return file.ok ? file.value.flush() : file;
    }
    const file = await this.#toFile();
    return file.ok ? call((done) => fs.fdatasync(file.value.fd, done)) : file;
  }

  async #toSealed(): Promise<Result<SealedFile>> {
    const where = this.#where;
    if (where.in === "sealed") return ok(where.file);
    const path = this.#newPath();
    const file = await SealedFile.make(path, this.#place.entropy);
    if (!file.ok) return file;
    this.#where = { in: "sealed", file: file.value, path };
    if (where.in !== "memory") return ok(file.value);
    const written = await file.value.write(0, where.bytes.bytes);
    return written.ok ? file : written;
  }

  /** A file of our own, with all that was written in it. */
  async #toFile(): Promise<Result<OwnFile>> {
    const where = this.#where;
    if (where.in === "file") return ok(where);
    if (where.in === "sealed") throw new Bug("a sealed draft was asked for its plain file");
    if (where.in === "flow") {
      const ended = await this.#endFlow(where.flow);
      if (!ended.ok) return ended;
    }
    const path = where.in === "flow" ? where.path : this.#newPath();
    const opened = await call<number>((done) =>
      fs.open(path, where.in === "flow" ? "r+" : "wx+", 0o600, done),
    );
    if (!opened.ok) return opened;
    const file: OwnFile = { in: "file", fd: opened.value, path };
    this.#where = file;
    if (where.in === "flow") return ok(file);
    const written = await writeAll(file.fd, 0, where.bytes.bytes);
    return written.ok ? ok(file) : written;
  }

  /** All of it is on disk, and it is known what it hashes to. */
  async #endFlow(flow: Flow): Promise<Result<void>> {
    const ended = await flow.finish();
    if (!ended.ok) return ended;
    flow.leave();
    this.#digests = ended.value.digests;
    return ok();
  }

  /** All of it, from the start. */
  async source(): Promise<Result<Source>> {
    const size = this.#size;
    if (this.#where.in === "memory") {
      const bytes = this.#where.bytes.bytes.slice();
      return ok({ size, bytes, chunks: once(bytes) });
    }
    if (this.#where.in === "sealed") return ok({ size, chunks: openedChunks(this.#where.file, size) });
    const file = await this.#toFile();
    if (!file.ok) return file;
    const { fd, path } = file.value;
    return ok({ size, chunks: chunksOf(fd, size), file: this.#digests && { path, digests: this.#digests } });
  }

  /** Forgets it all. */
  async drop(): Promise<void> {
    const where = this.#where;
    [this.#where, this.#size] = [{ in: "memory", bytes: new GrowingBytes() }, 0];
    if (where.in === "flow") await where.flow.abandon();
    if (where.in !== "file" && where.in !== "sealed") return;
    if (where.in === "sealed") await where.file.close();
    else await call((done) => fs.close(where.fd, done));
    await call((done) => fs.unlink(where.path, done));
  }
}

/** In pieces too small for the flow to take their buffer away: callers look at its length once more. */
async function pour(flow: Flow, bytes: Uint8Array): Promise<Result<void>> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const written = await flow.write(bytes.subarray(at, at + pieceBytes));
    if (!written.ok) return written;
  }
  return ok();
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield await Promise.resolve(bytes);
}

async function* chunksOf(fd: number, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += stepBytes) {
    const chunk = await readSome(fd, at, Math.min(stepBytes, size - at));
    if (!chunk.ok) throw new Error(chunk.fault.what);
    yield chunk.value;
  }
}

async function* openedChunks(file: SealedFile, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += stepBytes) {
    const chunk = await file.read(at, Math.min(stepBytes, size - at));
    if (!chunk.ok) throw new Error(chunk.fault.what);
    yield chunk.value;
  }
}
