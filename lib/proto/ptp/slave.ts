import type { Entropy } from "../../base/entropy.ts";
import { equalBytes } from "../../base/bytes.ts";
import { ForeignMasters, type ForeignMaster } from "./best-master.ts";
import {
  correctionSeconds,
  flags,
  readMessage,
  secondsSince,
  writeMessage,
  type PtpMessage,
} from "./message.ts";

/** What a slave learnt of its master's clock. Seconds. */
export interface PtpSample {
  readonly master: ForeignMaster;
  /** On the oscillator. */
  readonly at: number;
  /** By which the master's time, counted from the epoch, is ahead of the oscillator; on the master's
   *  timescale. */
  readonly offset: number;
  /** Of the way there and back. */
  readonly delay: number;
}

/** What became of a message, for the counters. */
export type PtpOutcome = "taken" | "malformed" | "foreign-domain" | "own" | "not-ours" | "out-of-order";

export interface SlaveHow {
  /** Clock identity and port number. */
  readonly identity: Uint8Array;
  readonly domain: number;
  /** Unix seconds that offsets count from. */
  readonly epoch: number;
  readonly entropy: Entropy;
}

interface SyncPoint {
  /** Oscillator. */
  readonly at: number;
  /** Oscillator minus master, with the delay. */
  readonly behind: number;
}

const requestSeconds = 1;
/** Syncs that are further apart than this do not belong together. */
const longestGap = 16;

/** A slave of the end-to-end mechanism (IEEE 1588-2019 §11.3) for one port: it picks the best master, pairs
 *  Syncs with their Follow_Ups, asks for the delay, and joins both. Without sockets or a clock: stamps are
 *  handed in, in seconds on the oscillator. */
export class PtpSlave {
  readonly #how: SlaveHow;
  readonly #masters = new ForeignMasters();
  #following: ForeignMaster | undefined;
  /** A Sync that waits for its Follow_Up. */
  #pending: { sequence: number; at: number; correction: number } | undefined;
  #last: SyncPoint | undefined;
  #asked: { sequence: number; sentAt: number | undefined } | undefined;
  /** A measured way back, waiting for the Sync after it. */
  #back: { at: number; ahead: number } | undefined;
  #sequence = 0;
  #askAt = 0;

  constructor(how: SlaveHow) {
    this.#how = how;
  }

  get master(): ForeignMaster | undefined {
    return this.#following;
  }

  /** A message; `at` is when it came, for event messages by the kernel's stamp. */
  receive(bytes: Uint8Array, at: number, tell: (sample: PtpSample) => void): PtpOutcome {
    const read = readMessage(bytes);
    if (!read.ok) return "malformed";
    const message = read.value;
    const { header } = message;
    if (header.domain !== this.#how.domain) return "foreign-domain";
    if (equalBytes(header.source, this.#how.identity)) return "own";
    if (message.name === "announce") return this.#announced(message, at);
    if (!this.#following || !equalBytes(header.source, this.#following.source)) return "not-ours";
    if (message.name === "sync") return this.#synced(message, at, tell);
    if (message.name === "followUp") return this.#followed(message, tell);
    if (message.name === "delayResponse") return this.#delayed(message);
    return "not-ours";
  }

  /** The Delay_Req to send now, with the number under which `sent` is told; undefined: nothing is due. */
  poll(now: number): { readonly bytes: Uint8Array; readonly sequence: number } | undefined {
    this.#choose(now);
    if (!this.#following || !this.#last || now < this.#askAt) return undefined;
    const dice = this.#how.entropy(1)[0]! / 255;
    this.#askAt = now + requestSeconds * (0.5 + dice);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#asked = { sequence: this.#sequence, sentAt: undefined };
    const header = {
      domain: this.#how.domain,
      flags: 0,
      correction: 0n,
      source: this.#how.identity,
      sequence: this.#sequence,
      interval: 0x7f,
    };
    const time = { seconds: 0, nanoseconds: 0 };
    return { bytes: writeMessage({ name: "delayRequest", header, time }), sequence: this.#sequence };
  }

  /** When the Delay_Req of that number truly left. */
  sent(sequence: number, at: number): void {
    if (this.#asked?.sequence === sequence) this.#asked.sentAt ??= at;
  }

  #announced(message: PtpMessage & { name: "announce" }, at: number): PtpOutcome {
    const { source, flags: bits, interval } = message.header;
    this.#masters.take({ source, announcement: message.announcement, flags: bits }, interval, at);
    this.#choose(at);
    return "taken";
  }

  #choose(now: number): void {
    const best = this.#masters.best(now);
    const isSame = best && this.#following && equalBytes(best.source, this.#following.source);
    this.#following = best;
    if (!isSame) this.#last = this.#pending = this.#asked = this.#back = undefined;
  }

  #synced(
    { header, time }: PtpMessage & { name: "sync" | "delayRequest" | "followUp" },
    at: number,
    tell: (sample: PtpSample) => void,
  ): PtpOutcome {
    const correction = correctionSeconds(header.correction);
    if ((header.flags & flags.twoStep) !== 0) {
      this.#pending = { sequence: header.sequence, at, correction };
      return "taken";
    }
    this.#point(at, secondsSince(time, this.#how.epoch) + correction, tell);
    return "taken";
  }

  #followed(
    { header, time }: PtpMessage & { name: "sync" | "delayRequest" | "followUp" },
    tell: (sample: PtpSample) => void,
  ): PtpOutcome {
    const sync = this.#pending;
    if (sync?.sequence !== header.sequence) return "out-of-order";
    this.#pending = undefined;
    const correction = sync.correction + correctionSeconds(header.correction);
    this.#point(sync.at, secondsSince(time, this.#how.epoch) + correction, tell);
    return "taken";
  }

  #delayed({ header, time, requester }: PtpMessage & { name: "delayResponse" }): PtpOutcome {
    const asked = this.#asked;
    if (!equalBytes(requester, this.#how.identity)) return "not-ours";
    if (asked?.sequence !== header.sequence || asked.sentAt === undefined) return "out-of-order";
    this.#asked = undefined;
    const came = secondsSince(time, this.#how.epoch) - correctionSeconds(header.correction);
    this.#back = { at: asked.sentAt, ahead: came - asked.sentAt };
    return "taken";
  }

  /** A whole Sync: it came at `at`, and left at `left` by the master. A way back that was measured since the
   *  one
   *  before is joined with the way there at that very moment, which lies between the two. */
  #point(at: number, left: number, tell: (sample: PtpSample) => void): void {
    const now = { at, behind: at - left };
    const before = this.#last;
    const back = this.#back;
    this.#last = now;
    if (!before || !back || back.at <= before.at || back.at > at || at - before.at > longestGap) return;
    this.#back = undefined;
    const behind = before.behind + ((now.behind - before.behind) * (back.at - before.at)) / (at - before.at);
    const master = this.#following!;
    tell({ master, at: back.at, offset: (back.ahead - behind) / 2, delay: back.ahead + behind });
  }
}
