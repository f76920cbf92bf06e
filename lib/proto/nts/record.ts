import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";

/** RFC 8915 §4.1.1–8. */
export const recordTypes = {
  end: 0,
  nextProtocol: 1,
  error: 2,
  warning: 3,
  aead: 4,
  cookie: 5,
  server: 6,
  port: 7,
} as const;

export const keErrors = { unknownCritical: 0, badRequest: 1, internal: 2 } as const;

/** NTPv4, the only next protocol that exists. */
export const nextProtocolNtp = 0;
/** AEAD_AES_SIV_CMAC_256, which everybody must have. */
export const aeadSivCmac256 = 15;

/** One record of the key establishment. */
export interface KeRecord {
  readonly critical: boolean;
  /** 15 bits. */
  readonly type: number;
  readonly body: Uint8Array;
}

/** RFC 8915 §4
 *  |C|         Record type (15)          |     Body length (16)    |
 *  |                          Record body                          |  */
export function readRecord(r: Reader): KeRecord {
  const head = r.u16();
  return { critical: head >= 0x8000, type: head & 0x7fff, body: r.bytes(r.u16()) };
}

export function writeRecord(w: Writer, { critical, type, body }: KeRecord): void {
  w.u16((critical ? 0x8000 : 0) | type);
  w.u16(body.length);
  w.bytes(body);
}

/** A body of 16-bit numbers; undefined where its length is odd. */
export function numbersOf(body: Uint8Array): number[] | undefined {
  if (body.length % 2 !== 0) return undefined;
  return Array.from({ length: body.length / 2 }, (_, i) => body[i * 2]! * 256 + body[i * 2 + 1]!);
}

export const bodyOf = (...numbers: readonly number[]): Uint8Array =>
  Uint8Array.from(numbers.flatMap((number) => [number >> 8, number & 255]));
