import { secondsText } from "../../lib/base/amount-text.ts";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fault } from "../../lib/base/fault.ts";
import { reportPdf, verdictTexts } from "../../lib/gate/time/report-pdf.ts";
import type { TimeReport } from "../../lib/gate/time/report.ts";
import { exitCode } from "../exit-codes.ts";
import { makeTimeReport } from "../make-time-report.ts";
import { whenText } from "./amounts.ts";

import type { Call, Verb } from "./verb.ts";

export const timeReportVerb: Verb = {
  name: "time report",
  does: "prove from the evidence how well the time was traceable to UTC",
  args: [{ name: "DIR", optional: true }],
  options: [
    { name: "since", takes: "WHEN", doc: "a moment (UTC), or a span before the end: 30d; a day unless said" },
    { name: "until", takes: "WHEN", doc: "a moment (UTC); the end of the evidence unless said" },
    { name: "profile", takes: "100us|1ms|50ms|1s", doc: "how far from UTC is too far; 1s unless said" },
    {
      name: "clock",
      takes: "host|served",
      doc: "this host's clock, or the time it serves; host unless said",
    },
    { name: "pdf", takes: "FILE", doc: "write it for an auditor's folder" },
    { name: "key", takes: "FILE", doc: "prove with a public key kept elsewhere, not the one in the folder" },
  ],
  examples: [
    "time report --since 30d --profile 1ms",
    "time report --since 2026-11-01 --until 2026-12-01 --profile 50ms --pdf november.pdf",
  ],
  run: report,
};

async function report(call: Call): Promise<number> {
  const folder = call.arg("DIR") || join(call.data ?? ".", "audit");
  const keyFile = call.option("key");
  if (keyFile !== undefined && !existsSync(keyFile))
    return call.refuse(fault("not-found", "there is no such key file", { where: keyFile }));
  const key = keyFile === undefined ? undefined : readFileSync(keyFile, "utf8");
  const [from, to, profile, clock] = ["since", "until", "profile", "clock"].map((name) => call.option(name));
  const made = await makeTimeReport(folder, { from, to, profile, clock }, key);
  if (!made.ok) return call.refuse(made.fault);
  const pdf = call.option("pdf");
  if (pdf !== undefined) await writeFile(pdf, reportPdf(made.value));
  call.print.answer(made.value, () => tell(call, made.value));
  return made.value.verdict === "within" ? exitCode.ok : exitCode.badData;
}

function tell({ print }: Call, made: TimeReport): void {
  const { worst, quantiles, budget, evidence, profile } = made;
  const verdict = verdictTexts[made.verdict];
  print.painted(made.verdict === "within" ? print.good(verdict) : print.bad(verdict));
  for (const reason of made.reasons) print.line(`  ${reason}`);
  const span =
    quantiles && `half of the time ${secondsText(quantiles.p50)}, 99 % ${secondsText(quantiles.p99)}`;
  const part = (name: keyof NonNullable<TimeReport["budget"]>): string =>
    budget ? `${secondsText(budget[name].median)}, at most ${secondsText(budget[name].worst)}` : "–";
  print.record([
    ["period", `${whenText(made.from)} to ${whenText(made.to)} UTC`],
    ["clock", made.clock === "host" ? "this host's" : "the time served"],
    ["profile", `${profile.name}: ${profile.asked}`],
    ["covered", `${made.coveredSeconds.toFixed(0)} s, unknown ${made.missingSeconds.toFixed(0)} s`],
    ["bound", span ? `${span}, at most ${secondsText(worst?.bound ?? null)}` : "–"],
    ["provider", part("provider")],
    ["transmission", part("transmission")],
    ["estimate", part("estimate")],
    ["drift", part("drift")],
    ["residual", part("residual")],
    ["evidence", `lines ${evidence.firstSeq} to ${evidence.lastSeq}, key ${evidence.key}`],
  ]);
  const rows = made.sources.map((one) => [
    one.name,
    `${one.seconds.toFixed(0)} s`,
    one.stratum,
    one.reference,
    one.authentication,
  ]);
  print.table(["SOURCE", "FOLLOWED", "STRATUM", "REFERENCE", "SECURED BY"], rows, "no source was followed");
  for (const { from, to, why, bound } of made.excursions.slice(0, 20))
    print.line(`out: ${whenText(from)} to ${whenText(to)}, ${why}, ${secondsText(bound)}`);
  for (const { from, to, seconds } of made.gaps.slice(0, 20))
    print.line(`unknown: ${whenText(from)} to ${whenText(to)}, ${seconds.toFixed(0)} s`);
}
