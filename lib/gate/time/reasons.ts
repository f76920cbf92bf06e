import type { Outcome } from "./source.ts";
import type { SourceState } from "./selection.ts";

/** One sentence for people: why a source is used, or is not. */
export function reasonOf(state: SourceState, last: Outcome | undefined): string {
  return state === "waiting" && last !== undefined ? lastReasons[last] : stateReasons[state];
}

const stateReasons: Record<SourceState, string> = {
  waiting: "it has not answered often enough yet",
  unreachable: "it has not answered the last eight questions",
  unsynchronised: "it says itself that it does not know the time",
  loop: "it has its time from us",
  distance: "it may be further off than clock.maxDistance allows",
  falseticker: "it disagrees with the majority",
  outvoted: "there is no majority that agrees",
  fenced: "it agrees with others, but Roughtime servers sign that they are all wrong",
  unwitnessed: "no source that may be believed by itself agrees with it (see ptp.alone, clock.trust)",
  outlier: "it agrees, but is so much further away than the best that it would add noise",
  combined: "it agrees with the best, and its time is part of ours",
  selected: "it is the best of those that agree",
};

const lastReasons: Record<Outcome, string> = {
  sample: "it answers, and three answers are wanted before it has a say",
  outlying: "its last answer contradicts those before",
  "not-ours": "what came was no answer to our question",
  malformed: "its answer could not be read",
  unauthenticated: "its answer was not authentic",
  "bogus-times": "the times in its answer cannot be",
  "negative-delay": "its answer says that it held our question longer than it was away",
  unsynchronised: "it says itself that it does not know the time",
  "bad-stratum": "it says that it is not a server of the time",
  distance: "it says itself that it is sixteen seconds off or more",
  "kiss-rate": "it asked us to ask less often",
  "kiss-deny": "it refuses to serve us",
  "kiss-nts": "it does not know our NTS cookies any more; new ones are being fetched",
  "kiss-other": "it refused with a code that says nothing to us",
  loop: "it has its time from us",
};
