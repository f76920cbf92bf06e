import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { headerBytes } from "./header.ts";

/** Fields a packet may carry before it is refused. */
export const maxFields = 16;

/** What is behind the header: extension fields, then at most one of a MAC and a crypto-NAK. */
export interface Tail {
  readonly fields: readonly ExtensionField[];
  readonly end: "nothing" | "crypto-nak" | Mac;
}

export interface ExtensionField {
  readonly type: number;
  /** Without its own four bytes of type and length. */
  readonly body: Uint8Array;
  /** Where it begins, in bytes from the start of the packet. */
  readonly at: number;
}

export interface Mac {
  readonly keyId: number;
  readonly digest: Uint8Array;
  /** How many bytes of the packet it covers: everything before it. */
  readonly covers: number;
}

/** RFC 7822 §3: of the R bytes left, R=0 is the end; 4 zero bytes are a crypto-NAK; 20 ≤ R ≤ 24 is a MAC;
 *  anything else is an extension field. Before version 4 there are no fields: what is left is a MAC.
 *  `r` stands behind the header. Throws Malformed. */
export function readTail(r: Reader, version: number): Tail {
  const fields: ExtensionField[] = [];
  for (;;) {
    const left = r.remaining;
    if (left === 0) return { fields, end: "nothing" };
    if (left === 4) {
      r.expect(r.u32() === 0, "four bytes that are no crypto-NAK");
      return { fields, end: "crypto-nak" };
    }
    if (left <= 24 || version < 4) return { fields, end: readMac(r, version) };
    r.expect(fields.length < maxFields, "too many extension fields");
    fields.push(readField(r));
  }
}

/** RFC 5905 §7.3: key identifier (32 bits), then the digest: 16 or 20 bytes, and before version 4 up to 64.
 *  */
function readMac(r: Reader, version: number): Mac {
  const covers = r.at;
  const digestBytes = r.remaining - 4;
  const exists = digestBytes === 16 || digestBytes === 20 || (version < 4 && longDigests.has(digestBytes));
  r.expect(exists, "a MAC of a length that does not exist");
  return { covers, keyId: r.u32(), digest: r.rest() };
}

/** SHA-256, SHA-384 and SHA-512 in whole. */
const longDigests = new Set([32, 48, 64]);

/** RFC 7822 §3
 *  |          Field type (16)      |       Field length (16)       |
 *  |                  Value, and padding to four bytes             |
 *  The length counts the whole field: a multiple of 4, at least 16. */
export function readField(r: Reader): ExtensionField {
  const at = r.at;
  const type = r.u16();
  const length = r.u16();
  r.expect(length >= 16 && length % 4 === 0, `an extension field of ${length} bytes`);
  return { type, body: r.bytes(length - 4), at };
}

/** Pads the body with zeros to the least length a field may have: `least` is 16, or 28 for the last field
 *  of a packet without a MAC. */
export function writeField(w: Writer, type: number, body: Uint8Array, least = 16): void {
  const length = Math.max(least, (body.length + 4 + 3) & ~3);
  w.u16(type);
  w.u16(length);
  w.bytes(body);
  w.zeros(length - 4 - body.length);
}

export function writeMac(w: Writer, keyId: number, digest: Uint8Array): void {
  w.u32(keyId);
  w.bytes(digest);
}

/** The four zero bytes that say "your authentication was not understood". */
export const writeCryptoNak = (w: Writer): void => w.u32(0);

/** Where the tail begins. */
export const tailAt = headerBytes;
