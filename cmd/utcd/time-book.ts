import type { HistoryStep, TimeBook, TimeSource, Tracking } from "../../lib/admin/time-panel.ts";
import { ipText } from "../../lib/base/ip.ts";
import type { Clock } from "../../lib/base/time.ts";
import { ageingOf } from "../../lib/gate/time/ageing.ts";
import type { HistoryRow } from "../../lib/gate/time/history.ts";
import { reasonOf } from "../../lib/gate/time/reasons.ts";
import type { SharedStatus } from "../../lib/gate/time/shared-status.ts";
import { NtpSource } from "../../lib/gate/time/source.ts";
import type { TimeSource as TrackedSource } from "../../lib/gate/time/keeper.ts";
import type { RefSource } from "../../lib/gate/time/ref-source.ts";
import type { SourceState } from "../../lib/gate/time/selection.ts";
import type { TimeAnswer } from "../../lib/gate/time/time-answer.ts";
import { RateLimiter, rowIp } from "../../lib/proto/ntp/limiter.ts";
import { auditFolder } from "../../lib/store/audit-files.ts";
import { makeTimeReport } from "../make-time-report.ts";
import type { TimeKeeping } from "./keep-time.ts";
import { securedBy } from "./clock-moment.ts";
import type { ClockRecord } from "./keep-record.ts";
import type { Kept } from "./kept.ts";

const leapTexts = ["none", "last minute has 61 s", "last minute has 59 s", "unsynchronised"] as const;

export interface BookHow {
  readonly kept: Kept;
  readonly status: SharedStatus;
  readonly clients: SharedArrayBuffer;
  readonly clock: Clock;
  readonly record: ClockRecord;
  readonly answer: () => TimeAnswer | undefined;
  readonly data: string;
}

/** What the admin API tells of the time. */
export function timeBook({ kept, status, clients, clock, record, answer, data }: BookHow): TimeBook {
  const { history } = record;
  const limiter = new RateLimiter({ interval: 0, burst: 1, leak: 0 }, clients, 0);
  return {
    tracking: () => ({ ...trackingOf(kept.keeping, status), ...outlook(kept.keeping, record, clock) }),
    sources() {
      const { keeping } = kept;
      return keeping ? keeping.keeper.sources.map((source) => sourceView(keeping, source)) : [];
    },
    clients: (limit) =>
      limiter.busiest(clock.now() / 1000, limit).map((row) => ({
        address: ipText(rowIp(row)) + (row.key[0] === 0xffffffff ? "" : "/64"),
        requests: row.hits,
        refused: row.drops,
        idle: Math.max(0, row.idle),
      })),
    history: (series, span) => history.read(series, span, clock.wall() / 1000).map(stepView),
    now: answer,
    report: (wish) => makeTimeReport(auditFolder(data), wish),
  };
}

const three = ([a = 0, b = 0, c = 0]: readonly number[]): [number, number, number] => [a, b, c];
const stepView = ({ at, seconds, count, mean, least, most }: HistoryRow): HistoryStep => ({
  at,
  seconds,
  count,
  mean: three(mean),
  least: three(least),
  most: three(most),
});

type Outlook = Pick<Tracking, "forecast" | "ageing" | "anomalies">;

/** What is foretold, and what is not as it used to be. */
function outlook(keeping: TimeKeeping | undefined, record: ClockRecord, clock: Clock): Outlook {
  const hours = [1, 8, 24];
  const forecast = hours.flatMap((hour) => {
    const bound = keeping?.keeper.forecast(keeping.now(), hour * 3600);
    return bound === undefined ? [] : [{ hours: hour, bound }];
  });
  const month = record.history.read("clock", 30 * 86_400, clock.wall() / 1000);
  return { forecast, ageing: ageingOf(month) ?? null, anomalies: [...record.anomalies.present] };
}

function trackingOf(keeping: TimeKeeping | undefined, status: SharedStatus): Omit<Tracking, keyof Outlook> {
  const { leap, stratum, rootDelay, rootDispersion } = status.read();
  const served = { stratum, leap: leapTexts[leap], rootDelay, rootDispersion };
  if (!keeping || keeping.keeper.sources.length === 0) {
    const why = "no server is configured: the system's clock is served as it is (clock.servers)";
    const nothing = { source: null, offset: null, bound: null, rate: 0, wander: null };
    return { mode: "local", synchronised: false, why, ...nothing, ...served };
  }
  const { keeper, port } = keeping;
  const now = keeping.now();
  const vouched = keeper.status(now) !== undefined;
  const best = keeper.selection.best;
  const source = keeper.sources.find(({ how }) => how.name === best?.name);
  return {
    mode: port.mode,
    synchronised: vouched,
    why: vouched ? `${best?.name} is the best of those that agree` : whyNot(keeper.selection.states.size),
    source: best?.name ?? null,
    offset: best ? keeper.error() : null,
    bound: keeper.bound(now) ?? null,
    rate: keeper.rate * 1e6,
    wander: source?.estimate(now) ? source.estimate(now)!.wander * 1e6 : null,
    ...served,
  };
}

const whyNot = (states: number): string =>
  states === 0 ? "no source has answered yet" : "no majority of sources agrees, or their time is too old";

function sourceView(keeping: TimeKeeping, source: TrackedSource): TimeSource {
  const now = keeping.now();
  const estimate = source.estimate(now);
  const candidate = source.candidate(now);
  const { name } = source.how;
  const state = candidate.unusable ?? keeping.keeper.selection.states.get(name) ?? "waiting";
  const { oscillator, system } = keeping.port.clock.read();
  return {
    name,
    state,
    ...(source instanceof NtpSource ? askedView(keeping, source, state) : heardView(keeping, source, state)),
    stratum: source.header?.stratum ?? null,
    offset: estimate ? oscillator + estimate.offset - system : null,
    error: estimate?.offsetError ?? null,
    delay: estimate ? source.filter.leastDelay : null,
    jitter: estimate ? source.filter.jitter : null,
    distance: Number.isFinite(candidate.distance) ? candidate.distance : null,
  };
}

type Contact = Pick<
  TimeSource,
  "address" | "why" | "authentication" | "interleaved" | "interval" | "reach" | "asked" | "answered"
>;

function askedView(keeping: TimeKeeping, source: NtpSource, state: SourceState): Contact {
  const remote = keeping.remoteOf(source);
  return {
    address: remote.ip ? ipText(remote.ip) : null,
    why: remote.ip ? reasonOf(state, source.last) : "its name has no address",
    authentication: securedBy(source, keeping),
    interleaved: source.interleaved > 0,
    interval: 2 ** source.poll,
    reach: source.reach,
    ...source.counts,
  };
}

const heardView = (keeping: TimeKeeping, source: RefSource, state: SourceState): Contact => ({
  address: null,
  why: state === "waiting" ? "four readings are wanted before it has a say" : reasonOf(state, undefined),
  authentication: securedBy(source, keeping),
  interleaved: false,
  interval: 1,
  reach: state === "unreachable" || source.readings === 0 ? 0 : 255,
  asked: 0,
  answered: source.readings,
});
