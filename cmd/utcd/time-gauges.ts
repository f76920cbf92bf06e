import type { ClockMoment } from "../../lib/gate/time/evidence.ts";
import { budgetParts, totalOf } from "../../lib/gate/time/error-budget.ts";
import { NtpSource } from "../../lib/gate/time/source.ts";
import type { Gauge, Metrics } from "../../lib/watch/metrics.ts";
import type { TimeKeeping } from "./keep-time.ts";

/** The clock and each of its sources as metrics, in base units. */
export class TimeGauges {
  readonly #clock: Readonly<Record<"offset" | "bound" | "rate" | "vouched" | "stratum", Gauge>>;
  readonly #budget: Gauge;
  readonly #source: Readonly<
    Record<"offset" | "distance" | "delay" | "jitter" | "used" | "reach" | "asked" | "answered", Gauge>
  >;

  constructor(metrics: Metrics) {
    const of = (name: string, help: string): Gauge => metrics.gauge(`holdfast_time_${name}`, help);
    this.#clock = {
      offset: of("offset_seconds", "By which the host's clock is behind what the sources tell."),
      bound: of("bound_seconds", "How far the time that is served may be from UTC; 16 where nobody knows."),
      rate: of("rate_ratio", "By which the oscillator is corrected."),
      vouched: of("synchronised", "1 while sources vouch for the time."),
      stratum: of("source_stratum", "Stratum of the source that is followed; 16: none."),
    };
    const budget = "The bound by its parts.";
    this.#budget = metrics.gauge("holdfast_time_budget_seconds", budget, ["part"]);
    const each = (name: string, help: string): Gauge =>
      metrics.gauge(`holdfast_time_source_${name}`, help, ["source"]);
    this.#source = {
      offset: each("offset_seconds", "By which the source is ahead of the host's clock."),
      distance: each("distance_seconds", "How far the source may be from UTC; 16 where that is not known."),
      delay: each("delay_seconds", "Shortest of the last round trips."),
      jitter: each("jitter_seconds", "Mean round trip beyond the shortest."),
      used: each("used", "1 while the source is selected or combined."),
      reach: each("reached_ratio", "Share of the last eight questions that were answered."),
      asked: each("asked", "Questions since the start."),
      answered: each("answered", "Answers, or readings, since the start."),
    };
  }

  set(moment: ClockMoment, keeping: TimeKeeping): void {
    const { budget, offset, rate, stratum } = moment;
    this.#clock.offset.set(offset);
    this.#clock.bound.set(budget ? totalOf(budget) : 16);
    this.#clock.rate.set(rate * 1e-6);
    this.#clock.vouched.set(budget ? 1 : 0);
    this.#clock.stratum.set(stratum);
    for (const part of budgetParts) this.#budget.set(budget?.[part] ?? 0, part);
    for (const source of keeping.keeper.sources) this.#setSource(source, keeping);
  }

  #setSource(source: TimeKeeping["keeper"]["sources"][number], keeping: TimeKeeping): void {
    const { name } = source.how;
    const { offset, distance, unusable } = source.candidate(keeping.now());
    const state = unusable ?? keeping.keeper.selection.states.get(name);
    const { oscillator, system } = keeping.port.clock.read();
    const knows = source.filter.samples > 0;
    const asked = source instanceof NtpSource;
    const bits = asked
      ? source.reach.toString(2).replaceAll("0", "").length
      : state === "unreachable"
        ? 0
        : 8;
    this.#source.offset.set(knows ? oscillator + offset - system : 0, name);
    this.#source.distance.set(Math.min(16, distance), name);
    this.#source.delay.set(knows ? source.filter.recentDelay : 0, name);
    this.#source.jitter.set(knows ? source.filter.jitter : 0, name);
    this.#source.used.set(state === "selected" || state === "combined" ? 1 : 0, name);
    this.#source.reach.set(bits / 8, name);
    this.#source.asked.set(asked ? source.counts.asked : 0, name);
    this.#source.answered.set(asked ? source.counts.answered : source.readings, name);
  }
}
