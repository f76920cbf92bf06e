/** Writes values to the end of a buffer that grows. Plain names are big-endian; names that end in `le` are
 *  little-endian. Numbers are cut to their width; a length that was not known is patched in afterwards. */
export class Writer {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  /** `capacity`: bytes to begin with; it doubles as needed. */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
  }
  i8(value: number): void {
    const at = this.#grow(1);
    this.#view.setInt8(at, value);
  }
  u16(value: number): void {
    const at = this.#grow(2);
    this.#view.setUint16(at, value);
  }
  u16le(value: number): void {
    const at = this.#grow(2);
    this.#view.setUint16(at, value, true);
  }
  i16(value: number): void {
    const at = this.#grow(2);
    this.#view.setInt16(at, value);
  }
  u24(value: number): void {
    this.patchU24(this.#grow(3), value);
  }
  u24le(value: number): void {
    const at = this.#grow(3);
    this.#view.setUint16(at, value, true);
    this.#view.setUint8(at + 2, value / 65536);
  }
  u32(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value);
  }
  u32le(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
  }
  i32(value: number): void {
    const at = this.#grow(4);
    this.#view.setInt32(at, value);
  }
  i32le(value: number): void {
    const at = this.#grow(4);
    this.#view.setInt32(at, value, true);
  }
  u64(value: bigint): void {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value);
  }
  u64le(value: bigint): void {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value, true);
  }
  i64(value: bigint): void {
    const at = this.#grow(8);
    this.#view.setBigInt64(at, value);
  }
  i64le(value: bigint): void {
    const at = this.#grow(8);
    this.#view.setBigInt64(at, value, true);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }
  zeros(count: number): void {
    const at = this.#grow(count);
    this.#bytes.fill(0, at, at + count);
  }
  /** Zeros up to the next multiple of `size` bytes from the start. */
  align(size: number): void {
    this.zeros((size - (this.#length % size)) % size);
  }

  /** Writes over bytes that are there already. */
  patchU8(at: number, value: number): void {
    this.#view.setUint8(this.#within(at, 1), value);
  }
  patchU16(at: number, value: number): void {
    this.#view.setUint16(this.#within(at, 2), value);
  }
  patchU16le(at: number, value: number): void {
    this.#view.setUint16(this.#within(at, 2), value, true);
  }
  patchU24(at: number, value: number): void {
    this.#view.setUint8(this.#within(at, 3), value / 65536);
    this.#view.setUint16(at + 1, value);
  }
  patchU32(at: number, value: number): void {
    this.#view.setUint32(this.#within(at, 4), value);
  }
  patchU32le(at: number, value: number): void {
    this.#view.setUint32(this.#within(at, 4), value, true);
  }
  patchBytes(at: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#within(at, bytes.length));
  }

  /** What is written, as a view: valid until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }
  /** What is written, as a copy of its own. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
  /** Forgets what is written and keeps the memory. */
  clear(): void {
    this.#length = 0;
  }

  #grow(count: number): number {
    const at = this.#length;
    const wanted = at + count;
    if (wanted > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(wanted, this.#bytes.length * 2, 16));
      bytes.set(this.#bytes.subarray(0, at));
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer);
    }
    this.#length = wanted;
    return at;
  }

  #within(at: number, count: number): number {
    if (at < 0 || at + count > this.#length) throw new RangeError(`patch at ${at} is outside`);
    return at;
  }
}
