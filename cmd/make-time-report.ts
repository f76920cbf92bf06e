import { fail, ok, type Result } from "../lib/base/result.ts";
import { readDuration } from "../lib/config/quantity.ts";
import { evidenceChain } from "../lib/gate/time/evidence.ts";
import { reportProfiles } from "../lib/gate/time/report-profile.ts";
import { timeReport, type TimeReport } from "../lib/gate/time/report.ts";
import { proveChainSince } from "../lib/store/audit-verify.ts";
import type { AuditLine } from "../lib/watch/audit-chain.ts";

/** A report as somebody asks for it, in words. */
export interface ReportRequest {
  /** "2026-11-01", "2026-11-01T09:30Z", or a span before the end: "30d". A day unless said. */
  readonly from?: string | undefined;
  /** A moment; unless said, the end of what is proved. */
  readonly to?: string | undefined;
  /** "100us", "1ms", "50ms" or "1s", which is what is meant unless said. */
  readonly profile?: string | undefined;
  readonly clock?: string | undefined;
}

const usualSpanMs = 86_400_000;
/** Lines reach back at most this far. */
const longestLineMs = 3_600_000;

/** Proves the evidence in an audit folder and makes the report. `publicPem`: a key kept elsewhere.
 *  Faults: invalid (the request), not-found (no evidence, no key), io. */
export async function makeTimeReport(
  folder: string,
  request: ReportRequest,
  publicPem?: string,
): Promise<Result<TimeReport>> {
  const { profile: name = "1s", clock = "host" } = request;
  const profile = reportProfiles.find((one) => one.name === name);
  const mend = `one of ${reportProfiles.map((one) => one.name).join(", ")}`;
  if (!profile) return fail("invalid", `there is no profile ${name}`, { mend });
  if (clock !== "host" && clock !== "served") {
    return fail("invalid", `there is no clock ${clock}`, { mend: "host or served" });
  }
  const to = request.to === undefined ? ok(undefined) : momentOf(request.to);
  if (!to.ok) return to;
  const span = request.from === undefined ? usualSpanMs : readDuration(request.from);
  const from = span === undefined ? momentOf(request.from!) : ok(undefined);
  if (!from.ok) return from;

  const earliest = from.value ?? (to.value ?? Number.POSITIVE_INFINITY) - span!;
  const since = Number.isFinite(earliest) ? dayOf(earliest - longestLineMs) : "";
  const lines: AuditLine[] = [];
  const take = (line: { verb: string }): void => {
    if (line.verb !== "checkpoint") lines.push(line as AuditLine);
  };
  const proof = await proveChainSince(folder, evidenceChain, since, take, publicPem);
  if (!proof.ok) return proof;
  const { key, sealedTo, findings } = proof.value;
  const last = lines.findLast(({ verb, seq }) => verb === "clock.state" && seq <= sealedTo);
  const end = to.value ?? (last && Date.parse(last.at));
  if (end === undefined) {
    const what = "there is no evidence of this clock";
    return fail("not-found", what, { where: folder, mend: "holdfast-utcd keeps it once it has a source" });
  }
  const begin = from.value ?? end - span!;
  if (begin >= end) return fail("invalid", "the period ends before it begins");
  return ok(timeReport({ from: begin, to: end, profile, clock }, lines, { key, sealedTo, findings }));
}

const dayOf = (ms: number): string => new Date(Math.max(0, ms)).toISOString().slice(0, 10);

/** Without a zone UTC is meant. */
function momentOf(text: string): Result<number> {
  const [, date, time, zone] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? [];
  const ms = Date.parse(`${date}T${time ?? "00:00"}${zone ?? "Z"}`);
  if (Number.isFinite(ms)) return ok(ms);
  return fail("invalid", `${text} is no moment`, {
    mend: "write 2026-11-01 or 2026-11-01T09:30Z, which is UTC",
  });
}
