import { ok, type Result } from "../base/result.ts";
import type { Content } from "./content.ts";
import { ContentReader } from "./content-reader.ts";
import type { FileStat, OpenFile } from "./files.ts";
import { checkRange, closedFile, notOpenedFor } from "./files-checks.ts";

/** A version of an object, open to be read: it stays whatever happens to its name. */
export class BucketReader implements OpenFile {
  readonly file: OpenFile["file"];
  readonly #stat: FileStat;
  readonly #reader: ContentReader;
  #open = true;

  constructor(stat: FileStat, content: Content) {
    this.#stat = stat;
    this.#reader = new ContentReader(content);
    this.file = content.file;
  }

  async stat(): Promise<Result<FileStat>> {
    return this.#open ? ok(this.#stat) : closedFile();
  }

  async read(offset: number, length: number): Promise<Result<Uint8Array>> {
    if (!this.#open) return closedFile();
    const sound = checkRange(offset, length);
    return sound.ok ? this.#reader.read(offset, length) : sound;
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
    await this.#reader.close();
    return ok();
  }

  async discard(): Promise<void> {
    if (this.#open) await this.close();
  }
}
