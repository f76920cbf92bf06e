import { asUnixMs, type UnixMs } from "../../base/time.ts";
import { houseActor } from "../../rules/identity.ts";
import type { AuditEntry, AuditVerb } from "../../rules/audit.ts";
import type { Anomaly } from "./anomalies.ts";
import { budgetParts, totalOf, type ErrorBudget } from "./error-budget.ts";
import type { KeeperEvent } from "./keeper.ts";

/** The chain of the audit trail in which the clock's evidence is kept: a daemon's name of its own. */
export const evidenceChain = "time";

/** What the clock is worth at one moment; all spans in seconds. */
export interface ClockMoment {
  /** By the time that is served. */
  readonly at: UnixMs;
  readonly mode: "steer" | "observe" | "local";
  /** By which the host's clock is behind what the sources tell. */
  readonly offset: number;
  /** Undefined while no source vouches for the time. */
  readonly budget: ErrorBudget | undefined;
  readonly source: string;
  readonly stratum: number;
  /** As people read it: "GPS", "192.0.2.1". */
  readonly reference: string;
  /** How the source's answers are secured: "none", "NTS, 8 cookies". */
  readonly authentication: string;
  /** Every source with its state: "a selected, b falseticker". */
  readonly sources: string;
  /** Parts per million. */
  readonly rate: number;
}

/** Seconds, for the record: picoseconds are enough. */
const kept = (value: number): number => Number(value.toPrecision(7));

/** Turns moments into the lines of the evidence: one for each interval, with the worst that it held. */
export class Evidence {
  readonly #interval: number;
  #began: UnixMs | undefined;
  #last: UnixMs | undefined;
  #vouched = 0;
  #seen = 0;
  #worst: { host: number; served: number; offset: number } = { host: 0, served: 0, offset: 0 };

  /** Seconds that a line stands for. */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** To be told about once a second. A line, where an interval is over. A clock that was set ends it too. */
  look(moment: ClockMoment): AuditEntry | undefined {
    const jumped = this.#last !== undefined && (moment.at < this.#last || moment.at > this.#last + 60_000);
    if (jumped) this.#begin(undefined);
    this.#began ??= moment.at;
    this.#last = moment.at;
    this.#count(moment);
    if (moment.at - this.#began < this.#interval * 1000) return undefined;
    const line = this.#line(moment);
    this.#begin(moment.at);
    return line;
  }

  /** The line of an interval that ends before its time; undefined where it has not begun. */
  end(moment: ClockMoment): AuditEntry | undefined {
    return this.#began === undefined || moment.at <= this.#began ? undefined : this.#line(moment);
  }

  #begin(at: UnixMs | undefined): void {
    this.#began = at;
    this.#seen = this.#vouched = 0;
    this.#worst = { host: 0, served: 0, offset: 0 };
  }

  #count({ mode, budget, offset }: ClockMoment): void {
    this.#seen++;
    if (!budget) return;
    this.#vouched++;
    const served = totalOf(budget);
    const host = mode === "observe" ? served + Math.abs(offset) : served;
    const worst = this.#worst;
    this.#worst = {
      host: Math.max(worst.host, host),
      served: Math.max(worst.served, served),
      offset: Math.max(worst.offset, Math.abs(offset)),
    };
  }

  #line(moment: ClockMoment): AuditEntry {
    const { at, budget, offset, rate } = moment;
    const seconds = (at - this.#began!) / 1000;
    const parts = budgetParts.map((part) => [part, kept(budget?.[part] ?? 0)] as const);
    return entryOf(at, "clock.state", moment.source, budget ? "ok" : "unavailable", {
      ...Object.fromEntries(parts),
      mode: moment.mode,
      authentication: moment.authentication,
      offset: kept(offset),
      rate: kept(rate),
      reference: moment.reference,
      seconds: kept(seconds),
      sources: moment.sources,
      stratum: moment.stratum,
      vouched: kept(this.#seen === 0 ? 0 : this.#vouched / this.#seen),
      worstHost: kept(this.#worst.host),
      worstOffset: kept(this.#worst.offset),
      worstServed: kept(this.#worst.served),
    });
  }
}

/** What the keeper of time did, for the evidence. */
export function eventEntry(event: KeeperEvent, at: UnixMs): AuditEntry {
  switch (event.what) {
    case "selected":
      return entryOf(at, "clock.follow", event.source, "ok", {});
    case "no-majority":
      return entryOf(at, "clock.lost", "", "unavailable", {});
    case "changed":
      return entryOf(at, "clock.changed", event.source, "ok", {});
    case "stepped":
      return entryOf(at, "clock.step", "", "ok", { by: kept(event.by) });
    case "jumped":
      return entryOf(at, "clock.jump", "", "ok", { by: kept(event.by) });
    case "leapt":
      return entryOf(at, "clock.leap", "", "ok", { by: event.by });
    case "fenced":
      return entryOf(at, "clock.fenced", "", "denied", { by: kept(event.by) });
    case "panic":
  }
  return entryOf(at, "clock.panic", "", event.fault.code, { what: event.fault.what });
}

/** Something is not as it used to be. */
export const anomalyEntry = ({ about, what, was, is, since }: Anomaly): AuditEntry =>
  entryOf(asUnixMs(since * 1000), "clock.changed", about, "ok", { what, was: kept(was), is: kept(is) });

/** Two witnesses contradict each other under their own signatures; `proof` is the file that shows it. */
export const malfeasanceEntry = (at: UnixMs, witnesses: string, proof: string): AuditEntry =>
  entryOf(at, "clock.malfeasance", witnesses, "denied", { proof });

function entryOf(
  at: UnixMs,
  verb: AuditVerb,
  target: string,
  outcome: string,
  detail: AuditEntry["detail"],
): AuditEntry {
  return { at, actor: houseActor, verb, target, outcome, detail };
}
