import type { Entropy } from "../../base/entropy.ts";
import type { Ip } from "../../base/ip.ts";
import {
  judgeReply,
  newQuestion,
  type ClientFields,
  type Question,
  type Reply,
} from "../../proto/ntp/client.ts";
import type { Header } from "../../proto/ntp/header.ts";
import type { KeyRing } from "../../proto/ntp/keys.ts";
import { difference, type Timestamp } from "../../proto/ntp/timestamp.ts";
import { ClockFilter, type ClockEstimate } from "./clock-filter.ts";
import { totalOf, type ErrorBudget } from "./error-budget.ts";
import type { Candidate, SourceState } from "./selection.ts";

export interface SourceHow {
  /** For people, and unique: what the configuration calls it. */
  readonly name: string;
  /** log₂ seconds. */
  readonly minPoll: number;
  readonly maxPoll: number;
  readonly prefer: boolean;
  /** Its answers are not secured, and so it has no vote. */
  readonly needsWitness?: boolean;
  /** Asks for the interleaved mode, whose stamps are those of the wire (RFC 9769). */
  readonly interleave?: boolean;
  readonly key?: { readonly id: number; readonly ring: KeyRing } | undefined;
  /** NTS: fresh fields for each request; undefined while keys are being fetched. */
  readonly fields?: (() => ClientFields | undefined) | undefined;
}

/** Seconds on our oscillator when a request left and when its reply came, and how well that is known. */
export interface Flight {
  readonly sentAt: number;
  readonly receivedAt: number;
  /** Seconds: standard deviation of the two stamps. */
  readonly noise: number;
}

/** What an exchange came to: "sample", or why there is none. */
export type Outcome =
  | "sample"
  | "outlying" // a sample that contradicts what is known, and may be the first of a change
  | "not-ours"
  | "malformed"
  | "unauthenticated"
  | "bogus-times"
  | "negative-delay"
  | "unsynchronised"
  | "bad-stratum"
  | "distance"
  | "kiss-rate"
  | "kiss-deny"
  | "kiss-nts"
  | "kiss-other"
  | "loop";

/** An exchange whose reply's true transmit stamp is still to come. */
interface Earlier {
  readonly flight: Flight;
  /** The server's receive stamp. */
  readonly receive: Timestamp;
  /** It was a sample already, with the stamps that its own reply had. */
  readonly isUsed: boolean;
}

/** Unanswered questions after which the interleaved mode begins anew. */
const lossesToBasic = 4;
/** Seconds between the first questions; so many good answers end the burst, so many questions at most. */
const burst = { spacing: 2, good: 4, questions: 8 };
/** Samples without which a source has no say. */
const leastSamples = 3;
/** The interval grows while the error foretold at the end of the next stays below `grow` times the present
 *  one, and shrinks when it passes `shrink` times. */
const pollRule = { grow: 1.5, shrink: 2.5 };
/** RATE never stretches the interval beyond this. */
const mostPollByKiss = 10;
/** Seconds a second: what an oscillator may drift unseen, whatever its past says. */
const driftFloor = 1e-6;

/** One NTP server that we ask: when, what it last said, and what its samples tell. */
export class NtpSource {
  readonly how: SourceHow;
  readonly filter = new ClockFilter();
  readonly #entropy: Entropy;
  readonly #epoch: Timestamp;
  #poll: number;
  #minPoll: number;
  #burst: { good: number; questions: number } | undefined = { good: 0, questions: 0 };
  /** One bit an exchange, the last in the lowest. */
  #reach = 0;
  #asked: Question | undefined;
  #earlier: Earlier | undefined;
  #interleaved = 0;
  #header: Header | undefined;
  #lastSampleAt = 0;
  #last: Outcome | undefined;
  #counts = { asked: 0, answered: 0 };
  dueAt: number;

  /** `epoch` is what the keeper's system time counts from; `firstAt` on the oscillator. */
  constructor(how: SourceHow, epoch: Timestamp, entropy: Entropy, firstAt: number) {
    this.how = how;
    this.#entropy = entropy;
    this.#epoch = epoch;
    this.#poll = this.#minPoll = how.minPoll;
    this.dueAt = firstAt;
  }

  get poll(): number {
    return this.#poll;
  }
  get reach(): number {
    return this.#reach;
  }
  get header(): Header | undefined {
    return this.#header;
  }
  /** Samples with the stamps of the wire. */
  get interleaved(): number {
    return this.#interleaved;
  }
  get last(): Outcome | undefined {
    return this.#last;
  }
  get counts(): Readonly<{ asked: number; answered: number }> {
    return this.#counts;
  }

