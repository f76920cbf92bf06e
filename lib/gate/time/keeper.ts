import type { Fault } from "../../base/fault.ts";
import type { Ip } from "../../base/ip.ts";
import { leaps, type Leap } from "../../proto/ntp/header.ts";
import type { ServerStatus } from "../../proto/ntp/exchange.ts";
import { shifted, unixOf, type Timestamp } from "../../proto/ntp/timestamp.ts";
import { Discipline, type DisciplineRules, type SteeredClock } from "./discipline.ts";
import type { Fence } from "./fence.ts";
import { localReference } from "./house-status.ts";
import { isLeapSeason } from "./leap.ts";
import { select, type Combined, type Selection, type SelectionRules, type SourceState } from "./selection.ts";
import type { ClockEstimate } from "./clock-filter.ts";
import { totalOf, type ErrorBudget } from "./error-budget.ts";
import type { RefSample, RefSource } from "./ref-source.ts";
import { NtpSource, type Flight, type Outcome } from "./source.ts";

/** Anything that knows the time: a server that is asked, or a clock on this host that speaks by itself. */
export type TimeSource = NtpSource | RefSource;

export interface KeeperHow {
  readonly clock: SteeredClock;
  /** Whether `clock` obeys; where it does not, what is served is corrected instead. */
  readonly mode: "steer" | "observe";
  readonly sources: readonly TimeSource[];
  readonly selection: SelectionRules;
  readonly discipline: DisciplineRules;
  /** Seconds a second, from the drift file; 0 where there is none. */
  readonly initialRate: number;
  /** What the system's time counts from. */
  readonly epoch: Timestamp;
  /** log₂ seconds. */
  readonly precision: number;
  /** By a source's name: what we call our reference when we follow it. */
  readonly referenceOf: (name: string) => number;
  /** What servers that follow us call their reference. */
  readonly ownReferences: ReadonlySet<number>;
  /** What the sources together may not lead us across. */
  readonly fence?: Fence;
}

/** What the keeper wants told: constant phrases for a log. */
export type KeeperEvent =
  | { readonly what: "selected"; readonly source: string }
  | { readonly what: "no-majority" }
  | { readonly what: "changed"; readonly source: string }
  | { readonly what: "stepped"; readonly by: number }
  | { readonly what: "jumped"; readonly by: number }
  | { readonly what: "leapt"; readonly by: number }
  | { readonly what: "fenced"; readonly by: number }
  | { readonly what: "panic"; readonly fault: Fault };

/** Unix seconds near which our time surely lies: within 68 years of 2050. */
const buildPivot = 2_524_608_000;

/** Seconds after a leap second in which the system's clock may take it. */
const leapPatience = 70;
/** Seconds by which the system's clock may take it before we think that it is due. */
const leapHaste = 2;

/** Seconds by which the system's clock may part from what we made of it before somebody else has set it. */
const jumpAbove = 0.05;

function budgetOf(source: TimeSource, now: number, estimate: ClockEstimate): ErrorBudget | undefined {
  if (!(source instanceof NtpSource)) return source.budget(now, estimate);
  return source.header && source.budget(now, estimate, source.header);
}

/** Keeps time: asks sources when they are due, believes a majority, steers the clock, and says how well it is
 *  known. Without sockets, timers or a clock of its own: driven by `due` and `answer`. */
export class Keeper {
  readonly #how: KeeperHow;
  #sources: readonly TimeSource[];
  #rules: SelectionRules;
  readonly #discipline: Discipline;
  readonly #events: KeeperEvent[] = [];
  #selection: Selection = { states: new Map(), best: undefined, combined: undefined };
  /** What the sources said together, as of the oscillator's `at`. */
  #said: { readonly combined: Combined; readonly at: number } | undefined;
  #lastUpdate = 0;
  #isFenced = false;
  /** Unix seconds at which a second is repeated (+1) or left out (−1). */
  #leapDue: { readonly at: number; readonly by: number } | undefined;
  #leaptAt = Number.NEGATIVE_INFINITY;
  /** A leap that was taken, on the oscillator, and that the system's clock may still have to take. */
  #leapTaken: { readonly at: number; readonly by: number } | undefined;
  #lastReading: { oscillator: number; system: number; rate: number } | undefined;

  constructor(how: KeeperHow) {
    this.#how = how;
    this.#sources = how.sources;
    this.#rules = how.selection;
    this.#discipline = new Discipline(how.clock, how.discipline, how.initialRate);
  }

