import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import { utf16, utf16Text } from "../../wire/utf16.ts";

/** Writes NDR (C706 §14): pointers first, what they point to afterwards and in order. */
export class NdrWriter {
  readonly w = new Writer();
  readonly #deferred: (() => void)[] = [];
  #nextReferent = 0x00020000;

  u16(value: number): void {
    this.w.align(2);
    this.w.u16le(value);
  }
  u32(value: number): void {
    this.w.align(4);
    this.w.u32le(value);
  }

  /** A unique pointer to what `write` makes, later; null without it. */
  pointer(write: (() => void) | undefined): void {
    if (!write) return this.u32(0);
    this.u32(this.#nextReferent);
    this.#nextReferent += 4;
    this.#deferred.push(write);
  }
  /** A pointer to a NUL-terminated string. */
  text(text: string | undefined): void {
    this.pointer(text === undefined ? undefined : () => this.string(`${text}\0`));
  }
  /** Max count, offset, actual count, characters. */
  string(text: string): void {
    this.u32(text.length);
    this.u32(0);
    this.u32(text.length);
    this.w.bytes(utf16(text));
  }
  /** Writes what pointers so far point to. */
  settle(): void {
    for (const write of this.#deferred.splice(0)) write();
    if (this.#deferred.length > 0) this.settle();
  }
  bytes(): Uint8Array {
    this.settle();
    return this.w.take();
  }
}

/** A conformant varying string, with or without its NUL. */
export function readNdrString(r: Reader): string {
  r.align(4);
  r.u32le();
  const offset = r.u32le();
  const count = r.u32le();
  r.expect(offset === 0 && count <= 4096, "a string of this size");
  return utf16Text(r.bytes(count * 2)).replace(/\0+$/, "");
}

/** A unique pointer to a string. */
export function readNdrText(r: Reader): string | undefined {
  r.align(4);
  return r.u32le() === 0 ? undefined : readNdrString(r);
}

export function readNdrU32(r: Reader): number {
  r.align(4);
  return r.u32le();
}
