import { dirname } from "node:path";
import type { DigestName, Digests } from "../content.ts";
import { digester, type Digester } from "../digests.ts";
import { shaperOf, type Shaper, type Shaping } from "./body-form.ts";
import type { FileOps } from "./file-ops.ts";

/** What is on disk. */
export interface Sunk {
  /** Of the body as it came. */
  readonly size: number;
  readonly digests: Digests;
  /** Of the file, where the body was shaped on the way. */
  readonly stored: { readonly size: number; readonly md5: Uint8Array } | undefined;
}

/** One file being written: created in staging, hashed on the way, synced at the end, then published. */
export class Sink {
  readonly #files: FileOps;
  readonly #path: string;
  readonly #digester: Digester;
  #file: number | undefined;
  #size = 0;
  readonly #shaper: Shaper | undefined;
  /** Of what is written, where that is another thing than what came. */
  readonly #storedDigester: Digester | undefined;
  #storedSize = 0;

  constructor(files: FileOps, path: string, names: readonly DigestName[], shaping: Shaping | undefined) {
    this.#files = files;
    this.#path = path;
    this.#digester = digester(names);
    this.#shaper = shaping && shaperOf(shaping);
    this.#storedDigester = shaping && digester(["md5"]);
    this.#file = files.create(path);
  }

  write(bytes: Uint8Array): void {
    this.#digester.update(bytes);
    if (this.#shaper) this.#writeShaped(this.#shaper.push(bytes));
    else this.#files.write(this.#file!, bytes, this.#size);
    this.#size += bytes.length;
  }

  #writeShaped(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      this.#storedDigester!.update(piece);
      this.#files.write(this.#file!, piece, this.#storedSize);
      this.#storedSize += piece.length;
    }
  }

  /** The bytes are on disk under their staging name when it returns. The name too: recovery finds by it
   *  what `publish` has made. */
  finish(): Sunk {
    if (this.#shaper) this.#writeShaped(this.#shaper.finish());
    this.#files.sync(this.#file!);
    this.#close();
    this.#files.syncFolder(dirname(this.#path));
    const stored = this.#storedDigester && {
      size: this.#storedSize,
      md5: this.#storedDigester.digest().md5!,
    };
    return { size: this.#size, digests: this.#digester.digest(), stored };
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
