import type { Entropy } from "../../base/entropy.ts";
import { utf8 } from "../../base/bytes.ts";
import { hmacSha256 } from "../../crypto/hash.ts";
import { Siv } from "../../crypto/siv.ts";
import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import { aeadSivCmac256 } from "./record.ts";

/** The keys of one association, as key establishment gave them to both sides. */
export interface AssociationKeys {
  readonly aead: number;
  /** Client to server, server to client: 32 bytes each. */
  readonly c2s: Uint8Array;
  readonly s2c: Uint8Array;
}

/** How long one key makes cookies, in seconds; it opens them for `keptEpochs` such spans more. */
export const epochSeconds = 86_400;
const keptEpochs = 3;
const nonceBytes = 16;
const keyBytes = 32;
/** Key id 4, nonce 16, tag 16, AEAD 2, reserved 2, both keys. */
export const cookieBytes = 4 + nonceBytes + 16 + 4 + 2 * keyBytes;

/** The secret of an epoch. That of the next is made from it, never the reverse: who steals it opens no cookie
 *  of an epoch before. */
export interface CookieSecret {
  readonly epoch: number;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

const nextSecret = ({ epoch, key }: CookieSecret): CookieSecret => ({
  epoch: epoch + 1,
  key: hmacSha256(key, utf8("holdfast nts cookie: next")),
});

/** The secret to keep at `unixSeconds`: of the oldest epoch whose cookies are still good. Without `kept`, or
 *  where it is from the future (a clock that was wrong) or very old, a new one. */
export function secretToKeep(
  kept: CookieSecret | undefined,
  unixSeconds: number,
  entropy: Entropy,
): CookieSecret {
  const oldest = Math.floor(unixSeconds / epochSeconds) - keptEpochs;
  if (!kept || kept.epoch > oldest + keptEpochs || oldest - kept.epoch > 10_000) {
    return { epoch: oldest, key: entropy(keyBytes) };
  }
  let secret = kept;
  while (secret.epoch < oldest) secret = nextSecret(secret);
  return secret;
}

/** Makes and opens cookies without remembering any: all that the server needs to know of a client is in the
 *  cookie, sealed under a key that only servers sharing the secret have. */
export class CookieJar {
  #oldest: CookieSecret;
  readonly #sivs = new Map<number, Siv>();
  readonly #entropy: Entropy;

  constructor(secret: CookieSecret, entropy: Entropy) {
    this.#oldest = secret;
    this.#entropy = entropy;
  }

  /** `keyId u32 | nonce 16 | SIV(AEAD u16, reserved u16, C2S, S2C)` */
  seal(keys: AssociationKeys, unixSeconds: number): Uint8Array {
    const epoch = Math.floor(unixSeconds / epochSeconds);
    const nonce = this.#entropy(nonceBytes);
    const w = new Writer(cookieBytes);
    w.u32(epoch);
    w.bytes(nonce);
    const plain = new Writer(4 + 2 * keyBytes);
    plain.u16(keys.aead);
    plain.u16(0);
    plain.bytes(keys.c2s);
    plain.bytes(keys.s2c);
    w.bytes(this.#sivOf(epoch).seal([w.view().subarray(0, 4), nonce], plain.view()));
    return w.take();
  }

  /** Undefined where the cookie is not ours, was changed, or is too old. */
  open(cookie: Uint8Array, unixSeconds: number): AssociationKeys | undefined {
    if (cookie.length !== cookieBytes) return undefined;
    const epoch = new DataView(cookie.buffer, cookie.byteOffset).getUint32(0);
    const now = Math.floor(unixSeconds / epochSeconds);
    if (epoch > now + 1 || epoch < now - keptEpochs || epoch < this.#oldest.epoch) return undefined;
    const nonce = cookie.subarray(4, 4 + nonceBytes);
    const plain = this.#sivOf(epoch).open([cookie.subarray(0, 4), nonce], cookie.subarray(4 + nonceBytes));
    const read = plain && decode(readKeys, plain);
    return read?.ok && read.value.aead === aeadSivCmac256 ? read.value : undefined;
  }

  #sivOf(epoch: number): Siv {
    const held = this.#sivs.get(epoch);
    if (held) return held;
    // Forget what no cookie may come under any more, keys and the secret they were made from.
    while (this.#oldest.epoch < epoch - keptEpochs - 1) this.#oldest = nextSecret(this.#oldest);
    for (const old of this.#sivs.keys()) if (old < this.#oldest.epoch) this.#sivs.delete(old);
    let secret = this.#oldest;
    while (secret.epoch < epoch) secret = nextSecret(secret);
    const siv = new Siv(hmacSha256(secret.key, utf8("holdfast nts cookie: seal")));
    this.#sivs.set(epoch, siv);
    return siv;
  }
}

function readKeys(r: Reader): AssociationKeys {
  const aead = r.u16();
  r.skip(2);
  const keys = { aead, c2s: Uint8Array.from(r.bytes(keyBytes)), s2c: Uint8Array.from(r.bytes(keyBytes)) };
  r.end();
  return keys;
}
