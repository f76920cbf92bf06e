import { expect, test } from "bun:test";
import { asUnixMs } from "../../base/time.ts";
import { chainStart, entryLine, type AuditLine, type ChainEnd } from "../../watch/audit-chain.ts";
import type { AuditEntry } from "../../rules/audit.ts";
import { totalOf } from "./error-budget.ts";
import { Evidence, eventEntry, type ClockMoment } from "./evidence.ts";
import { reportPdf } from "./report-pdf.ts";
import { reportProfiles } from "./report-profile.ts";
import { timeReport, type ReportWish } from "./report.ts";
import { timeAnswer } from "./time-answer.ts";

const start = Date.parse("2026-11-02T00:00:00Z");
const budget = { provider: 2e-4, transmission: 1e-4, estimate: 2e-5, drift: 1e-5, residual: 0 };
const moment: ClockMoment = {
  at: asUnixMs(start),
  mode: "steer",
  offset: 1e-5,
  budget,
  source: "time.example.org",
  stratum: 1,
  reference: "GPS",
  authentication: "NTS, 8 cookies",
  sources: "time.example.org selected",
  rate: 12.5,
};

/** The lines of a day as the daemon would write them; `change` says what differs at a second. */
function lines(seconds: number, change: (second: number) => Partial<ClockMoment> | "off" = () => ({})) {
  const evidence = new Evidence(60);
  const entries: AuditEntry[] = [];
  for (let second = 0; second <= seconds; second++) {
    const changed = change(second);
    if (changed === "off") continue;
    const line = evidence.look({ ...moment, at: asUnixMs(start + second * 1000), ...changed });
    if (line) entries.push(line);
  }
  return chained(entries);
}

function chained(entries: readonly AuditEntry[]): AuditLine[] {
  let end: ChainEnd = chainStart;
  return entries.map((entry) => {
    const made = entryLine("time", entry, end);
    ({ end } = made);
    return JSON.parse(made.line) as AuditLine;
  });
}

const hour = 3600;
const profile = (name: string) => reportProfiles.find((one) => one.name === name)!;
const wish: ReportWish = { from: start, to: start + hour * 1000, profile: profile("1ms"), clock: "host" };
const whole = { key: "0123456789abcdef", sealedTo: 1e9, findings: [] };

test("an hour of good time is within its limit, with the budget's parts and the source's share", () => {
  const report = timeReport(wish, lines(hour), whole);
  expect(report).toMatchObject({
    verdict: "within",
    coveredSeconds: 3600,
    missingSeconds: 0,
    excursions: [],
  });
  expect(report.worst?.bound).toBeCloseTo(totalOf(budget), 9);
  expect(report.budget?.provider).toEqual({ median: 2e-4, worst: 2e-4 });
  expect(report.sources).toEqual([
    { name: "time.example.org", seconds: 3600, stratum: "1", reference: "GPS", authentication: "NTS" },
  ]);
  expect(report.days).toHaveLength(1);
});

test("what is over the limit for a moment makes its whole minute an excursion", () => {
  const bad = { ...budget, drift: 5e-3 };
  const report = timeReport(
    wish,
    lines(hour, (s) => (s === 600 ? { budget: bad } : {})),
    whole,
  );
  expect(report.verdict).toBe("exceeded");
  expect(report.excursions).toHaveLength(1);
  expect(report.excursions[0]).toMatchObject({ seconds: 60, why: "the bound is over the limit" });
  const loose = { ...wish, profile: profile("50ms") };
  expect(
    timeReport(
      loose,
      lines(hour, (s) => (s === 600 ? { budget: bad } : {})),
      whole,
    ).verdict,
  ).toBe("within");
});

