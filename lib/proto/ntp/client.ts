import type { Entropy } from "../../base/entropy.ts";
import { ok, type Result } from "../../base/result.ts";
import { decode } from "../../wire/decode.ts";
import { Writer } from "../../wire/writer.ts";
import {
  headerBytes,
  leaps,
  modes,
  readHeader,
  referenceLetters,
  writeHeader,
  type Header,
} from "./header.ts";
import type { KeyRing } from "./keys.ts";
import { readTail, writeMac, type ExtensionField, type Tail } from "./tail.ts";
import { difference, isUnknown, readTimestamp, sameTime, unknownTime, type Timestamp } from "./timestamp.ts";

/** Authentication by extension fields from the client's side: one request and its reply. */
export interface ClientFields {
  write(w: Writer): void;
  /** Undefined: the reply is good. */
  refusalOf(
    packet: Uint8Array,
    fields: readonly ExtensionField[],
    kiss: string | undefined,
  ): string | undefined;
}

export interface RequestHow {
  readonly entropy: Entropy;
  readonly poll: number;
  /** A symmetric key, and the ring that holds it. */
  readonly key?: { readonly id: number; readonly ring: KeyRing } | undefined;
  readonly fields?: ClientFields | undefined;
  /** Asks for the interleaved mode: the server's receive stamp in its last reply. */
  readonly after?: Timestamp | undefined;
}

/** A request that waits for its reply. */
export interface Question {
  readonly bytes: Uint8Array;
  /** 64 random bits: what only who saw the request can answer with. The true time of sending stays here. */
  readonly transmit: Timestamp;
  /** What an interleaved reply answers with instead; undefined where that mode was not asked for. */
  readonly token: Timestamp | undefined;
  readonly how: RequestHow;
}

function randomStamp(entropy: Entropy): Timestamp {
  const random = decode(readTimestamp, entropy(8));
  return random.ok && !isUnknown(random.value) ? random.value : { seconds: 1, fraction: 1 };
}

/** RFC 5905 §9.1 as RFC 9109 and the data minimisation draft have it: tells nothing of our own clock. In the
 *  interleaved mode (RFC 9769 §2) too: where our receive time would stand is a random token. */
export function newQuestion(how: RequestHow): Question {
  const transmit = randomStamp(how.entropy);
  const token = how.after && randomStamp(how.entropy);
  const w = new Writer(headerBytes);
  writeHeader(w, {
    leap: leaps.none,
    version: 4,
    mode: modes.client,
    stratum: 0,
    poll: how.poll,
    precision: 32,
    rootDelay: 0,
    rootDispersion: 0,
    referenceId: 0,
    reference: unknownTime,
    origin: how.after ?? unknownTime,
    receive: token ?? unknownTime,
    transmit,
  });
  how.fields?.write(w);
  const { key } = how;
  if (key) writeMac(w, key.id, key.ring.sign(key.id, w.view(), 20)!);
  return { bytes: w.take(), transmit, token, how };
}

/** What a reply that can be used says. */
export interface Reply {
  readonly header: Header;
  /** Seconds that the server held the request: of the exchange before where the reply is interleaved. */
  readonly held: number;
  /** Its transmit stamp is that of the reply before, taken when that truly left. */
  readonly isInterleaved: boolean;
}

/** What a reply that must not be used says. `kiss` is set where the server itself refuses. */
export type ReplyRefusal =
  | { readonly why: "not-ours" | "malformed" | "unauthenticated" | "bogus-times" }
  | { readonly why: "kiss"; readonly code: string }
  | { readonly why: "unsynchronised" | "bad-stratum" | "distance"; readonly header: Header };

/** Root distance beyond which a server's time is no time (RFC 5905, MAXDISP). */
const maxRootDistance = 16;
const maxHeldSeconds = 4;

/** Judges a reply to `question`. A refusal `not-ours`, `malformed` or `unauthenticated` says nothing of the
 *  server: go on waiting. `from` is the address that the question went to. */
export function judgeReply(
  question: Question,
  packet: Uint8Array,
  from: Uint8Array,
): Result<Reply, ReplyRefusal> {
  const refuse = (refusal: ReplyRefusal): Result<never, ReplyRefusal> => ({ ok: false, fault: refusal });
  const read = decode(readReply, packet);
  if (!read.ok) return refuse({ why: "malformed" });
  const { header, tail } = read.value;
  const { token, how } = question;
  const isInterleaved = token !== undefined && sameTime(header.origin, token);
  const isAnswer = isInterleaved || sameTime(header.origin, question.transmit);
  if (header.mode !== modes.server || !isAnswer) return refuse({ why: "not-ours" });
  const kiss = header.stratum === 0 ? referenceLetters(header.referenceId) : undefined;
  if (!isAuthentic(question, packet, tail, from, kiss)) return refuse({ why: "unauthenticated" });
  if (kiss !== undefined && header.leap === leaps.unsynchronised) return refuse({ why: "kiss", code: kiss });
  if (isUnknown(header.receive) || isUnknown(header.transmit)) return refuse({ why: "bogus-times" });
  const held = difference(header.transmit, isInterleaved ? how.after! : header.receive);
  if (held < 0 || held > maxHeldSeconds) return refuse({ why: "bogus-times" });
  if (header.leap === leaps.unsynchronised) return refuse({ why: "unsynchronised", header });
  if (header.stratum < 1 || header.stratum > 15) return refuse({ why: "bad-stratum", header });
  const distance = header.rootDelay / 2 + header.rootDispersion;
  if (distance >= maxRootDistance) return refuse({ why: "distance", header });
  return ok({ header, held, isInterleaved });
}

const readReply = (r: Parameters<typeof readHeader>[0]): { header: Header; tail: Tail } => {
  const header = readHeader(r);
  return { header, tail: readTail(r, header.version) };
};

function isAuthentic(
  question: Question,
  packet: Uint8Array,
  tail: Tail,
  from: Uint8Array,
  kiss: string | undefined,
): boolean {
  const { key, fields } = question.how;
  if (fields) return fields.refusalOf(packet, tail.fields, kiss) === undefined;
  if (!key) return true;
  if (typeof tail.end === "string" || tail.end.keyId !== key.id) return false;
  const covered = packet.subarray(0, tail.end.covers);
  return key.ring.verdict(key.id, covered, tail.end.digest, from) === "good";
}