  /** A question to send now; undefined while it cannot be authenticated yet. The next is due at `dueAt`. */
  ask(now: number): Question | undefined {
    this.#schedule(now);
    const fields = this.how.fields?.();
    if (this.how.fields && !fields) return undefined;
    this.#reach = (this.#reach << 1) & 0xff;
    this.#counts.asked++;
    if (this.#burst) this.#burst.questions++;
    const losses = (1 << lossesToBasic) - 1;
    if ((this.#reach & (losses << 1)) === 0) this.#earlier = undefined;
    const after = this.how.interleave ? this.#earlier?.receive : undefined;
    this.#asked = newQuestion({ entropy: this.#entropy, poll: this.#poll, key: this.how.key, fields, after });
    return this.#asked;
  }

  /** A datagram from where the question went. `ownReferences`: reference ids that mean ourselves. */
  answer(packet: Uint8Array, from: Ip, flight: Flight, ownReferences: ReadonlySet<number>): Outcome {
    const question = this.#asked;
    const judged = question ? judgeReply(question, packet, from) : undefined;
    if (!judged) return "not-ours"; // a second reply to the same request
    if (judged.ok) return this.#took(judged.value, flight, ownReferences);
    const refusal = judged.fault;
    if (refusal.why === "kiss") return this.#kissed(refusal.code);
    if ("header" in refusal) this.#header = refusal.header;
    if (refusal.why === "not-ours" || refusal.why === "malformed" || refusal.why === "unauthenticated") {
      return refusal.why; // says nothing of the server: the true reply may still come
    }
    return this.#close(refusal.why);
  }

  #took({ header, held, isInterleaved }: Reply, flight: Flight, ownReferences: ReadonlySet<number>): Outcome {
    this.#counts.answered++;
    this.#reach |= 1;
    this.#header = header;
    if (header.stratum > 1 && ownReferences.has(header.referenceId)) return this.#close("loop");
    const earlier = this.#earlier;
    this.#earlier = { flight, receive: header.receive, isUsed: !isInterleaved };
    if (!isInterleaved) return this.#sampled(flight, header.receive, header.transmit, held);
    this.#interleaved++;
    this.#schedule(flight.receivedAt);
    // What was a sample by the stamps of its own reply is not counted twice.
    if (!earlier || earlier.isUsed) return this.#close("sample");
    return this.#sampled(earlier.flight, earlier.receive, header.transmit, held);
  }

  #sampled(flight: Flight, receive: Timestamp, transmit: Timestamp, held: number): Outcome {
    const { sentAt, receivedAt, noise } = flight;
    const delay = receivedAt - sentAt - held;
    if (delay < -1e-6) return this.#close("negative-delay");
    const came = difference(receive, this.#epoch) - sentAt;
    const left = difference(transmit, this.#epoch) - receivedAt;
    const sample = {
      at: (sentAt + receivedAt) / 2,
      offset: (came + left) / 2,
      delay: Math.max(0, delay),
      noise,
    };
    const believed = this.filter.add(sample);
    if (!believed) return this.#close("outlying");
    this.#lastSampleAt = sample.at;
    if (this.#burst) this.#burst.good++;
    else this.#adaptPoll(receivedAt);
    this.#schedule(receivedAt);
    return this.#close("sample");
  }

  #kissed(code: string): Outcome {
    if (code === "RATE") {
      this.#burst = undefined;
      this.#minPoll = Math.min(mostPollByKiss, this.#poll + 1);
      this.#poll = Math.max(this.#poll, this.#minPoll);
      return this.#close("kiss-rate");
    }
    if (code === "NTSN") return this.#close("kiss-nts");
    return this.#close(code === "DENY" || code === "RSTR" ? "kiss-deny" : "kiss-other");
  }

  #close(outcome: Outcome): Outcome {
    this.#asked = undefined;
    this.#last = outcome;
    return outcome;
  }

  /** Forgets what is known, as after our own clock was changed by others; asks again at once. */
  restart(now: number): void {
    this.filter.forget();
    this.#earlier = undefined;
    this.#burst = { good: 0, questions: 0 };
    this.#poll = this.#minPoll;
    this.#asked = undefined;
    this.dueAt = now;
  }

  estimate(now: number): ClockEstimate | undefined {
    return this.filter.estimate(now);
  }

  /** As selection wants it, at `now`. */
  candidate(now: number): Candidate {
    const estimate = this.filter.estimate(now);
    const { name, prefer, needsWitness = false } = this.how;
    const header = this.#header;
    return {
      name,
      prefer,
      needsWitness,
      unusable: this.#unusable(),
      offset: estimate?.offset ?? 0,
      error: estimate?.offsetError ?? 0,
      rate: estimate?.rate ?? 0,
      rateError: estimate?.rateError ?? 0,
      distance: estimate && header ? totalOf(this.budget(now, estimate, header)) : Number.POSITIVE_INFINITY,
      stratum: header?.stratum ?? 16,
    };
  }

  /** Λ, the bound, by its parts: half the way to the reference and back, what the servers on it admit, what
   *  the estimate may be wrong by, and what the oscillator may have drifted unseen. */
  budget(now: number, estimate: ClockEstimate, header: Header): ErrorBudget {
    return {
      provider: header.rootDelay / 2 + header.rootDispersion,
      transmission: this.filter.recentDelay / 2,
      estimate: 3 * estimate.offsetError,
      drift: driftFloor * Math.max(0, now - this.#lastSampleAt),
      residual: 0,
    };
  }

  #unusable(): SourceState | undefined {
    if (this.#last === "loop") return "loop";
    if (this.#last === "unsynchronised" || this.#last === "bad-stratum") return "unsynchronised";
    if (this.filter.samples < leastSamples)
      return this.#counts.asked > 8 && !this.#reach ? "unreachable" : "waiting";
    return this.#reach === 0 ? "unreachable" : undefined;
  }

  #schedule(now: number): void {
    const { good, questions } = this.#burst ?? { good: 0, questions: 0 };
    if (this.#burst && (good >= burst.good || questions >= burst.questions)) this.#burst = undefined;
    if (this.#burst) {
      this.dueAt = now + Math.min(burst.spacing, 2 ** this.#poll);
      return;
    }
    // A little chance keeps clients from marching in step.
    const dice = this.#entropy(1)[0]! / 255 - 0.5;
    this.dueAt = now + 2 ** this.#poll * (1 + dice / 16);
  }

  #adaptPoll(now: number): void {
    const error = (ahead: number): number => this.filter.estimate(now + ahead)?.offsetError ?? 0;
    const present = error(0);
    if (this.#poll < this.how.maxPoll && error(2 ** (this.#poll + 1)) < pollRule.grow * present) this.#poll++;
    else if (this.#poll > this.#minPoll && error(2 ** this.#poll) > pollRule.shrink * present) this.#poll--;
  }
}
