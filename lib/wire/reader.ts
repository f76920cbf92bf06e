/** The bytes are not what the layout says. Thrown by readers alone, caught by `decode` alone. */
export class Malformed extends Error {
  override readonly name = "Malformed";
}

/** Reads values off the front of `bytes`, never past their end. Plain names are big-endian; names that
 *  end in `le` are little-endian. Every method throws `Malformed` where too few bytes are left. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes read so far. */
  get at(): number {
    return this.#at;
  }
  /** Bytes not yet read. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  i8(): number {
    return this.#view.getInt8(this.#take(1));
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }
  u16le(): number {
    return this.#view.getUint16(this.#take(2), true);
  }
  i16(): number {
    return this.#view.getInt16(this.#take(2));
  }
  u24(): number {
    const at = this.#take(3);
    return this.#view.getUint16(at) * 256 + this.#view.getUint8(at + 2);
  }
  u24le(): number {
    const at = this.#take(3);
    return this.#view.getUint16(at, true) + this.#view.getUint8(at + 2) * 65536;
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }
  u32le(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  i32(): number {
    return this.#view.getInt32(this.#take(4));
  }
  i32le(): number {
    return this.#view.getInt32(this.#take(4), true);
  }
  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }
  u64le(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }
  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }
  i64le(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }

  /** The next `count` bytes, as a view of the same memory: copy what must outlive it. */
  bytes(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }
  /** All bytes not yet read, as a view. */
  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }
  /** A reader of the next `count` bytes alone, with its own count from zero. */
  part(count: number): Reader {
    return new Reader(this.bytes(count));
  }
  skip(count: number): void {
    this.#take(count);
  }
  /** Skips to the next multiple of `size` bytes from the start. */
  align(size: number): void {
    this.#take((size - (this.#at % size)) % size);
  }
  /** Goes to `offset` bytes from the start, forwards or back. */
  seek(offset: number): void {
    this.expect(Number.isInteger(offset) && offset >= 0 && offset <= this.#bytes.length, "an offset outside");
    this.#at = offset;
  }

  /** Throws `Malformed` with `what` unless `condition` holds. */
  expect(condition: boolean, what: string): asserts condition {
    if (!condition) throw new Malformed(`${what} (byte ${this.#at})`);
  }
  /** Throws `Malformed` where bytes are left over. */
  end(): void {
    this.expect(this.remaining === 0, `${this.remaining} bytes too many`);
  }

  #take(count: number): number {
    const at = this.#at;
    if (!(count >= 0 && count <= this.#bytes.length - at)) {
      throw new Malformed(`${count} bytes wanted, ${this.remaining} left (byte ${at})`);
    }
    this.#at = at + count;
    return at;
  }
}
