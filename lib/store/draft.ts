import * as fs from "node:fs";
import { join } from "node:path";
import type { Entropy } from "../base/entropy.ts";
import { randomText } from "../base/ids.ts";
import { ok, type Result } from "../base/result.ts";
import type { Source } from "./content.ts";
import { GrowingBytes } from "./growing-bytes.ts";
import { call, readSome, writeAll } from "./file-calls.ts";

/** What fits stays in memory until it is flushed or published. */
const memoryBytes = 256 << 10;
const stepBytes = 256 << 10;

/** Bytes that somebody is writing, before they have a name: in memory while small, then in a staging file.
 *  One call at a time. Faults: no-space, read-only, too-many, io. */
export class Draft {
  readonly #folder: string;
  readonly #entropy: Entropy;
  #memory: GrowingBytes | undefined = new GrowingBytes();
  #file: { readonly fd: number; readonly path: string } | undefined;
  #size = 0;

  /** `folder`: this process's own staging folder. */
  constructor(folder: string, entropy: Entropy) {
    this.#folder = folder;
    this.#entropy = entropy;
  }

  get size(): number {
    return this.#size;
  }

  async write(offset: number, bytes: Uint8Array): Promise<Result<void>> {
    if (bytes.length === 0) return ok();
    const end = offset + bytes.length;
    if (this.#memory && end <= memoryBytes) {
      this.#memory.write(offset, bytes);
    } else {
      const spilt = await this.#spill();
      if (!spilt.ok) return spilt;
      const written = await writeAll(spilt.value, offset, bytes);
      if (!written.ok) return written;
    }
    this.#size = Math.max(this.#size, end);
    return ok();
  }

  async read(offset: number, length: number): Promise<Result<Uint8Array>> {
    if (this.#memory) return ok(this.#memory.read(offset, length));
    return readSome(this.#file!.fd, offset, Math.max(0, Math.min(length, this.#size - offset)));
  }

  /** Cuts, or extends with zeros. */
  async resize(size: number): Promise<Result<void>> {
    if (this.#memory && size <= memoryBytes) {
      this.#memory.resize(size);
    } else {
      const spilt = await this.#spill();
      if (!spilt.ok) return spilt;
      const cut = await call((done) => fs.ftruncate(spilt.value, size, done));
      if (!cut.ok) return cut;
    }
    this.#size = size;
    return ok();
  }

  /** On disk when it resolves, also what was small. */
  async flush(): Promise<Result<void>> {
    const spilt = await this.#spill();
    return spilt.ok ? call((done) => fs.fdatasync(spilt.value, done)) : spilt;
  }

  async #spill(): Promise<Result<number>> {
    if (this.#file) return ok(this.#file.fd);
    const path = join(this.#folder, `draft-${randomText(this.#entropy, 20)}`);
    const opened = await call<number>((done) => fs.open(path, "wx+", 0o600, done));
    if (!opened.ok) return opened;
    this.#file = { fd: opened.value, path };
    const written = await writeAll(opened.value, 0, this.#memory!.bytes);
    if (!written.ok) return written;
    this.#memory = undefined;
    return ok(opened.value);
  }

  /** All of it, from the start. */
  source(): Source {
    if (this.#memory) return { size: this.#size, chunks: once(this.#memory.bytes) };
    return { size: this.#size, chunks: chunksOf(this.#file!.fd, this.#size) };
  }

  /** Forgets it all. */
  async drop(): Promise<void> {
    const file = this.#file;
    [this.#file, this.#memory, this.#size] = [undefined, new GrowingBytes(), 0];
    if (!file) return;
    await call((done) => fs.close(file.fd, done));
    await call((done) => fs.unlink(file.path, done));
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield await Promise.resolve(bytes.slice());
}

async function* chunksOf(fd: number, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += stepBytes) {
    const chunk = await readSome(fd, at, Math.min(stepBytes, size - at));
    if (!chunk.ok) throw new Error(chunk.fault.what);
    yield chunk.value;
  }
}
