import { ipText } from "../../lib/base/ip.ts";
import type { TimeSource } from "../../lib/gate/time/keeper.ts";
import type { SourceState } from "../../lib/gate/time/selection.ts";
import type { SharedStatus } from "../../lib/gate/time/shared-status.ts";
import { SharedText } from "../../lib/gate/time/shared-text.ts";
import { NtpSource } from "../../lib/gate/time/source.ts";
import { peerStatus, selections, systemStatus, type ControlBook } from "../../lib/proto/ntp/control.ts";
import { securedBy } from "./clock-moment.ts";
import type { TimeKeeping } from "./keep-time.ts";
import type { Kept } from "./kept.ts";
import { build } from "../version.ts";

const everyMs = 1000;

/** Keeps what mode 6 tells up to date, once a second, in memory that the answering threads read. */
export function tellControl(memory: SharedArrayBuffer, status: SharedStatus, kept: Kept): Disposable {
  const text = new SharedText(memory);
  const timer = setInterval(() => text.publish(JSON.stringify(bookOf(status, kept.keeping))), everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

const selectionOf: Record<SourceState, number> = {
  waiting: selections.reject,
  unreachable: selections.reject,
  unsynchronised: selections.reject,
  loop: selections.reject,
  distance: selections.reject,
  fenced: selections.falsetick,
  falseticker: selections.falsetick,
  unwitnessed: selections.reject,
  outvoted: selections.reject,
  outlier: selections.outlier,
  combined: selections.candidate,
  selected: selections.system,
};

/** Milliseconds, as ntpq wants them. */
const ms = (seconds: number): string => (seconds * 1000).toFixed(6);
const stamp = (seconds: number, fraction: number): string =>
  `0x${seconds.toString(16).padStart(8, "0")}.${fraction.toString(16).padStart(8, "0")}`;
const dotted = (id: number): string => [id >>> 24, (id >>> 16) & 255, (id >>> 8) & 255, id & 255].join(".");

function bookOf(status: SharedStatus, keeping: TimeKeeping | undefined): ControlBook {
  const { leap, stratum, precision, rootDelay, rootDispersion, referenceId, reference } = status.read();
  const variables = {
    version: `"holdfast-utcd ${build().version}"`,
    system: '"Holdfast"',
    leap,
    stratum,
    precision,
    rootdelay: ms(rootDelay),
    rootdisp: ms(rootDispersion),
    refid: dotted(referenceId),
    reftime: stamp(reference.seconds, reference.fraction),
    peer: keeping ? keeping.keeper.sources.findIndex((one) => isBest(one, keeping)) + 1 : 0,
    offset: ms(keeping?.keeper.error() ?? 0),
    frequency: ((keeping?.keeper.rate ?? 0) * 1e6).toFixed(6),
  };
  const peers = keeping ? keeping.keeper.sources.map((source) => peerOf(source, keeping)) : [];
  return { system: { status: systemStatus(leap), variables }, peers };
}

const isBest = (source: TimeSource, keeping: TimeKeeping): boolean =>
  source.how.name === keeping.keeper.selection.best?.name;

function peerOf(source: TimeSource, keeping: TimeKeeping): ControlBook["peers"][number] {
  const now = keeping.now();
  const { unusable, offset, stratum } = source.candidate(now);
  const state = unusable ?? keeping.keeper.selection.states.get(source.how.name) ?? "waiting";
  const { oscillator, system } = keeping.port.clock.read();
  const asked = source instanceof NtpSource ? source : undefined;
  const remote = asked && keeping.remoteOf(asked);
  const knows = source.filter.samples > 0;
  const reach = asked ? asked.reach : state === "unreachable" || state === "waiting" ? 0 : 255;
  return {
    status: peerStatus(selectionOf[state], reach > 0, /NTS|key/.test(securedBy(source, keeping))),
    variables: {
      srcadr: remote?.ip ? ipText(remote.ip) : "127.127.28.0",
      srcport: remote?.port ?? 0,
      dstadr: "0.0.0.0",
      srchost: `"${source.how.name.replaceAll('"', "")}"`,
      leap: source.header?.leap ?? 3,
      stratum,
      refid: dotted(asked?.header?.referenceId ?? 0),
      hmode: 3,
      pmode: 4,
      hpoll: asked?.poll ?? 4,
      ppoll: asked?.poll ?? 4,
      reach: `0x${reach.toString(16)}`,
      delay: ms(knows ? source.filter.recentDelay : 0),
      offset: ms(knows ? oscillator + offset - system : 0),
      jitter: ms(knows ? source.filter.jitter : 0),
      rootdelay: ms(source.header?.rootDelay ?? 0),
      rootdisp: ms(source.header?.rootDispersion ?? 0),
    },
  };
}
