import type { AuditLine } from "../../watch/audit-chain.ts";
import { budgetParts, type ErrorBudget } from "./error-budget.ts";
import type { ReportProfile } from "./report-profile.ts";

/** What is asked of the evidence. Moments are Unix milliseconds. */
export interface ReportWish {
  readonly from: number;
  readonly to: number;
  readonly profile: ReportProfile;
  /** The host's clock, or the time that is served: they differ where the clock is only observed. */
  readonly clock: "host" | "served";
}

/** What proving the chain found, over the files that hold the period. */
export interface ChainFacts {
  readonly key: string;
  readonly sealedTo: number;
  readonly findings: readonly { readonly where: string; readonly what: string }[];
}

/** A statement of traceability to UTC over a period. Spans are seconds, moments RFC 3339 in UTC. The same
 *  evidence and wish give the same report, byte for byte. */
export interface TimeReport {
  readonly from: string;
  readonly to: string;
  readonly clock: "host" | "served";
  readonly profile: ReportProfile;
  /** within: proved, without a gap, and never over the limit. */
  readonly verdict: "within" | "exceeded" | "unproven";
  readonly reasons: readonly string[];
  readonly evidence: {
    readonly key: string;
    readonly lines: number;
    readonly firstSeq: number;
    readonly lastSeq: number;
    /** Of the last line in the period: it binds all before it. */
    readonly lastHash: string;
    /** Whether a signature vouches for all of them. */
    readonly sealed: boolean;
    readonly findings: ChainFacts["findings"];
  };
  readonly coveredSeconds: number;
  readonly missingSeconds: number;
  readonly worst: { readonly at: string; readonly bound: number; readonly offset: number } | null;
  /** Of the bound, over the covered time. */
  readonly quantiles: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  readonly budget: Readonly<Record<keyof ErrorBudget, Spread>> | null;
  readonly sources: readonly SourceShare[];
  /** The first thousand. */
  readonly excursions: readonly Excursion[];
  readonly gaps: readonly Span[];
  readonly events: readonly ReportEvent[];
  readonly days: readonly ReportDay[];
}

interface Spread {
  readonly median: number;
  readonly worst: number;
}
interface Span {
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
}
interface Excursion extends Span {
  readonly why: string;
  readonly bound: number;
}
interface SourceShare {
  readonly name: string;
  readonly seconds: number;
  readonly stratum: string;
  readonly reference: string;
  readonly authentication: string;
}
interface ReportEvent {
  readonly at: string;
  readonly what: string;
  readonly about: string;
}
interface ReportDay {
  readonly day: string;
  readonly coveredSeconds: number;
  readonly worstBound: number;
  readonly worstOffset: number;
  readonly excursionSeconds: number;
}

/** One line of evidence as a span of time. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly line: AuditLine;
  readonly bound: number;
  readonly offset: number;
  readonly vouched: number;
}

const mostListed = 1000;
/** Milliseconds that may lie between two lines: one look of the daemon, and its writing. */
const seamMs = 5000;
const day = 86_400_000;

const iso = (ms: number): string => new Date(ms).toISOString();
const seconds = (ms: number): number => Math.round(ms) / 1000;
const number = (line: AuditLine, name: string): number => Number(line.detail[name] ?? 0);
const text = (line: AuditLine, name: string): string => String(line.detail[name] ?? "");

/** Makes the report from the lines of the evidence, in order. */
export function timeReport(wish: ReportWish, lines: readonly AuditLine[], chain: ChainFacts): TimeReport {
  const { from, to, profile, clock } = wish;
  const inside = lines.filter((line) => Date.parse(line.at) > from && beginOf(line) < to);
  const stretches = stretchesOf(wish, lines);
  const gaps = gapsOf(wish, stretches);
  const excursions = excursionsOf(stretches, profile.limit);
  const worst = stretches.reduce<Stretch | undefined>(
    (most, one) => (one.bound > (most?.bound ?? 0) ? one : most),
    undefined,
  );
  const last = inside.at(-1);
  const evidence = {
    key: chain.key,
    lines: inside.length,
    firstSeq: inside[0]?.seq ?? 0,
    lastSeq: last?.seq ?? 0,
    lastHash: last?.hash ?? "",
    sealed: last !== undefined && last.seq <= chain.sealedTo,
    findings: chain.findings,
  };
  const vouched = stretches.filter((one) => one.vouched > 0);
  return {
    from: iso(from),
    to: iso(to),
    clock,
    profile,
    ...verdictOf({ evidence, gaps, excursions, worst, profile }),
    evidence,
    coveredSeconds: seconds(total(stretches)),
    missingSeconds: gaps.reduce((sum, gap) => sum + gap.seconds, 0),
    worst: worst ? { at: worst.line.at, bound: worst.bound, offset: worst.offset } : null,
    quantiles: quantilesOf(vouched),
    budget: budgetOf(vouched),
    sources: sharesOf(vouched),
    excursions: excursions.slice(0, mostListed),
    gaps: gaps.slice(0, mostListed),
    events: eventsOf(inside).slice(0, mostListed),
    days: daysOf(stretches, profile.limit),
  };
}

