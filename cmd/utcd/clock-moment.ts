import { ipText } from "../../lib/base/ip.ts";
import { asUnixMs } from "../../lib/base/time.ts";
import type { ClockMoment } from "../../lib/gate/time/evidence.ts";
import type { TimeSource } from "../../lib/gate/time/keeper.ts";
import { NtpSource } from "../../lib/gate/time/source.ts";
import { referenceLetters } from "../../lib/proto/ntp/header.ts";
import type { TimeKeeping } from "./keep-time.ts";

/** What the clock is worth now, for the record. */
export function momentOf(keeping: TimeKeeping): ClockMoment {
  const { keeper, port } = keeping;
  const now = keeping.now();
  const best = keeper.selection.best;
  const followed = keeper.sources.find(({ how }) => how.name === best?.name);
  const states = [...keeper.selection.states].map(([name, state]) => `${name} ${state}`);
  return {
    at: asUnixMs(keeping.servedNow() * 1000),
    mode: port.mode,
    offset: keeper.error(),
    budget: keeper.status(now) && keeper.budget(now),
    source: best?.name ?? "",
    stratum: followed?.header?.stratum ?? 16,
    reference: followed ? referenceText(followed) : "",
    authentication: followed ? securedBy(followed, keeping) : "",
    sources: states.join(", "),
    rate: keeper.rate * 1e6,
  };
}

/** How a source's answers are secured. */
export function securedBy(source: TimeSource, keeping: TimeKeeping): string {
  if (source instanceof NtpSource) return keeping.remoteOf(source).authentication;
  return source.how.needsWitness === undefined ? "on this host" : "none (PTP)";
}

/** What a source says it has its time from. */
function referenceText(source: TimeSource): string {
  if (!(source instanceof NtpSource)) return source.how.letters;
  const { referenceId = 0, stratum = 16 } = source.header ?? {};
  const letters = stratum <= 1 ? referenceLetters(referenceId) : undefined;
  const bytes = [
    referenceId >>> 24,
    (referenceId >>> 16) & 255,
    (referenceId >>> 8) & 255,
    referenceId & 255,
  ];
  return letters ?? ipText(Uint8Array.from(bytes));
}
