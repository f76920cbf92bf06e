import { createCipheriv, timingSafeEqual } from "node:crypto";
import { concat } from "../base/bytes.ts";

const block = 16;
const zeros = new Uint8Array(block);

/** AES-CCM (RFC 3610) with a 16-byte tag, put together from CBC and CTR because the runtime has no CCM.
 *  Key of 16 or 32 bytes, nonce of 7–13, associated data under 65,280 bytes. */
export function sealCcm(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array): Sealed {
  const ctr = counter(key, nonce);
  const mask = ctr.update(zeros);
  return { bytes: ctr.update(plain), tag: xored(mac(key, nonce, aad, plain), mask) };
}

/** The plain bytes, or undefined where the tag does not fit. */
export function openCcm(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Sealed,
): Uint8Array | undefined {
  const ctr = counter(key, nonce);
  const mask = ctr.update(zeros);
  const plain = ctr.update(sealed.bytes);
  const tag = xored(mac(key, nonce, aad, plain), mask);
  return sealed.tag.length === block && timingSafeEqual(tag, sealed.tag) ? plain : undefined;
}

/** Ciphertext and the tag that proves it. */
export interface Sealed {
  readonly bytes: Uint8Array;
  readonly tag: Uint8Array;
}

/** RFC 3610 §2.2: B_0, the associated data with its length, the message; CBC-MAC over all, zero-padded. */
function mac(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array): Uint8Array {
  const cbc = createCipheriv(`aes-${key.length * 8}-cbc`, key, zeros).setAutoPadding(false);
  const head = cbc.update(padded(macHead(nonce, aad, plain.length)));
  const whole = plain.length - (plain.length % block);
  let last: Uint8Array = head;
  if (whole > 0) last = cbc.update(plain.subarray(0, whole));
  if (whole < plain.length) last = cbc.update(padded(plain.subarray(whole)));
  return last.subarray(last.length - block);
}

function macHead(nonce: Uint8Array, aad: Uint8Array, size: number): Uint8Array {
  const lengthBytes = 15 - nonce.length;
  const first = new Uint8Array(block);
  first[0] = (aad.length > 0 ? 0x40 : 0) | (7 << 3) | (lengthBytes - 1);
  first.set(nonce, 1);
  let rest = size;
  for (let i = block - 1; i >= block - lengthBytes; i--) {
    first[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  if (aad.length === 0) return first;
  return concat([first, Uint8Array.of(aad.length >> 8, aad.length & 0xff), aad]);
}

function counter(key: Uint8Array, nonce: Uint8Array) {
  const start = new Uint8Array(block);
  start[0] = 14 - nonce.length;
  start.set(nonce, 1);
  return createCipheriv(`aes-${key.length * 8}-ctr`, key, start);
}

function padded(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(bytes.length / block) * block);
  out.set(bytes);
  return out;
}

const xored = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ b[i]!);