/** From here on a line speaks of the clock: of an event, its moment. */
const beginOf = (line: AuditLine): number => Date.parse(line.at) - number(line, "seconds") * 1000;

/** Every state line that reaches into the period, cut to it. Lines that overlap (a clock set back) count
 *  once. */
function stretchesOf({ from, to, clock }: ReportWish, lines: readonly AuditLine[]): Stretch[] {
  const found: Stretch[] = [];
  let reached = from;
  for (const line of lines) {
    if (line.verb !== "clock.state") continue;
    const end = Math.min(to, Date.parse(line.at));
    const begin = Math.max(reached, beginOf(line));
    if (end <= begin) continue;
    reached = end;
    found.push({
      from: begin,
      to: end,
      line,
      bound: number(line, clock === "host" ? "worstHost" : "worstServed"),
      offset: number(line, "worstOffset"),
      vouched: number(line, "vouched"),
    });
  }
  return found;
}

const total = (stretches: readonly Stretch[]): number =>
  stretches.reduce((sum, one) => sum + one.to - one.from, 0);

const spanOf = (from: number, to: number): Span => ({
  from: iso(from),
  to: iso(to),
  seconds: seconds(to - from),
});

function gapsOf({ from, to }: ReportWish, stretches: readonly Stretch[]): Span[] {
  const gaps: Span[] = [];
  let at = from;
  for (const one of stretches) {
    if (one.from - at > seamMs) gaps.push(spanOf(at, one.from));
    at = one.to;
  }
  if (to - at > seamMs) gaps.push(spanOf(at, to));
  return gaps;
}

const whyOut = (one: Stretch, limit: number): string | undefined => {
  if (one.bound > limit) return "the bound is over the limit";
  return one.vouched < 1 ? "no source vouched for the time" : undefined;
};

/** Neighbouring stretches that are out for the same reason are one excursion. */
function excursionsOf(stretches: readonly Stretch[], limit: number): Excursion[] {
  const found: { from: number; to: number; why: string; bound: number }[] = [];
  for (const one of stretches) {
    const why = whyOut(one, limit);
    if (why === undefined) continue;
    const before = found.at(-1);
    if (before?.why === why && one.from - before.to <= seamMs) {
      before.to = one.to;
      before.bound = Math.max(before.bound, one.bound);
    } else found.push({ from: one.from, to: one.to, why, bound: one.bound });
  }
  return found.map(({ from, to, why, bound }) => ({ ...spanOf(from, to), why, bound }));
}

function verdictOf(found: {
  evidence: TimeReport["evidence"];
  gaps: readonly Span[];
  excursions: readonly Excursion[];
  worst: Stretch | undefined;
  profile: ReportProfile;
}): Pick<TimeReport, "verdict" | "reasons"> {
  const { evidence, gaps, excursions, worst, profile } = found;
  const reasons: string[] = [];
  const sum = (spans: readonly Span[]): string =>
    `${spans.reduce((all, { seconds: s }) => all + s, 0).toFixed(0)} s`;
  if (excursions.length > 0) {
    const times = excursions.length === 1 ? "once" : `${excursions.length} times`;
    reasons.push(`out of the ${profile.name} profile ${times}, ${sum(excursions)} in all`);
  }
  if (evidence.findings.length > 0) reasons.push("the evidence is not as it was written");
  if (evidence.lines === 0) reasons.push("there is no evidence for the period");
  else if (!evidence.sealed) reasons.push("the last lines are not yet sealed by a signature");
  if (gaps.length > 0) reasons.push(`nothing is known of ${sum(gaps)} of the period`);
  if (reasons.length === 0 && worst) {
    return { verdict: "within", reasons: [`never further from UTC than ${worst.bound} s`] };
  }
  return { verdict: excursions.length > 0 ? "exceeded" : "unproven", reasons };
}