test("a time that nobody vouches for is an excursion; a time without evidence is a gap", () => {
  const lost = timeReport(
    wish,
    lines(hour, (s) => (s < 600 ? { budget: undefined } : {})),
    whole,
  );
  expect(lost.excursions[0]).toMatchObject({ seconds: 600, why: "no source vouched for the time" });
  const off = timeReport(
    wish,
    lines(hour, (s) => (s > 600 && s < 1200 ? "off" : {})),
    whole,
  );
  expect(off.verdict).toBe("unproven");
  expect(off.gaps).toEqual([
    { from: "2026-11-02T00:10:00.000Z", to: "2026-11-02T00:20:00.000Z", seconds: 600 },
  ]);
});

test("where the clock is only observed, the host's clock is as far off as it is", () => {
  const observed = lines(hour, () => ({ mode: "observe", offset: 0.02 }));
  expect(timeReport(wish, observed, whole).verdict).toBe("exceeded");
  expect(timeReport({ ...wish, clock: "served" }, observed, whole).verdict).toBe("within");
});

test("evidence that is broken, unsealed or absent proves nothing", () => {
  const good = lines(hour);
  const finding = { where: "time-2026-11-02.jsonl:7", what: "it is not what was written" };
  expect(timeReport(wish, good, { ...whole, findings: [finding] }).verdict).toBe("unproven");
  expect(timeReport(wish, good, { ...whole, sealedTo: 30 }).verdict).toBe("unproven");
  expect(timeReport(wish, [], whole)).toMatchObject({ verdict: "unproven", worst: null, budget: null });
});

test("the same evidence gives the same report and PDF, byte for byte; later lines change nothing", () => {
  const first = timeReport(wish, lines(hour), whole);
  const later = timeReport(wish, lines(3 * hour), whole);
  expect(JSON.stringify(later)).toBe(JSON.stringify(first));
  expect(reportPdf(later)).toEqual(reportPdf(first));
});

test("the PDF's cross-reference table finds its objects, over many pages", () => {
  const bad = { ...budget, drift: 5e-3 };
  const report = timeReport(
    wish,
    lines(hour, (s) => (s % 240 < 60 ? { budget: bad } : {})),
    whole,
  );
  const excursions = Array.from({ length: 9 }, () => report.excursions).flat();
  const text = Buffer.from(reportPdf({ ...report, excursions })).toString("latin1");
  const at = Number(/startxref\n(\d+)\n%%EOF/.exec(text)?.[1]);
  const entries = [...text.slice(at).matchAll(/^(\d{10}) 00000 n $/gm)];
  for (const [i, [, offset]] of entries.entries()) {
    expect(text.slice(Number(offset))).toStartWith(`${i + 1} 0 obj`);
  }
  expect(entries.length).toBeGreaterThan(9);
});

test("what the keeper did is an entry", () => {
  const at = asUnixMs(start);
  expect(eventEntry({ what: "stepped", by: -1.5 }, at)).toMatchObject({
    verb: "clock.step",
    detail: { by: -1.5 },
  });
  expect(eventEntry({ what: "no-majority" }, at)).toMatchObject({ verb: "clock.lost" });
});

test("a clock that is set begins a new line, and no line spans the jump", () => {
  const made = lines(hour, (s) => (s >= 90 ? { at: asUnixMs(start + s * 1000 + 7_200_000) } : {}));
  for (const line of made) expect(Number(line.detail["seconds"])).toBeLessThanOrEqual(61);
});

test("/time tells how early and how late it may be, and nothing while nobody knows", () => {
  const status = {
    leap: 0,
    stratum: 2,
    precision: -20,
    rootDelay: 0.002,
    rootDispersion: 0.001,
    referenceId: 1,
    reference: { seconds: 0, fraction: 0 },
  } as const;
  expect(timeAnswer(start + 0.0005, status)).toMatchObject({
    time: "2026-11-02T00:00:00.000001Z",
    earliest: "2026-11-01T23:59:59.998000Z",
    latest: "2026-11-02T00:00:00.002001Z",
    bound: 0.002,
  });
  expect(timeAnswer(start, { ...status, leap: 3 })).toBeUndefined();
});
