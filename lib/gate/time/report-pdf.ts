import { pdfDocument, pdfPage, type PdfMark } from "../../watch/pdf.ts";
import { budgetParts } from "./error-budget.ts";
import type { TimeReport } from "./report.ts";

const margin = 56;
const width = pdfPage.width - 2 * margin;
const bottom = pdfPage.height - margin;

/** Sets text from top to bottom, page after page. */
class Sheet {
  readonly pages: PdfMark[][] = [[]];
  #y = margin;

  heading(text: string, size = 12): void {
    this.#room(size * 3);
    this.#y += size;
    this.#put({ text, x: margin, y: this.#y, size, bold: true });
    this.#y += size * 1.3;
  }

  /** Broken between words where a line is full. */
  paragraph(text: string, size = 9): void {
    const most = Math.floor(width / (size * 0.5));
    let line = "";
    for (const word of text.split(" ")) {
      if (line !== "" && line.length + 1 + word.length > most) {
        this.#line(line, size);
        line = "";
      }
      line = line === "" ? word : `${line} ${word}`;
    }
    if (line !== "") this.#line(line, size);
    this.#y += size * 0.5;
  }

  /** Columns at shares of the width; a text that does not fit is cut. */
  table(heads: readonly string[], shares: readonly number[], rows: readonly (readonly string[])[]): void {
    this.#row(heads, shares, true);
    this.#put({ rule: width, x: margin, y: this.#y - 9 });
    for (const row of rows) this.#row(row, shares, false);
    if (rows.length === 0) this.#row(["none"], [1], false);
    this.#y += 4;
  }

  #row(cells: readonly string[], shares: readonly number[], bold: boolean): void {
    const size = 8;
    this.#room(size * 1.5);
    let x = margin;
    for (const [i, cell] of cells.entries()) {
      const most = Math.floor((shares[i]! * width) / (size * 0.5));
      const text = cell.length > most ? `${cell.slice(0, most - 2)}..` : cell;
      this.#put({ text, x, y: this.#y, size, bold });
      x += shares[i]! * width;
    }
    this.#y += size * 1.5;
  }

  #line(text: string, size: number): void {
    this.#room(size * 1.35);
    this.#put({ text, x: margin, y: this.#y, size });
    this.#y += size * 1.35;
  }

  #room(height: number): void {
    if (this.#y + height <= bottom) return;
    this.pages.push([]);
    this.#y = margin;
  }

  #put(mark: PdfMark): void {
    this.pages.at(-1)!.push(mark);
  }
}

/** A span of seconds as people read it. */
export function spanText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1 || size === 0) return `${Number(value.toPrecision(4))} s`;
  if (size >= 1e-3) return `${Number((value * 1e3).toPrecision(4))} ms`;
  return size >= 1e-6
    ? `${Number((value * 1e6).toPrecision(4))} µs`
    : `${Number((value * 1e9).toPrecision(3))} ns`;
}

const momentText = (moment: string): string => moment.slice(0, 19).replace("T", " ");

export const verdictTexts: Record<TimeReport["verdict"], string> = {
  within: "Within the limit throughout, and proved.",
  exceeded: "Not within the limit throughout.",
  unproven: "Not proved.",
};

const partTexts: Record<(typeof budgetParts)[number], string> = {
  provider: "provider: what the servers up to the reference admit",
  transmission: "transmission: half the round trip",
  estimate: "estimate: three standard deviations of the filter",
  drift: "drift: of the oscillator since the last sample",
  residual: "residual: not yet slewed away",
};

