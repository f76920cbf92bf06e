import * as fs from "node:fs";
import { ok, type Result } from "../base/result.ts";
import { call, readSome } from "./file-calls.ts";
import type { FileStat, OpenFile } from "./files.ts";
import { checkRange, closedFile, notOpenedFor } from "./files-checks.ts";

/** A plain file on disk, open to be read. Writers here replace files and never change them, so it stays. */
export class PosixReader implements OpenFile {
  readonly file: OpenFile["file"];
  readonly #fd: number;
  readonly #stat: FileStat;
  /** Reads under way: the descriptor is closed after the last. */
  readonly #reads = new Set<Promise<unknown>>();
  #open = true;

  /** `fd` belongs to this from now on. */
  constructor(fd: number, stat: FileStat) {
    this.#fd = fd;
    this.#stat = stat;
    this.file = process.platform === "linux" ? { path: `/proc/self/fd/${fd}`, offset: 0 } : undefined;
  }

  async stat(): Promise<Result<FileStat>> {
    return this.#open ? ok(this.#stat) : closedFile();
  }

  async read(offset: number, length: number): Promise<Result<Uint8Array>> {
    if (!this.#open) return closedFile();
    const sound = checkRange(offset, length);
    if (!sound.ok) return sound;
    const reading = readSome(this.#fd, offset, Math.max(0, Math.min(length, this.#stat.size - offset)));
    this.#reads.add(reading);
    const bytes = await reading;
    this.#reads.delete(reading);
    return bytes;
  }

  async write(): Promise<Result<void>> {
    return this.#open ? notOpenedFor("writing") : closedFile();
  }

  async change(): Promise<Result<void>> {
    return this.#open ? notOpenedFor("writing") : closedFile();
  }

  async flush(): Promise<Result<void>> {
    return this.#open ? ok() : closedFile();
  }

  async close(): Promise<Result<void>> {
    if (!this.#open) return closedFile();
    this.#open = false;
    await Promise.all(this.#reads);
    return call((done) => fs.close(this.#fd, done));
  }

  async discard(): Promise<void> {
    if (this.#open) await this.close();
  }
}
