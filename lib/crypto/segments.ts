import { createCipheriv, createDecipheriv } from "node:crypto";
import { concat, empty } from "../base/bytes.ts";

/** Plain bytes of one segment. */
export const segmentBytes = 64 << 10;
const tagBytes = 16;
/** Bytes of a whole segment once sealed. */
export const sealedSegmentBytes = segmentBytes + tagBytes;

/** A long body sealed so that any range can be opened by itself (the STREAM construction of Hoang,
 *  Reyhanitabar, Rogaway and Vizár, 2015, over AES-256-GCM). The body is cut into segments of 64 KiB, the
 *  last may be shorter:
 *
 *      ciphertext (as long as the plain segment) | tag (16)
 *
 *  Nonce: zero (7) | number of the segment, from 0 (4, big-endian) | 1 in the last segment, else 0 (1).
 *  So a segment that is moved, repeated or left out does not open, nor does a body cut at a segment's end.
 *  The nonces repeat from body to body: a key seals one body and no other. */
export class SegmentSealer {
  readonly #key: Uint8Array;
  #held: Uint8Array = empty;
  #number = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** What can be written out by now. */
  push(bytes: Uint8Array): Uint8Array[] {
    const out: Uint8Array[] = [];
    let at = 0;
    if (this.#held.length > 0) {
      at = Math.min(bytes.length, segmentBytes - this.#held.length);
      this.#held = concat([this.#held, bytes.subarray(0, at)]);
      if (at === bytes.length) return out;
      out.push(this.#seal(this.#held, false));
    }
    // The last segment is known only by what comes after it.
    for (; bytes.length - at > segmentBytes; at += segmentBytes) {
      out.push(this.#seal(bytes.subarray(at, at + segmentBytes), false));
    }
    this.#held = bytes.slice(at);
    return out;
  }

  finish(): Uint8Array {
    return this.#seal(this.#held, true);
  }

  #seal(plain: Uint8Array, last: boolean): Uint8Array {
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonceOf(this.#number++, last));
    return concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }
}

/** The plain bytes of one segment, or undefined where it is not what was sealed there. */
export function openSegment(
  key: Uint8Array,
  number: number,
  last: boolean,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < tagBytes) return undefined;
  const end = sealed.length - tagBytes;
  const cipher = createDecipheriv("aes-256-gcm", key, nonceOf(number, last));
  cipher.setAuthTag(sealed.subarray(end));
  const plain = cipher.update(sealed.subarray(0, end));
  try {
    cipher.final();
    return plain;
  } catch {
    return undefined;
  }
}

/** How many plain bytes a sealed body of `size` bytes has. */
export function plainSize(size: number): number {
  return size - Math.max(1, Math.ceil(size / sealedSegmentBytes)) * tagBytes;
}

function nonceOf(number: number, last: boolean): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(number, 7);
  nonce[11] = last ? 1 : 0;
  return nonce;
}
