import { textOf, utf8 } from "../../base/bytes.ts";

const lengthAt = 1;
const headBytes = 8;

/** A text that one thread publishes and others read, whole; one longer than its room is not published. */
export class SharedText {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(headBytes + 65_536)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, 2);
    this.#bytes = new Uint8Array(memory, headBytes);
  }

  publish(text: string): void {
    const bytes = utf8(text);
    if (bytes.length > this.#bytes.length) return;
    Atomics.add(this.#words, 0, 1);
    this.#bytes.set(bytes);
    Atomics.store(this.#words, lengthAt, bytes.length);
    Atomics.add(this.#words, 0, 1);
  }

  /** "" before anything was published, and while a writer does not come to an end. */
  read(): string {
    for (let tries = 0; tries < 100; tries++) {
      const before = Atomics.load(this.#words, 0);
      const bytes = this.#bytes.slice(0, Atomics.load(this.#words, lengthAt));
      if (before % 2 === 0 && Atomics.load(this.#words, 0) === before) return textOf(bytes) ?? "";
    }
    return "";
  }
}
