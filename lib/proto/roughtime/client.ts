import { equalBytes } from "../../base/bytes.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { verifiesEd25519 } from "../../crypto/raw-ed25519.ts";
import { decode } from "../../wire/decode.ts";
import { Reader } from "../../wire/reader.ts";
import { h, isInTree, leafOf } from "./merkle.ts";
import {
  messageBytes,
  packetBytes,
  readMessage,
  readPacket,
  tags,
  u32Bytes,
  u32sOf,
  u64Of,
  type Message,
} from "./message.ts";
import { signedPart, versions } from "./signature.ts";

const messageSize = 1024;

/** The nonce that binds a request to the response before it: proof of their order. */
export const chainedNonce = (before: Uint8Array, random: Uint8Array): Uint8Array => h(before, random);

/** A request of 1036 bytes for the server of that long-term key. */
export function roughtimeRequest(nonce: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const pairs = (padding: number) =>
    messageBytes([
      [tags.VER, u32Bytes(...versions)],
      [tags.SRV, h(Uint8Array.of(0xff), publicKey)],
      [tags.NONC, nonce],
      [tags.TYPE, u32Bytes(0)],
      [tags.ZZZZ, new Uint8Array(padding)],
    ]);
  return packetBytes(pairs(messageSize - pairs(0).length));
}

/** Time as a server signed it: true time was within `radius` of `midpoint`, in Unix seconds. */
export interface SignedTime {
  readonly midpoint: number;
  readonly radius: number;
}

/** Verifies a response to `request` under the server's long-term key, all of it. Faults: invalid (not a
 *  response
 *  to this request), unauthenticated (a signature, or a delegation that does not hold). */
export function verifyRoughtime(
  request: Uint8Array,
  response: Uint8Array,
  publicKey: Uint8Array,
): Result<SignedTime> {
  const invalid = (what: string): Result<never> => fail("invalid", what);
  const read = decode(readPacket, response);
  const asked = decode(readPacket, request);
  if (!read.ok || !asked.ok) return invalid("not a Roughtime response");
  const message = read.value;
  if (u32sOf(message.get(tags.TYPE))?.[0] !== 1) return invalid("not a response");
  if (!equalBytes(message.get(tags.NONC) ?? new Uint8Array(0), asked.value.get(tags.NONC)!)) {
    return invalid("not our nonce");
  }
  const signed = part(message, tags.SREP);
  const certificate = part(message, tags.CERT);
  const delegation = certificate && part(certificate.message, tags.DELE);
  if (!signed || !certificate || !delegation) return invalid("a part is missing");
  const said = u32sOf(signed.message.get(tags.VER))?.[0];
  const version = versions.find((one) => one === said);
  if (version === undefined) return invalid("a version that we did not offer");
  const online = delegation.message.get(tags.PUBK) ?? new Uint8Array(0);
  const forged = (what: string): Result<never> => fail("unauthenticated", what);
  const delegated = certificate.message.get(tags.SIG) ?? new Uint8Array(0);
  if (!verifiesEd25519(publicKey, signedPart("delegation", version, delegation.bytes), delegated)) {
    return forged("the delegation is not by this server's key");
  }
  const signature = message.get(tags.SIG) ?? new Uint8Array(0);
  if (!verifiesEd25519(online, signedPart("response", version, signed.bytes), signature)) {
    return forged("the response is not by the delegated key");
  }
  const [index] = u32sOf(message.get(tags.INDX)) ?? [];
  const path = message.get(tags.PATH);
  const root = signed.message.get(tags.ROOT);
  if (index === undefined || !path || !root || !isInTree(leafOf(request), index, path, root)) {
    return invalid("our request is not among those that were signed");
  }
  return timeOf(signed.message, delegation.message);
}

function timeOf(signed: Message, delegation: Message): Result<SignedTime> {
  const midpoint = u64Of(signed.get(tags.MIDP));
  const [radius] = u32sOf(signed.get(tags.RADI)) ?? [];
  const from = u64Of(delegation.get(tags.MINT));
  const to = u64Of(delegation.get(tags.MAXT));
  if (midpoint === undefined || !radius || from === undefined || to === undefined) {
    return fail("invalid", "a time is missing, or no radius is stated");
  }
  if (midpoint < from || midpoint > to)
    return fail("unauthenticated", "the delegated key was not valid then");
  return ok({ midpoint, radius });
}

function part(message: Message, tag: number): { bytes: Uint8Array; message: Message } | undefined {
  const bytes = message.get(tag);
  const read = bytes && decode((r: Reader) => readMessage(r), bytes);
  return bytes && read?.ok ? { bytes, message: read.value } : undefined;
}

/** One link of a chain: who was asked, with what, and what came. */
export interface Link {
  readonly publicKey: Uint8Array;
  /** What was hashed with the response before into the nonce; the nonce itself in the first. */
  readonly random: Uint8Array;
  readonly request: Uint8Array;
  readonly response: Uint8Array;
}

export interface Judgement {
  readonly times: readonly SignedTime[];
  /** Two links whose signed times contradict the order in which they were made: one of the two servers lied.
   *  */
  readonly contradiction: readonly [number, number] | undefined;
}

/** Checks a whole chain: every signature, every nonce, and that no response is certainly earlier than one
 *  that
 *  it was made after. Faults: those of `verifyRoughtime`, with the link in `where`. */
export function judgeChain(links: readonly Link[]): Result<Judgement> {
  const times: SignedTime[] = [];
  for (const [i, link] of links.entries()) {
    const where = `link ${i + 1}`;
    const before = links[i - 1];
    const nonce = before ? chainedNonce(before.response, link.random) : link.random;
    const asked = decode(readPacket, link.request);
    if (!asked.ok || !equalBytes(asked.value.get(tags.NONC) ?? new Uint8Array(0), nonce)) {
      return fail("invalid", "the nonce does not follow from the response before", { where });
    }
    const verified = verifyRoughtime(link.request, link.response, link.publicKey);
    if (!verified.ok) return { ok: false, fault: { ...verified.fault, where } };
    times.push(verified.value);
  }
  return ok({ times, contradiction: contradictionIn(times) });
}

function contradictionIn(times: readonly SignedTime[]): readonly [number, number] | undefined {
  for (const [j, later] of times.entries()) {
    const i = times
      .slice(0, j)
      .findIndex((early) => early.midpoint - early.radius > later.midpoint + later.radius);
    if (i >= 0) return [i, j];
  }
  return undefined;
}

/** What anybody can verify without trusting us: the draft's malfeasance report. */
export const chainReport = (links: readonly Link[]): string =>
  JSON.stringify(
    {
      responses: links.map(({ publicKey, random, request, response }) => ({
        rand: random.toBase64(),
        publicKey: publicKey.toBase64(),
        request: request.toBase64(),
        response: response.toBase64(),
      })),
    },
    undefined,
    2,
  );
