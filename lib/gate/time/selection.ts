/** What selection needs to know of one source. */
export interface Candidate {
  readonly name: string;
  /** Why it cannot be considered at all; undefined: it can. */
  readonly unusable: SourceState | undefined;
  /** Seconds that it is ahead of our oscillator. */
  readonly offset: number;
  /** Seconds: standard deviation of `offset`. */
  readonly error: number;
  /** Seconds a second, and its standard deviation. */
  readonly rate: number;
  readonly rateError: number;
  /** Seconds: its true offset lies within this of `offset`, if it does not lie. */
  readonly distance: number;
  readonly stratum: number;
  readonly prefer: boolean;
  /** It may be anybody's (PTP, or plain NTP where only what is secured is trusted): it has no vote, and
   *  counts where those that have one agree with it. */
  readonly needsWitness?: boolean;
}

/** What became of a source, in the order in which a source is sorted out. */
export type SourceState =
  | "waiting" // too few samples yet
  | "unreachable"
  | "unsynchronised"
  | "loop" // its time is our own
  | "distance" // it may be wrong by more than is allowed
  | "falseticker" // it disagrees with the majority
  | "outvoted" // there is no majority
  | "fenced" // it agrees with others, and all of them contradict what witnesses sign
  | "unwitnessed" // nobody who can be believed by himself agrees with it
  | "outlier" // true, but so much worse than the best that it would add noise
  | "combined"
  | "selected";

export interface SelectionRules {
  /** Seconds. */
  readonly maxDistance: number;
  /** Agreeing sources without which the clock is left alone. */
  readonly minSources: number;
}

export const defaultRules: SelectionRules = { maxDistance: 3, minSources: 1 };

export interface Selection {
  readonly states: ReadonlyMap<string, SourceState>;
  readonly best: Candidate | undefined;
  /** All combined sources together; undefined where there is no majority. */
  readonly combined: Combined | undefined;
}

export interface Combined {
  readonly offset: number;
  readonly error: number;
  readonly rate: number;
  readonly rateError: number;
  /** Seconds: of the best source. */
  readonly distance: number;
}

/** A combined source may be at most so many times as far as the best. */
const combineLimit = 3;
/** Seconds that a stratum counts for in choosing the best. */
const stratumWeight = 1e-3;

/** Which sources tell the truth (RFC 5905 §11.2.1, by the intersection of their intervals), which of those is
 *  best, and what they say together. */
export function select(candidates: readonly Candidate[], rules: SelectionRules): Selection {
  const states = new Map<string, SourceState>();
  const able: Candidate[] = [];
  for (const one of candidates) {
    const state = one.unusable ?? (one.distance > rules.maxDistance ? "distance" : undefined);
    if (state) states.set(one.name, state);
    else able.push(one);
  }
  const voters = able.filter((one) => !one.needsWitness);
  const truth = largestAgreement(voters);
  const agreeing = truth ? able.filter((one) => overlaps(one, truth)) : [];
  const votes = agreeing.filter((one) => !one.needsWitness).length;
  if (!truth || votes * 2 <= voters.length || agreeing.length < rules.minSources) {
    for (const one of able) states.set(one.name, one.needsWitness ? "unwitnessed" : "outvoted");
    return { states, best: undefined, combined: undefined };
  }
  const best = agreeing.toSorted(byWorth)[0]!;
  for (const one of able) states.set(one.name, agreeing.includes(one) ? "outlier" : "falseticker");
  const together = agreeing.filter((one) => one.distance <= combineLimit * best.distance);
  for (const one of together) states.set(one.name, "combined");
  states.set(best.name, "selected");
  return { states, best, combined: combine(together.includes(best) ? together : [best], best) };
}

const worth = (one: Candidate): number => one.distance + one.stratum * stratumWeight;
const byWorth = (a: Candidate, b: Candidate): number =>
  Number(b.prefer) - Number(a.prefer) || worth(a) - worth(b);

const overlaps = ({ offset, distance }: Candidate, [low, high]: readonly [number, number]): boolean =>
  offset - distance <= high && offset + distance >= low;

/** The interval that most sources' intervals have in common. */
function largestAgreement(able: readonly Candidate[]): readonly [number, number] | undefined {
  const edges = able
    .flatMap(({ offset, distance }) => [
      { at: offset - distance, step: 1 },
      { at: offset + distance, step: -1 },
    ])
    .sort((a, b) => a.at - b.at || b.step - a.step);
  let depth = 0;
  let deepest = 0;
  let found: readonly [number, number] | undefined;
  for (const [i, { at, step }] of edges.entries()) {
    depth += step;
    if (step < 0 || depth <= deepest) continue;
    deepest = depth;
    found = [at, edges[i + 1]!.at];
  }
  return found;
}

/** By inverse variance; the error of sources that share a network is not assumed to average out. */
function combine(sources: readonly Candidate[], best: Candidate): Combined {
  const weigh = (value: (one: Candidate) => number, error: (one: Candidate) => number): number => {
    const weights = sources.map((one) => 1 / Math.max(1e-24, error(one) ** 2));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return sources.reduce((sum, one, i) => sum + value(one) * weights[i]!, 0) / total;
  };
  const least = (error: (one: Candidate) => number): number => Math.min(...sources.map(error));
  return {
    offset: weigh(
      (one) => one.offset,
      (one) => one.error,
    ),
    rate: weigh(
      (one) => one.rate,
      (one) => one.rateError,
    ),
    error: least((one) => one.error),
    rateError: least((one) => one.rateError),
    distance: best.distance,
  };
}
