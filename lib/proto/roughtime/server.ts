import { concat, equalBytes } from "../../base/bytes.ts";
import type { Entropy } from "../../base/entropy.ts";
import { Ed25519Key } from "../../crypto/raw-ed25519.ts";
import { decode } from "../../wire/decode.ts";
import { h, leafOf, treeOf } from "./merkle.ts";
import { messageBytes, packetBytes, readPacket, tags, u32Bytes, u32sOf, u64Bytes } from "./message.ts";
import { signedPart, versions, type Version } from "./signature.ts";

/** With its head: what roughenough and others send. The reply is smaller in any case. */
const leastPacket = 1024;
const mostVersions = 32;
const nonceBytes = 32;
/** How long an online key signs for, in seconds, beginning a little before it was made. */
const delegationSeconds = 2 * 86_400;
const graceSeconds = 3600;

export interface RoughtimeClock {
  /** Unix seconds. */
  readonly now: number;
  /** Seconds: true time lies within so much of it. At least 1. */
  readonly radius: number;
}

/** A key that signs responses, and its certificate in each version's words. */
interface Online {
  readonly key: Ed25519Key;
  readonly certificates: ReadonlyMap<Version, Uint8Array>;
  readonly from: number;
}

/** Answers Roughtime requests (draft-ietf-ntp-roughtime): many with one signature, by a key that the
 *  long-term
 *  key has delegated to for two days. */
export class RoughtimeServer {
  readonly #longTerm: Ed25519Key;
  readonly #entropy: Entropy;
  readonly #srv: Uint8Array;
  #online: Online | undefined;

  /** `seed`: the 32 bytes of the long-term key. */
  constructor(seed: Uint8Array, entropy: Entropy) {
    const longTerm = new Ed25519Key(seed);
    this.#longTerm = longTerm;
    this.#entropy = entropy;
    this.#srv = h(Uint8Array.of(0xff), longTerm.publicKey);
  }

  get publicKey(): Uint8Array {
    return this.#longTerm.publicKey;
  }

  /** A response for each packet, in their order; undefined where there is none: bad requests get silence. A
   *  response is never larger than its request. At most 64 packets at once. */
  answer(packets: readonly Uint8Array[], clock: RoughtimeClock): (Uint8Array | undefined)[] {
    const asked = packets.map((packet) => this.#read(packet));
    const answers: (Uint8Array | undefined)[] = packets.map(() => undefined);
    for (const version of versions) {
      const same = asked.flatMap((one, i) => (one?.version === version ? [{ ...one, i }] : []));
      if (same.length === 0) continue;
      const responses = this.#sign(
        same.map(({ packet, nonce }) => ({ packet, nonce })),
        version,
        clock,
      );
      for (const [at, { i }] of same.entries()) {
        if (responses[at]!.length <= packets[i]!.length) answers[i] = responses[at];
      }
    }
    return answers;
  }

  #read(packet: Uint8Array): { packet: Uint8Array; nonce: Uint8Array; version: Version } | undefined {
    if (packet.length < leastPacket) return undefined;
    const read = decode(readPacket, packet);
    if (!read.ok) return undefined;
    const offered = u32sOf(read.value.get(tags.VER));
    const nonce = read.value.get(tags.NONC);
    const type = u32sOf(read.value.get(tags.TYPE));
    const srv = read.value.get(tags.SRV);
    if (!offered || offered.length === 0 || offered.length > mostVersions) return undefined;
    if (offered.some((version, i) => i > 0 && version <= offered[i - 1]!)) return undefined;
    if (nonce?.length !== nonceBytes || type?.length !== 1 || type[0] !== 0) return undefined;
    if (srv && !equalBytes(srv, this.#srv)) return undefined;
    const version = versions.find((one) => offered.includes(one));
    return version === undefined ? undefined : { packet, nonce, version };
  }

  #sign(
    requests: readonly { readonly packet: Uint8Array; readonly nonce: Uint8Array }[],
    version: Version,
    clock: RoughtimeClock,
  ): Uint8Array[] {
    const online = this.#delegated(clock.now);
    const { root, paths } = treeOf(requests.map(({ packet }) => leafOf(packet)));
    const signed = messageBytes([
      [tags.VER, u32Bytes(version)],
      [tags.RADI, u32Bytes(Math.max(1, Math.ceil(clock.radius)))],
      [tags.MIDP, u64Bytes(Math.floor(clock.now))],
      [tags.VERS, u32Bytes(...versions)],
      [tags.ROOT, root],
    ]);
    const signature = online.key.sign(signedPart("response", version, signed));
    return requests.map(({ nonce }, i) =>
      packetBytes(
        messageBytes([
          [tags.SIG, signature],
          [tags.NONC, nonce],
          [tags.TYPE, u32Bytes(1)],
          [tags.PATH, concat(paths[i]!)],
          [tags.SREP, signed],
          [tags.CERT, online.certificates.get(version)!],
          [tags.INDX, u32Bytes(i)],
        ]),
      ),
    );
  }

  /** The online key and its certificate, made anew when half its time is over, or the clock went back. */
  #delegated(now: number): Online {
    const held = this.#online;
    if (held && now >= held.from - graceSeconds && now < held.from + delegationSeconds / 2) return held;
    const key = new Ed25519Key(this.#entropy(32));
    const delegation = messageBytes([
      [tags.PUBK, key.publicKey],
      [tags.MINT, u64Bytes(now - graceSeconds)],
      [tags.MAXT, u64Bytes(now + delegationSeconds)],
    ]);
    const certify = (version: Version): Uint8Array =>
      messageBytes([
        [tags.SIG, this.#longTerm.sign(signedPart("delegation", version, delegation))],
        [tags.DELE, delegation],
      ]);
    const certificates = new Map(versions.map((version) => [version, certify(version)]));
    return (this.#online = { key, certificates, from: now });
  }
}
