import { read } from "node:fs";
import { concat, empty } from "../base/bytes.ts";
import type { Stretch } from "../base/file-range.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Content } from "./content.ts";

/** From here on a read goes straight into the bytes that are given back. */
const largeBytes = 512 << 10;

/** Reads content at any place. Reads that follow one another are served from one stream that is a chunk
 *  ahead; others by themselves, several at once. Faults: io. */
export class ContentReader {
  readonly #content: Content;
  #stream: AsyncIterator<Uint8Array> | undefined;
  /** Where the stream stands: what is held begins here. */
  #at = 0;
  #held: Uint8Array = empty;
  #ahead: Promise<IteratorResult<Uint8Array>> | undefined;
  /** Where the last read ended: the next one there is in order. */
  #expected = 0;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #reading = new Set<Promise<Uint8Array>>();

  constructor(content: Content) {
    this.#content = content;
  }

  get size(): number {
    return this.#content.size;
  }

  /** At most `length` bytes; fewer only at the end. */
  async read(offset: number, length: number): Promise<Result<Uint8Array>> {
    const end = Math.min(offset + length, this.size);
    if (offset >= end) return ok(empty);
    if (this.#content.bytes) return ok(this.#content.bytes.slice(offset, end));
    const inOrder = offset === this.#expected;
    if (inOrder) this.#expected = end;
    try {
      if (end - offset >= largeBytes && this.#content.stretches) {
        this.#expected = end;
        return ok(await this.#whole(this.#content.stretches(offset, end), end - offset));
      }
      if (!inOrder) return ok(await this.#apart(offset, end));
      const mine = this.#turn.then(() => this.#onward(offset, end));
      this.#turn = mine.catch(() => undefined);
      return ok(await mine);
    } catch (error) {
      return fail("io", "the content cannot be read", { where: String(error) });
    }
  }

  /** Closing waits for it: its file's descriptor may not become another's under it. */
  #whole(stretches: AsyncIterable<Stretch>, size: number): Promise<Uint8Array> {
    const reading = filled(stretches, size);
    this.#reading.add(reading);
    const over = (): void => void this.#reading.delete(reading);
    reading.then(over, over);
    return reading;
  }

  async #apart(offset: number, end: number): Promise<Uint8Array> {
    this.#expected = end;
    const parts: Uint8Array[] = [];
    for await (const chunk of this.#content.read(offset, end)) parts.push(chunk);
    return parts.length === 1 ? parts[0]! : concat(parts);
  }

  async #onward(offset: number, end: number): Promise<Uint8Array> {
    if (!this.#stream || this.#at !== offset) await this.#restart(offset);
    const parts: Uint8Array[] = [];
    while (this.#at < end) {
      if (this.#held.length === 0) await this.#pull();
      const part = this.#held.subarray(0, end - this.#at);
      this.#held = this.#held.subarray(part.length);
      this.#at += part.length;
      parts.push(part);
    }
    return parts.length === 1 ? parts[0]! : concat(parts);
  }

  async #pull(): Promise<void> {
    const step = await (this.#ahead ?? this.#stream!.next());
    if (step.done) throw new Error("the content is shorter than it was");
    this.#held = step.value;
    this.#ahead = this.#stream!.next();
    this.#ahead.catch(() => undefined);
  }

  async #restart(offset: number): Promise<void> {
    await this.#endStream();
    this.#stream = this.#content.read(offset, this.size)[Symbol.asyncIterator]();
    this.#at = offset;
  }

  async #endStream(): Promise<void> {
    const [stream, ahead] = [this.#stream, this.#ahead];
    [this.#stream, this.#ahead, this.#held] = [undefined, undefined, empty];
    try {
      await ahead;
      await stream?.return?.();
    } catch {
      // What could not be read ahead is not wanted any more.
    }
  }

  /** Lets the content go. */
  async close(): Promise<void> {
    await this.#turn;
    await Promise.allSettled(this.#reading);
    await this.#endStream();
    await this.#content.close();
  }
}

/** Stretches of files one after another, in one piece of memory. */
async function filled(stretches: AsyncIterable<Stretch>, size: number): Promise<Uint8Array> {
  const into = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for await (const one of stretches) {
    if (one instanceof Uint8Array) {
      into.set(one, at);
      at += one.length;
      continue;
    }
    for (let from = one.start; from < one.end;) {
      const count = await readInto(one.fd, into, at, one.end - from, from);
      if (count === 0) throw new Error("the content is shorter than it was");
      from += count;
      at += count;
    }
  }
  if (at < size) throw new Error("the content is shorter than it was");
  return into;
}

function readInto(fd: number, into: Buffer, at: number, length: number, from: number): Promise<number> {
  return new Promise((done, failed) => {
    read(fd, into, at, length, from, (error, count) => (error ? failed(error) : done(count)));
  });
}
