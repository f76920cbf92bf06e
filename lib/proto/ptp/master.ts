import { equalBytes } from "../../base/bytes.ts";
import { compareMasters, ForeignMasters } from "./best-master.ts";
import { isEvent, readMessage, writeMessage, flags, type Announcement, type PtpTime } from "./message.ts";
import type { PtpOutcome } from "./slave.ts";

export interface MasterHow {
  readonly identity: Uint8Array;
  readonly domain: number;
  /** log₂ seconds between announcements, and between Syncs. */
  readonly announceInterval: number;
  readonly syncInterval: number;
  /** What is announced now, with its flags; undefined while the time is not known: then nothing is sent. */
  readonly announce: () => { readonly announcement: Announcement; readonly flags: number } | undefined;
}

/** Something to send. With `awaits`, `sent` wants to know when it truly left. */
export interface PtpOut {
  readonly bytes: Uint8Array;
  readonly event: boolean;
  readonly awaits?: number;
}

/** Delay_Reqs answered in a second. */
const mostRequests = 4096;
/** Syncs whose stamp has not come. */
const mostAwaited = 8;

/** A master of the end-to-end mechanism: Announce, two-step Sync and Follow_Up, Delay_Resp. It is silent
 *  while
 *  a better master announces itself. Without sockets or a clock: `now` is seconds on a steady clock, stamps
 *  are
 *  on the timescale that is served. */
export class PtpMaster {
  readonly #how: MasterHow;
  readonly #masters = new ForeignMasters();
  readonly #awaited = new Map<number, number>();
  #announceAt = 0;
  #syncAt = 0;
  #announces = 0;
  #syncs = 0;
  #second = { at: 0, requests: 0 };

  constructor(how: MasterHow) {
    this.#how = how;
  }

  /** When `poll` is wanted next. */
  get wakeAt(): number {
    return Math.min(this.#announceAt, this.#syncAt);
  }

  /** Whether somebody better is heard. */
  isPassive(now: number): boolean {
    const best = this.#masters.best(now);
    const own = this.#how.announce();
    return best !== undefined && own !== undefined && compareMasters(best, this.#own(own)) < 0;
  }

  #own(said: { announcement: Announcement; flags: number }) {
    return { source: this.#how.identity, ...said };
  }

  /** The next thing to send; undefined until `wakeAt`. */
  poll(now: number): PtpOut | undefined {
    const { announceInterval, syncInterval } = this.#how;
    const said = this.#how.announce();
    const isQuiet = !said || this.isPassive(now);
    if (now >= this.#announceAt) {
      this.#announceAt = now + 2 ** announceInterval;
      if (!isQuiet) return this.#announcement(said);
    }
    if (now < this.#syncAt) return undefined;
    this.#syncAt = now + 2 ** syncInterval;
    if (isQuiet) return undefined;
    this.#syncs = (this.#syncs + 1) & 0xffff;
    this.#awaited.set(this.#syncs, now);
    if (this.#awaited.size > mostAwaited) this.#awaited.delete(this.#awaited.keys().next().value!);
    const header = this.#header(this.#syncs, flags.twoStep, syncInterval);
    const bytes = writeMessage({ name: "sync", header, time: nothing });
    return { bytes, event: true, awaits: this.#syncs };
  }

  /** The Follow_Up of the Sync that left at `time`. */
  sent(sequence: number, time: PtpTime): PtpOut | undefined {
    if (!this.#awaited.delete(sequence)) return undefined;
    const header = this.#header(sequence, 0, this.#how.syncInterval);
    return { bytes: writeMessage({ name: "followUp", header, time }), event: false };
  }

  /** A message that came at `time` on the served timescale. What answers it is sent to everybody, never to an
   *  address that may be forged. */
  receive(bytes: Uint8Array, time: PtpTime, now: number): PtpOut | PtpOutcome {
    const read = readMessage(bytes);
    if (!read.ok) return "malformed";
    const { name, header } = read.value;
    if (header.domain !== this.#how.domain) return "foreign-domain";
    if (equalBytes(header.source, this.#how.identity)) return "own";
    if (read.value.name === "announce") {
      const { source, flags: bits, interval } = header;
      this.#masters.take({ source, flags: bits, announcement: read.value.announcement }, interval, now);
      return "taken";
    }
    if (name !== "delayRequest" || !this.#how.announce() || this.isPassive(now)) return "not-ours";
    if (!this.#mayAnswer(now)) return "not-ours";
    const response = {
      ...this.#header(header.sequence, 0, this.#how.syncInterval),
      correction: header.correction,
    };
    const message = { name: "delayResponse", header: response, time, requester: header.source } as const;
    return { bytes: writeMessage(message), event: isEvent("delayResponse") };
  }

  #mayAnswer(now: number): boolean {
    if (now - this.#second.at >= 1) this.#second = { at: now, requests: 0 };
    return ++this.#second.requests <= mostRequests;
  }

  #announcement(said: { announcement: Announcement; flags: number }): PtpOut {
    this.#announces = (this.#announces + 1) & 0xffff;
    const header = this.#header(this.#announces, said.flags, this.#how.announceInterval);
    const message = { name: "announce", header, time: nothing, announcement: said.announcement } as const;
    return { bytes: writeMessage(message), event: false };
  }

  #header(sequence: number, bits: number, interval: number) {
    const { domain, identity: source } = this.#how;
    return { domain, flags: bits, correction: 0n, source, sequence, interval };
  }
}

const nothing: PtpTime = { seconds: 0, nanoseconds: 0 };
