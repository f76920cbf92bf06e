import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";

/** MS-FSCC §2.4.15 FILE_FULL_EA_INFORMATION: next u32, flags u8, name length u8, value length u16, name in
 *  one-byte characters, 0, value; 4-aligned. */
export interface ExtendedAttribute {
  readonly flags: number;
  readonly name: string;
  /** Empty: the attribute goes. */
  readonly value: Uint8Array;
}

export const eaLimits = { count: 256, bytes: 0xffff } as const;

export function readExtendedAttributes(r: Reader): ExtendedAttribute[] {
  const found: ExtendedAttribute[] = [];
  for (let start = 0; r.remaining > 0;) {
    r.expect(found.length < eaLimits.count, "too many attributes");
    r.seek(start);
    const next = r.u32le();
    const flags = r.u8();
    const [nameLength, valueLength] = [r.u8(), r.u16le()];
    const name = latin(r.bytes(nameLength));
    r.expect(nameLength > 0 && isName(name), "name of an attribute");
    r.expect(r.u8() === 0, "end of a name");
    found.push({ flags, name, value: Uint8Array.from(r.bytes(valueLength)) });
    if (next === 0) return found;
    r.expect(next % 4 === 0 && next >= 8, "offset of the next attribute");
    start += next;
  }
  return found;
}

export function extendedAttributesBytes(list: readonly ExtendedAttribute[]): Uint8Array {
  const w = new Writer();
  list.forEach(({ flags, name, value }, i) => {
    const start = w.length;
    w.u32le(0);
    w.u8(flags);
    w.u8(name.length);
    w.u16le(value.length);
    w.bytes(Uint8Array.from(name, (char) => char.charCodeAt(0)));
    w.u8(0);
    w.bytes(value);
    if (i === list.length - 1) return;
    w.align(4);
    w.patchU32le(start, w.length - start);
  });
  return w.take();
}

/** Undefined where it is malformed. */
export function extendedAttributesIn(bytes: Uint8Array): ExtendedAttribute[] | undefined {
  const read = decode(readExtendedAttributes, bytes);
  return read.ok ? read.value : undefined;
}

/** MS-FSCC §2.4.15.1, the names that are asked for: next u32, name length u8, name, 0. Undefined where it is
 *  malformed. */
export function eaNamesIn(bytes: Uint8Array): string[] | undefined {
  const read = decode((r: Reader) => {
    const names: string[] = [];
    for (let start = 0; r.remaining > 0;) {
      r.expect(names.length < eaLimits.count, "too many names");
      r.seek(start);
      const next = r.u32le();
      names.push(latin(r.bytes(r.u8())));
      if (next === 0) return names;
      r.expect(next % 4 === 0 && next >= 8, "offset of the next name");
      start += next;
    }
    return names;
  }, bytes);
  return read.ok ? read.value : undefined;
}

/** What is there after `changes`: names that differ in case alone are one. */
export function changedAttributes(
  before: readonly ExtendedAttribute[],
  changes: readonly ExtendedAttribute[],
): ExtendedAttribute[] {
  const list = new Map(before.map((one) => [one.name.toUpperCase(), one]));
  for (const one of changes) {
    if (one.value.length === 0) list.delete(one.name.toUpperCase());
    else list.set(one.name.toUpperCase(), one);
  }
  return [...list.values()];
}

const latin = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** MS-FSCC §2.4.15: no control characters, and none of `"*+,/:;<=>?[\]|`. */
const isName = (name: string): boolean =>
  Array.from(name).every((char) => char >= " " && !'"*+,/:;<=>?[\\]|'.includes(char));
