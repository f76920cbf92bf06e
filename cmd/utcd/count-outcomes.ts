import { Tally, type Outcome } from "../../lib/gate/time/tally.ts";
import type { Metrics } from "../../lib/watch/metrics.ts";

const everyMs = 1000;

/** Carries the threads' counts of datagrams over to the metrics, once a second. */
export function countOutcomes(metrics: Metrics, memory: SharedArrayBuffer): Disposable {
  const tally = new Tally(memory, 0);
  const counter = metrics.counter("holdfast_ntp_requests_total", "NTP datagrams by what became of them.", [
    "outcome",
  ]);
  const told = new Map<Outcome, number>();
  const carry = (): void => {
    for (const [outcome, count] of tally.read()) {
      counter.add(count - (told.get(outcome) ?? 0), outcome);
      told.set(outcome, count);
    }
  };
  const timer = setInterval(carry, everyMs);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      carry();
    },
  };
}
