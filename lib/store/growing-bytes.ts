import { empty } from "../base/bytes.ts";

/** Bytes that grow as they are written to, with zeros where nothing was written. */
export class GrowingBytes {
  #room: Uint8Array;
  #size: number;

  constructor(start: Uint8Array = empty) {
    this.#room = start.slice();
    this.#size = start.length;
  }

  get size(): number {
    return this.#size;
  }

  /** A view, good until the next write. */
  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.#size);
  }

  write(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    if (bytes.length > 0 && end > this.#size) this.resize(end);
    this.#room.set(bytes, bytes.length > 0 ? offset : 0);
  }

  /** A copy of at most `length` bytes; fewer only at the end. */
  read(offset: number, length: number): Uint8Array {
    return this.#room.slice(Math.min(offset, this.#size), Math.min(offset + length, this.#size));
  }

  /** Cuts, or extends with zeros. */
  resize(size: number): void {
    if (size > this.#room.length) {
      const room = new Uint8Array(Math.max(size, this.#room.length * 2, 1024));
      room.set(this.bytes);
      this.#room = room;
    } else if (size < this.#size) {
      this.#room.fill(0, size, this.#size);
    }
    this.#size = size;
  }
}
