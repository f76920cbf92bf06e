import { createDeflate, createInflate, type Deflate, type Inflate } from "node:zlib";
import { concat, empty } from "../../lib/base/bytes.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import type { DataLink } from "../../lib/gate/ftp/needs.ts";

/** Compressed bytes given to zlib at once: a thousand times as many may come of them. */
const sliceBytes = 4096;
/** What goes beyond this ratio, after so many bytes, is no file but a bomb. */
const bombRatio = 400;
const bombBytes = 64 << 20;

/** MODE Z (draft-preston-ftpext-deflate): the same link with a zlib stream on the wire. Faults beside the
 *  link's own: truncated (the stream breaks off), damaged (it is none), too-large (a bomb). */
export function deflatedLink(link: DataLink, level: number): DataLink {
  const reader = new InflatingReader(link);
  const writer = new DeflatingWriter(link, level);
  return {
    read: (least) => reader.read(least),
    write: (bytes) => writer.write(bytes),
    end: () => writer.end(),
    cut: () => link.cut(),
  };
}

/** Collects what a zlib stream gives for each piece it is given. */
class Squeezer {
  readonly #stream: Deflate | Inflate;
  #out: Uint8Array[] = [];
  #broken: Error | undefined;

  constructor(stream: Deflate | Inflate) {
    this.#stream = stream;
    stream.on("data", (chunk: Uint8Array) => this.#out.push(chunk));
    stream.on("error", (error: Error) => void (this.#broken ??= error));
  }

  /** Undefined where the stream is broken. */
  async push(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    if (this.#broken) return undefined;
    await this.#settled((done) => void this.#stream.write(bytes, done));
    return this.#take();
  }

  async finish(): Promise<Uint8Array | undefined> {
    if (this.#broken) return undefined;
    await this.#settled((done) => {
      this.#stream.once("end", done);
      this.#stream.end();
    });
    return this.#take();
  }

  async #settled(act: (done: () => void) => void): Promise<void> {
    await new Promise<void>((yes) => {
      this.#stream.once("error", () => yes());
      act(yes);
    });
    await new Promise<void>((yes) => setImmediate(yes));
  }

  #take(): Uint8Array | undefined {
    this.#stream.removeAllListeners("error");
    this.#stream.on("error", (error: Error) => void (this.#broken ??= error));
    if (this.#broken) return undefined;
    const out = concat(this.#out);
    this.#out = [];
    return out;
  }
}

class DeflatingWriter {
  readonly #link: DataLink;
  readonly #level: number;
  #squeezer: Squeezer | undefined;

  constructor(link: DataLink, level: number) {
    this.#link = link;
    this.#level = level;
  }

  async write(bytes: Uint8Array): Promise<Result<void>> {
    const out = await this.#open().push(bytes);
    if (!out) return fail("io", "the data cannot be compressed");
    return out.length > 0 ? await this.#link.write(out) : ok();
  }

  /** A link that was only read from has nothing to end in its own stream. */
  async end(): Promise<Result<void>> {
    const out = this.#squeezer ? await this.#squeezer.finish() : empty;
    if (!out) return fail("io", "the data cannot be compressed");
    const written = out.length > 0 ? await this.#link.write(out) : ok();
    return written.ok ? await this.#link.end() : written;
  }

  #open(): Squeezer {
    return (this.#squeezer ??= new Squeezer(createDeflate({ level: this.#level })));
  }
}

class InflatingReader {
  readonly #link: DataLink;
  readonly #squeezer = new Squeezer(createInflate());
  #held: Uint8Array = empty;
  #in = 0;
  #out = 0;
  #over = false;

  constructor(link: DataLink) {
    this.#link = link;
  }

  async read(least: number): Promise<Result<Uint8Array>> {
    const parts: Uint8Array[] = [];
    for (let size = 0; size < least && !this.#over;) {
      const more = await this.#more();
      if (!more.ok) return more;
      parts.push(more.value);
      size += more.value.length;
    }
    return ok(concat(parts));
  }

  async #more(): Promise<Result<Uint8Array>> {
    if (this.#held.length === 0) {
      const got = await this.#link.read(1);
      if (!got.ok) return got;
      if (got.value.length === 0) return await this.#atEnd();
      this.#held = got.value;
    }
    const slice = this.#held.subarray(0, sliceBytes);
    this.#held = this.#held.subarray(slice.length);
    const out = await this.#squeezer.push(slice.slice());
    if (!out) return fail("damaged", "the data is no zlib stream");
    this.#in += slice.length;
    this.#out += out.length;
    const bomb = this.#out > bombBytes && this.#out > this.#in * bombRatio;
    return bomb ? fail("too-large", "the data inflates beyond measure") : ok(out);
  }

  /** zlib tells only now whether that was all. */
  async #atEnd(): Promise<Result<Uint8Array>> {
    this.#over = true;
    const rest = this.#in === 0 ? empty : await this.#squeezer.finish();
    return rest ? ok(rest) : fail("truncated", "the compressed data breaks off");
  }
}