/** The report for an auditor's folder. */
export function reportPdf(report: TimeReport): Uint8Array {
  const sheet = new Sheet();
  sheet.heading("Traceability of time to UTC", 18);
  statement(sheet, report);
  budget(sheet, report);
  sources(sheet, report);
  const { excursions, gaps, events, days } = report;
  sheet.heading("Days (UTC)");
  sheet.table(
    ["Day", "Covered", "Greatest bound", "Greatest offset", "Out of profile"],
    [0.2, 0.2, 0.2, 0.2, 0.2],
    days.map((one) => [
      one.day,
      `${one.coveredSeconds.toFixed(0)} s`,
      spanText(one.worstBound),
      spanText(one.worstOffset),
      `${one.excursionSeconds.toFixed(0)} s`,
    ]),
  );
  sheet.heading("Excursions");
  sheet.table(
    ["From", "To", "Greatest bound", "Why"],
    [0.22, 0.22, 0.16, 0.4],
    excursions.map((one) => [momentText(one.from), momentText(one.to), spanText(one.bound), one.why]),
  );
  sheet.heading("Spans without evidence");
  sheet.table(
    ["From", "To", "Seconds"],
    [0.25, 0.25, 0.5],
    gaps.map((one) => [momentText(one.from), momentText(one.to), one.seconds.toFixed(0)]),
  );
  sheet.heading("Events");
  sheet.table(
    ["At", "What", "About"],
    [0.25, 0.4, 0.35],
    events.map((one) => [momentText(one.at), one.what, one.about]),
  );
  return pdfDocument("Traceability of time to UTC", sheet.pages);
}

function statement(sheet: Sheet, report: TimeReport): void {
  const { profile, evidence, worst, quantiles } = report;
  const subject = report.clock === "host" ? "this host's clock" : "the time served by this host";
  sheet.paragraph(`${momentText(report.from)} to ${momentText(report.to)} UTC, of ${subject}.`, 10);
  sheet.paragraph(
    `Profile ${profile.name}: at most ${spanText(profile.limit)} from UTC. ${profile.asked}.`,
    10,
  );
  sheet.heading(verdictTexts[report.verdict], 14);
  for (const reason of report.reasons) sheet.paragraph(reason);
  if (worst && quantiles) {
    const { p50, p95, p99 } = quantiles;
    const median = `Bound: half of the time below ${spanText(p50)}, 95 % below ${spanText(p95)}`;
    const most = `99 % below ${spanText(p99)}, greatest ${spanText(worst.bound)}`;
    sheet.paragraph(`${median}, ${most} at ${momentText(worst.at)}.`);
  }
  sheet.paragraph(
    "The bound is what the time may be wrong by at most, every part of the budget added up. It holds as " +
      "far as the sources that agreed told the truth; it is checked against them, not against UTC itself.",
  );
  const lines = `lines ${evidence.firstSeq} to ${evidence.lastSeq} of the chain "time"`;
  const seal = evidence.sealed ? "sealed by a signature" : "not yet sealed by a signature";
  sheet.paragraph(`Evidence: ${lines}, ${seal} of the key ${evidence.key}.`);
  if (evidence.lastHash !== "") sheet.paragraph(`Last line: SHA-256 ${evidence.lastHash}.`, 8);
  for (const { where, what } of evidence.findings) sheet.paragraph(`Not as written: ${where}: ${what}`);
}

function budget(sheet: Sheet, { budget: parts }: TimeReport): void {
  sheet.heading("Error budget");
  const rows = budgetParts.map((part) => {
    const spread = parts?.[part] ?? { median: 0, worst: 0 };
    return [partTexts[part], spanText(spread.median), spanText(spread.worst)];
  });
  sheet.table(["Part", "Median", "Greatest"], [0.6, 0.2, 0.2], parts ? rows : []);
}

function sources(sheet: Sheet, { sources: shares }: TimeReport): void {
  sheet.heading("Sources followed");
  sheet.table(
    ["Source", "For", "Stratum", "Its reference", "Secured by"],
    [0.3, 0.15, 0.1, 0.2, 0.25],
    shares.map((one) => [
      one.name,
      `${one.seconds.toFixed(0)} s`,
      one.stratum,
      one.reference,
      one.authentication,
    ]),
  );
}
