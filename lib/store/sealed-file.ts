import { createCipheriv, createDecipheriv } from "node:crypto";
import * as fs from "node:fs";
import { concat, empty } from "../base/bytes.ts";
import type { Entropy } from "../base/entropy.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { call, readSome, writeAll } from "./file-calls.ts";

const pageBytes = 64 << 10;
const slotBytes = pageBytes + 16;

/** A page in the open. */
interface Page {
  readonly number: number;
  readonly bytes: Uint8Array;
  dirty: boolean;
}

/** A file that is written and read at any place, and holds nothing that can be read without this object:
 *  pages of 64 KiB under AES-256-GCM with a key that lies in memory alone, sealed with a new nonce at each
 *  writing. What a crash leaves of it is noise. One call at a time.
 *  Faults: no-space, read-only, too-many, io. */
export class SealedFile {
  readonly #fd: number;
  readonly #key: Uint8Array;
  /** How often a page was written: with its number, the nonce. Never goes back, also where a page was cut
   *  off. */
  readonly #counts = new Map<number, number>();
  /** The pages that are in the file, and which writing of them. */
  readonly #written = new Map<number, number>();
  /** The page last touched. */
  #page: Page | undefined;

  private constructor(fd: number, key: Uint8Array) {
    this.#fd = fd;
    this.#key = key;
  }

  static async make(path: string, entropy: Entropy): Promise<Result<SealedFile>> {
    const opened = await call<number>((done) => fs.open(path, "wx+", 0o600, done));
    return opened.ok ? ok(new SealedFile(opened.value, entropy(32))) : opened;
  }

  async write(offset: number, bytes: Uint8Array): Promise<Result<void>> {
    for (let at = 0; at < bytes.length;) {
      const place = (offset + at) % pageBytes;
      const piece = bytes.subarray(at, at + pageBytes - place);
      const page = await this.#turnTo(Math.floor((offset + at) / pageBytes), piece.length === pageBytes);
      if (!page.ok) return page;
      page.value.bytes.set(piece, place);
      page.value.dirty = true;
      at += piece.length;
    }
    return ok();
  }

  /** What was never written reads as zeros. */
  async read(offset: number, length: number): Promise<Result<Uint8Array>> {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < length;) {
      const place = (offset + at) % pageBytes;
      const page = await this.#turnTo(Math.floor((offset + at) / pageBytes), false);
      if (!page.ok) return page;
      const piece = page.value.bytes.slice(place, place + length - at);
      parts.push(piece);
      at += piece.length;
    }
    return ok(parts.length === 1 ? parts[0]! : parts.length === 0 ? empty : concat(parts));
  }

  /** Forgets what is behind `size`. */
  async cut(size: number): Promise<Result<void>> {
    const kept = Math.ceil(size / pageBytes);
    for (const number of this.#written.keys()) if (number >= kept) this.#written.delete(number);
    if (this.#page && this.#page.number >= kept) this.#page = undefined;
    if (size % pageBytes === 0) return ok();
    const last = await this.#turnTo(kept - 1, false);
    if (!last.ok) return last;
    last.value.bytes.fill(0, size % pageBytes);
    last.value.dirty = true;
    return ok();
  }

  async flush(): Promise<Result<void>> {
    const put = await this.#putBack();
    return put.ok ? call((done) => fs.fdatasync(this.#fd, done)) : put;
  }

  async close(): Promise<void> {
    await call((done) => fs.close(this.#fd, done));
  }

  /** The page in the open; `anew`: all of it is about to be written. */
  async #turnTo(number: number, anew: boolean): Promise<Result<Page>> {
    if (this.#page?.number === number) return ok(this.#page);
    const put = await this.#putBack();
    if (!put.ok) return put;
    const bytes = anew ? ok(new Uint8Array(pageBytes)) : await this.#load(number);
    if (!bytes.ok) return bytes;
    this.#page = { number, bytes: bytes.value, dirty: false };
    return ok(this.#page);
  }

  async #load(number: number): Promise<Result<Uint8Array>> {
    const count = this.#written.get(number);
    if (count === undefined) return ok(new Uint8Array(pageBytes));
    const slot = await readSome(this.#fd, number * slotBytes, slotBytes);
    if (!slot.ok) return slot;
    const cipher = createDecipheriv("aes-256-gcm", this.#key, nonceOf(number, count));
    cipher.setAuthTag(slot.value.subarray(pageBytes));
    const plain = cipher.update(slot.value.subarray(0, pageBytes));
    try {
      cipher.final();
      return ok(new Uint8Array(plain));
    } catch {
      return fail("io", "a page of what is being written has changed on disk");
    }
  }

  async #putBack(): Promise<Result<void>> {
    const page = this.#page;
    if (!page?.dirty) return ok();
    const count = (this.#counts.get(page.number) ?? 0) + 1;
    this.#counts.set(page.number, count);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonceOf(page.number, count));
    const slot = concat([cipher.update(page.bytes), cipher.final(), cipher.getAuthTag()]);
    const written = await writeAll(this.#fd, page.number * slotBytes, slot);
    if (!written.ok) return written;
    this.#written.set(page.number, count);
    page.dirty = false;
    return ok();
  }
}

function nonceOf(page: number, count: number): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(page, 0, 6);
  nonce.writeUIntBE(count, 6, 6);
  return nonce;
}
