import { concat } from "../base/bytes.ts";
import type { Reader } from "./reader.ts";

/** One element of X.690's distinguished encoding: a single-byte tag and what it holds. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
}

export const derTag = {
  octets: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  generalString: 0x1b,
  sequence: 0x30,
  /** [APPLICATION n], constructed. */
  application: (n: number): number => 0x60 + n,
  /** [n], constructed. */
  context: (n: number): number => 0xa0 + n,
} as const;

/** X.690 §8.1: tags of one byte, lengths of at most 32 bits; indefinite lengths are malformed. */
export function readDer(r: Reader): DerElement {
  const tag = r.u8();
  r.expect((tag & 0x1f) !== 0x1f, "a tag of several bytes");
  const content = r.bytes(readLength(r));
  return { tag, content };
}

/** The next element's content, which must carry `tag`. */
export function readDerAs(r: Reader, tag: number): Uint8Array {
  const element = readDer(r);
  r.expect(element.tag === tag, `tag ${element.tag} where ${tag} was wanted`);
  return element.content;
}

function readLength(r: Reader): number {
  const first = r.u8();
  if (first < 0x80) return first;
  const count = first & 0x7f;
  r.expect(count >= 1 && count <= 4, "a length of no or too many bytes");
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + r.u8();
  return length;
}

/** The element's bytes, its content being `parts` one after another. */
export function derBytes(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(parts);
  return concat([Uint8Array.of(tag, ...lengthBytes(content.length)), content]);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}
