import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";

/** Tags of draft-ietf-ntp-roughtime, as little-endian numbers of their four letters. */
export const tags = {
  SIG: 0x00474953,
  VER: 0x00524556,
  SRV: 0x00565253,
  NONC: 0x434e4f4e,
  DELE: 0x454c4544,
  TYPE: 0x45505954,
  PATH: 0x48544150,
  RADI: 0x49444152,
  PUBK: 0x4b425550,
  MIDP: 0x5044494d,
  SREP: 0x50455253,
  VERS: 0x53524556,
  ROOT: 0x544f4f52,
  MINT: 0x544e494d,
  CERT: 0x54524543,
  MAXT: 0x5458414d,
  INDX: 0x58444e49,
  ZZZZ: 0x5a5a5a5a,
} as const;
export type Tag = (typeof tags)[keyof typeof tags];

export type Message = ReadonlyMap<number, Uint8Array>;

const mostTags = 64;
const magic = new TextEncoder().encode("ROUGHTIM");
export const packetHeadBytes = 12;

/** draft-ietf-ntp-roughtime §5, all little-endian
 *  | N, number of pairs (32) | N−1 offsets (32 each) | N tags (32 each) | values |
 *  Offsets are multiples of four that do not fall, counted from the first value; tags rise strictly. */
export function readMessage(r: Reader): Message {
  const count = r.u32le();
  r.expect(count >= 1 && count <= mostTags, "a number of tags that no message has");
  const offsets = [0];
  for (let i = 1; i < count; i++) offsets.push(r.u32le());
  const names: number[] = [];
  for (let i = 0; i < count; i++) names.push(r.u32le());
  const values = r.rest();
  const message = new Map<number, Uint8Array>();
  for (const [i, name] of names.entries()) {
    const from = offsets[i]!;
    const to = offsets[i + 1] ?? values.length;
    r.expect(from % 4 === 0 && to % 4 === 0 && from <= to && to <= values.length, "an offset that falls");
    r.expect(i === 0 || name > names[i - 1]!, "tags that do not rise");
    message.set(name, values.subarray(from, to));
  }
  return message;
}

/** `pairs` in rising order of their tags, each value a multiple of four bytes. */
export function messageBytes(pairs: readonly (readonly [Tag, Uint8Array])[]): Uint8Array {
  const w = new Writer(1024);
  w.u32le(pairs.length);
  let offset = 0;
  for (const [, value] of pairs.slice(0, -1)) {
    offset += value.length;
    w.u32le(offset);
  }
  for (const [tag] of pairs) w.u32le(tag);
  for (const [, value] of pairs) w.bytes(value);
  return w.take();
}

/** §5: `ROUGHTIM`, the message's length (32), the message, and nothing else. */
export function readPacket(r: Reader): Message {
  const head = r.bytes(magic.length);
  r.expect(
    head.every((byte, i) => byte === magic[i]),
    "no Roughtime packet",
  );
  const length = r.u32le();
  r.expect(length === r.remaining, "a length that is not the packet's");
  return readMessage(r);
}

export function packetBytes(message: Uint8Array): Uint8Array {
  const w = new Writer(packetHeadBytes + message.length);
  w.bytes(magic);
  w.u32le(message.length);
  w.bytes(message);
  return w.take();
}

export function u32Bytes(...values: readonly number[]): Uint8Array {
  const w = new Writer(values.length * 4);
  for (const value of values) w.u32le(value);
  return w.take();
}

export function u64Bytes(value: number): Uint8Array {
  const w = new Writer(8);
  w.u64le(BigInt(Math.max(0, Math.floor(value))));
  return w.take();
}

/** A list of numbers; undefined where its length is no multiple of four. */
export function u32sOf(value: Uint8Array | undefined): number[] | undefined {
  if (!value || value.length % 4 !== 0) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  return Array.from({ length: value.length / 4 }, (_, i) => view.getUint32(i * 4, true));
}

/** A number of eight bytes; undefined where it is none, or greater than 2⁵³. */
export function u64Of(value: Uint8Array | undefined): number | undefined {
  if (value?.length !== 8) return undefined;
  const number = Number(new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0, true));
  return Number.isSafeInteger(number) ? number : undefined;
}
