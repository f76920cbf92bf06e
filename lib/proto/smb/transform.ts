import { concat } from "../../base/bytes.ts";
import { openCcm, sealCcm } from "../../crypto/ccm.ts";
import { openGcm, sealGcmParts } from "../../crypto/gcm.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import { cipher } from "./negotiate.ts";

const transformMagic = 0x424d53fd;
export const isSealed = (message: Uint8Array): boolean => message[0] === 0xfd && message[1] === 0x53;
export const transformSize = 52;
/** What the tag is made over besides the message: nonce, size, flags, session. */
const provenFrom = 20;

/** MS-SMB2 §2.2.41
 *   0 ProtocolId FD 'SMB'    4 Signature[16]     20 Nonce[16]
 *  36 OriginalMessageSize u32    40 reserved u16    42 Flags u16 = 1    44 SessionId u64 */
export interface TransformHeader {
  readonly signature: Uint8Array;
  readonly nonce: Uint8Array;
  readonly size: number;
  readonly flags: number;
  readonly sessionId: bigint;
}

export function readTransformHeader(r: Reader): TransformHeader {
  r.expect(r.u32le() === transformMagic, "not a transform header");
  const signature = r.bytes(16);
  const nonce = r.bytes(16);
  const size = r.u32le();
  r.skip(2);
  return { signature, nonce, size, flags: r.u16le(), sessionId: r.u64le() };
}

export function writeTransformHeader(w: Writer, h: TransformHeader): void {
  w.u32le(transformMagic);
  w.bytes(h.signature);
  w.bytes(h.nonce);
  w.u32le(h.size);
  w.u16le(0);
  w.u16le(h.flags);
  w.u64le(h.sessionId);
}

const isCcm = (chosen: number): boolean => chosen === cipher.aes128ccm || chosen === cipher.aes256ccm;
const nonceBytes = (chosen: number): number => (isCcm(chosen) ? 11 : 12);

/** Makes nonces that no other message under the same key has: a counter, then the session's random tail. */
export class NonceMaker {
  readonly #tail: Uint8Array;
  #count = 0n;

  /** `tail`: 4 random bytes. */
  constructor(tail: Uint8Array) {
    this.#tail = tail;
  }

  next(chosen: number): Uint8Array {
    this.#count += 1n;
    const nonce = new Uint8Array(16);
    new DataView(nonce.buffer).setBigUint64(0, this.#count, true);
    nonce.set(this.#tail.subarray(0, nonceBytes(chosen) - 8), 8);
    return nonce;
  }
}

/** The message, in parts, under `key`: transform header and ciphertext, in parts as well. */
export function sealMessage(
  chosen: number,
  key: Uint8Array,
  nonce: Uint8Array,
  sessionId: bigint,
  message: readonly Uint8Array[],
): Uint8Array[] {
  const w = new Writer(transformSize);
  writeTransformHeader(w, {
    signature: new Uint8Array(16),
    nonce,
    size: message.reduce((sum, part) => sum + part.length, 0),
    flags: 1,
    sessionId,
  });
  const header = w.take();
  const [part, proven] = [nonce.subarray(0, nonceBytes(chosen)), header.subarray(provenFrom)];
  if (isCcm(chosen)) {
    const { bytes, tag } = sealCcm(key, part, proven, concat(message));
    header.set(tag, 4);
    return [header, bytes];
  }
  const { parts, tag } = sealGcmParts(key, part, proven, message);
  header.set(tag, 4);
  return [header, ...parts];
}

/** The message inside, or undefined where it was not sealed under `key`. `bytes` begins with the header. */
export function openMessage(
  chosen: number,
  key: Uint8Array,
  header: TransformHeader,
  bytes: Uint8Array,
): Uint8Array | undefined {
  const body = bytes.subarray(transformSize);
  if (header.flags !== 1 || header.size !== body.length) return undefined;
  const open = isCcm(chosen) ? openCcm : openGcm;
  const nonce = header.nonce.subarray(0, nonceBytes(chosen));
  return open(key, nonce, bytes.subarray(provenFrom, transformSize), { bytes: body, tag: header.signature });
}
