import { dirname } from "node:path";
import type { DigestName, Digests } from "../content.ts";
import { digester, type Digester } from "../digests.ts";
import type { FileOps } from "./file-ops.ts";

/** One file being written: created in staging, hashed on the way, synced at the end, then published. */
export class Sink {
  readonly #files: FileOps;
  readonly #path: string;
  readonly #digester: Digester;
  #file: number | undefined;
  #size = 0;

  constructor(files: FileOps, path: string, names: readonly DigestName[]) {
    this.#files = files;
    this.#path = path;
    this.#digester = digester(names);
    this.#file = files.create(path);
  }

  write(bytes: Uint8Array): void {
    this.#digester.update(bytes);
    this.#files.write(this.#file!, bytes, this.#size);
    this.#size += bytes.length;
  }

  /** The bytes are on disk under their staging name when it returns. The name too: recovery finds by it
   *  what `publish` has made. */
  finish(): { size: number; digests: Digests } {
    this.#files.sync(this.#file!);
    this.#close();
    this.#files.syncFolder(dirname(this.#path));
    return { size: this.#size, digests: this.#digester.digest() };
  }

  /** Gives it a second name, which is on disk when it returns. */
  publish(path: string): void {
    this.#files.makeFolder(dirname(path));
    this.#files.link(this.#path, path);
    this.#files.syncFolder(dirname(path));
  }

  /** Also after a failure, as often as you like. */
  abandon(): void {
    this.#close();
    this.#files.unlink(this.#path);
  }

  #close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) this.#files.close(file);
  }
}