  /** On the oscillator: when `tick` is wanted next. */
  get wakeAt(): number {
    const ends = this.#discipline.slewEndsAt ?? Number.POSITIVE_INFINITY;
    return Math.min(ends, this.#leapAt(), ...this.#sources.map((source) => source.dueAt));
  }
  get rate(): number {
    return this.#how.mode === "steer" ? this.#discipline.rate : (this.#said?.combined.rate ?? 0);
  }
  get selection(): Selection {
    return this.#selection;
  }
  get sources(): readonly TimeSource[] {
    return this.#sources;
  }

  /** Follows these sources from now on, by these rules. */
  follow(sources: readonly TimeSource[], rules: SelectionRules, now: number): void {
    this.#sources = sources;
    this.#rules = rules;
    this.#update(now);
  }

  /** A leap second is announced: `at` is the Unix time after it, `by` +1 where a second is inserted. */
  expectLeap(leap: { readonly at: number; readonly by: number }): void {
    // While the second is said again the day is still the one on which it was announced.
    if (this.#how.clock.read().oscillator - this.#leaptAt > 3600) this.#leapDue = leap;
  }

  /** On the oscillator: when the leap second is over. */
  #leapAt(): number {
    const [due, said] = [this.#leapDue, this.#said];
    if (!due || !said) return Number.POSITIVE_INFINITY;
    const { offset, rate } = said.combined;
    const sinceEpoch = due.at - unixOf(this.#how.epoch, buildPivot).seconds;
    return (sinceEpoch - offset + rate * said.at) / (1 + rate);
  }

  /** Everybody's UTC is said otherwise from the leap second on: so is what we know of the sources. */
  #takeLeap(now: number, haste = 0): void {
    const due = this.#leapDue;
    if (!due || !this.#said) return;
    if (now + haste < this.#leapAt()) return;
    this.#leapDue = undefined;
    this.#leapTaken = { at: now, by: due.by };
    this.#leaptAt = now;
    for (const source of this.#sources) source.filter.shift(-due.by);
    const { combined } = this.#said;
    this.#said = { ...this.#said, combined: { ...combined, offset: combined.offset - due.by } };
    this.#how.fence?.forget();
    this.#events.push({ what: "leapt", by: due.by });
  }

  /** Whether a jump of the system's clock is the leap second that was just taken. */
  #isLeap(by: number, now: number): boolean {
    if (this.#leapDue && Math.abs(by + this.#leapDue.by) < jumpAbove) this.#takeLeap(now, leapHaste);
    const taken = this.#leapTaken;
    if (!taken || now - taken.at > leapPatience || Math.abs(by + taken.by) > jumpAbove) return false;
    this.#leapTaken = undefined;
    return true;
  }

  /** The next thing to log; undefined when all is told. */
  poll(): KeeperEvent | undefined {
    return this.#events.shift();
  }

  /** Ends a slew that is over, looks whether somebody else has set the clock, and gives the sources to ask.
   *  */
  tick(now: number): NtpSource[] {
    this.#takeLeap(now);
    this.#lookForJump();
    const { slewEndsAt } = this.#discipline;
    if (slewEndsAt !== undefined && now >= slewEndsAt) this.#discipline.endSlew();
    this.#remember();
    return this.#sources.filter((source) => source instanceof NtpSource).filter((one) => one.dueAt <= now);
  }

  /** A reference clock has spoken. */
  heard(source: RefSource, sample: RefSample): void {
    if (this.#watched(source, () => source.take(sample))) this.#update(sample.at);
  }

  /** A datagram that came for `source`. */
  answer(source: NtpSource, packet: Uint8Array, from: Ip, flight: Flight): Outcome {
    const { ownReferences } = this.#how;
    const outcome = this.#watched(source, () => source.answer(packet, from, flight, ownReferences));
    if (outcome === "sample") this.#update(flight.receivedAt);
    return outcome;
  }

  /** Does what brings a sample, and notices where the source began anew by it. */
  #watched<T>(source: TimeSource, take: () => T): T {
    const { restarts } = source.filter;
    const result = take();
    if (source.filter.restarts > restarts) {
      this.#events.push({ what: "changed", source: source.how.name });
      if (source.how.name === this.#selection.best?.name) this.#discipline.restart(false);
    }
    return result;
  }

  #update(now: number): void {
    const before = this.#selection;
    const candidates = this.#sources.map((source) => source.candidate(now));
    this.#selection = this.#fenced(select(candidates, this.#rules), now);
    const { best, combined } = this.#selection;
    if (best?.name !== before.best?.name) {
      this.#events.push(best ? { what: "selected", source: best.name } : { what: "no-majority" });
    }
    if (!best || !combined) return;
    this.#said = { combined, at: now };
    this.#lastUpdate = now;
    if (this.#how.mode === "observe") return;
    this.#lookForJump();
    const steered = this.#discipline.update(combined, now);
    if (!steered.ok) this.#events.push({ what: "panic", fault: steered.fault });
    else if (steered.value.did === "step") this.#events.push({ what: "stepped", by: steered.value.by });
    this.#remember();
  }

  /** A majority that contradicts the witnesses is none. */
  #fenced(selection: Selection, now: number): Selection {
    const { combined, states } = selection;
    const by = combined ? (this.#how.fence?.outside(now, combined.offset, combined.distance) ?? 0) : 0;
    if (by !== 0 && !this.#isFenced) {
      this.#events.push({ what: "fenced", by });
      this.#discipline.distrust();
    }
    this.#isFenced = by !== 0;
    if (by === 0) return selection;
    const used = new Set<SourceState>(["selected", "combined", "outlier"]);
    const told = [...states].map(([name, state]) => [name, used.has(state) ? "fenced" : state] as const);
    return { states: new Map(told), best: undefined, combined: undefined };
  }

  /** Somebody else set the clock, or the machine slept: what is known of the past no longer holds. */
  #lookForJump(): void {
    const before = this.#lastReading;
    if (!before) return;
    const { oscillator, system } = this.#how.clock.read();
    const elapsed = oscillator - before.oscillator;
    const by = system - before.system - elapsed;
    // Nobody may run the clock faster than one part in a thousand, so that what is more is a jump.
    if (Math.abs(by) < jumpAbove + 1e-3 * elapsed) return;
    if (this.#isLeap(by, oscillator)) {
      this.#lastReading = undefined;
      return;
    }
    this.#events.push({ what: "jumped", by });
    for (const source of this.#sources) source.restart(oscillator);
    this.#discipline.restart(true);
    this.#said = undefined;
    this.#lastReading = undefined;
  }

  #remember(): void {
    this.#lastReading = { ...this.#how.clock.read(), rate: this.#discipline.rate };
  }

  /** Seconds to add to the system's clock for the time that the sources tell; 0 where we steer it, or know
   *  nothing. */
  correction(): number {
    return this.#how.mode === "observe" ? this.error() : 0;
  }

  /** Seconds by which the system's clock is behind what the sources tell. */
  error(): number {
    if (!this.#said) return 0;
    const { combined, at } = this.#said;
    const { oscillator, system } = this.#how.clock.read();
    return oscillator + combined.offset + combined.rate * (oscillator - at) - system;
  }

  /** Λ by its parts: how far what we serve may be from true time; undefined while nobody vouches for it. */
  budget(now: number): ErrorBudget | undefined {
    const best = this.#best();
    const estimate = best?.estimate(now);
    const budget = best && estimate && budgetOf(best, now, estimate);
    if (!budget || this.#how.mode === "observe") return budget;
    return { ...budget, residual: Math.abs(this.error()) };
  }

  /** Λ as it will be in `ahead` seconds if no source is heard any more; undefined while nobody vouches. */
  forecast(now: number, ahead: number): number | undefined {
    const best = this.#best();
    const estimate = best?.estimate(now + ahead);
    const budget = best && estimate && budgetOf(best, now + ahead, estimate);
    return budget && totalOf(budget) + (this.#how.mode === "steer" ? Math.abs(this.error()) : 0);
  }

  /** Λ in seconds. */
  bound(now: number): number | undefined {
    const budget = this.budget(now);
    return budget && totalOf(budget);
  }

  /** What a reply says of our clock; undefined while no source vouches for it, or the bound has outgrown what
   *  clients may be told. */
  status(now: number): ServerStatus | undefined {
    const best = this.#best();
    const bound = this.bound(now);
    if (!best?.header || bound === undefined || bound > this.#rules.maxDistance) return undefined;
    const rootDelay = best.header.rootDelay + best.filter.recentDelay;
    return {
      leap: this.#leap(),
      stratum: Math.min(15, best.header.stratum + 1),
      precision: this.#how.precision,
      rootDelay,
      rootDispersion: Math.max(0, bound - rootDelay / 2),
      referenceId: this.#how.referenceOf(best.how.name) || localReference,
      reference: shifted(this.#how.epoch, this.#how.clock.read().system - (now - this.#lastUpdate)),
    };
  }

  #best(): TimeSource | undefined {
    const name = this.#selection.best?.name;
    return this.#said && this.#sources.find((source) => source.how.name === name);
  }

  /** What most of the sources that have a say announce, on a day on which a leap second can come. */
  #leap(): Leap {
    const { seconds } = unixOf(shifted(this.#how.epoch, this.#how.clock.read().system), buildPivot);
    if (!isLeapSeason(seconds)) return leaps.none;
    const voters = this.#sources.filter(({ how }) => {
      const state = this.#selection.states.get(how.name);
      return state === "selected" || state === "combined";
    });
    for (const leap of [leaps.lastMinute61, leaps.lastMinute59]) {
      const votes = voters.filter((source) => source.header?.leap === leap).length;
      if (votes * 2 > voters.length) return leap;
    }
    return leaps.none;
  }
}