/** Weighted by the time that each stretch stands for. */
function quantile(sorted: readonly Stretch[], of: (one: Stretch) => number, share: number): number {
  const wanted = total(sorted) * share;
  let passed = 0;
  for (const one of sorted) {
    passed += one.to - one.from;
    if (passed >= wanted) return of(one);
  }
  return 0;
}

function quantilesOf(stretches: readonly Stretch[]): TimeReport["quantiles"] {
  if (stretches.length === 0) return null;
  const sorted = stretches.toSorted((a, b) => a.bound - b.bound);
  const at = (share: number): number => quantile(sorted, (one) => one.bound, share);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function budgetOf(stretches: readonly Stretch[]): TimeReport["budget"] {
  if (stretches.length === 0) return null;
  const spreads = budgetParts.map((part) => {
    const of = (one: Stretch): number => number(one.line, part);
    const sorted = stretches.toSorted((a, b) => of(a) - of(b));
    return [part, { median: quantile(sorted, of, 0.5), worst: of(sorted.at(-1)!) }] as const;
  });
  return Object.fromEntries(spreads) as Record<keyof ErrorBudget, Spread>;
}

/** The number of cookies left says nothing of how a source is secured. */
const secured = (authentication: string): string => authentication.replace(/,.*/, "");

function sharesOf(stretches: readonly Stretch[]): SourceShare[] {
  const shares = new Map<string, SourceShare & { low: number; high: number }>();
  for (const { line, from, to } of stretches) {
    const stratum = number(line, "stratum");
    const known = shares.get(line.target);
    const low = Math.min(known?.low ?? stratum, stratum);
    const high = Math.max(known?.high ?? stratum, stratum);
    shares.set(line.target, {
      name: line.target,
      seconds: (known?.seconds ?? 0) + seconds(to - from),
      stratum: low === high ? String(low) : `${low} to ${high}`,
      reference: text(line, "reference"),
      authentication: secured(text(line, "authentication")),
      low,
      high,
    });
  }
  return [...shares.values()]
    .sort((a, b) => b.seconds - a.seconds || (a.name < b.name ? -1 : 1))
    .map(({ low: _low, high: _high, ...share }) => share);
}

const eventTexts: Readonly<Record<string, string>> = {
  "clock.follow": "follows another source",
  "clock.lost": "no majority of sources agrees",
  "clock.changed": "a source or the way to it changed",
  "clock.step": "the clock was stepped",
  "clock.jump": "somebody else set the clock",
  "clock.leap": "a leap second was taken",
  "clock.fenced": "the sources contradict the witnesses",
  "clock.malfeasance": "a Roughtime server is proved to lie",
  "clock.panic": "the error was beyond reason: stopped",
  "daemon.start": "the daemon started",
  "daemon.stop": "the daemon stopped",
  "audit.recover": "the evidence was found cut",
  "audit.lost": "evidence could not be kept",
};

function eventsOf(lines: readonly AuditLine[]): ReportEvent[] {
  return lines.flatMap((line) => {
    const what = eventTexts[line.verb];
    if (what === undefined) return [];
    const by = line.detail["by"] === undefined ? "" : `${number(line, "by")} s`;
    return [{ at: line.at, what, about: by || line.target }];
  });
}

function daysOf(stretches: readonly Stretch[], limit: number): ReportDay[] {
  const days = new Map<number, { covered: number; bound: number; offset: number; out: number }>();
  for (const one of stretches) {
    for (let at = one.from; at < one.to;) {
      const which = Math.floor(at / day);
      const end = Math.min(one.to, (which + 1) * day);
      const known = days.get(which) ?? { covered: 0, bound: 0, offset: 0, out: 0 };
      days.set(which, {
        covered: known.covered + end - at,
        bound: Math.max(known.bound, one.bound),
        offset: Math.max(known.offset, one.offset),
        out: known.out + (whyOut(one, limit) === undefined ? 0 : end - at),
      });
      at = end;
    }
  }
  return [...days]
    .sort(([a], [b]) => a - b)
    .map(([which, { covered, bound, offset, out }]) => ({
      day: iso(which * day).slice(0, 10),
      coveredSeconds: seconds(covered),
      worstBound: bound,
      worstOffset: offset,
      excursionSeconds: seconds(out),
    }));
}
