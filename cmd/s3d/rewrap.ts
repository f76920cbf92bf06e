import type { KeyRing } from "../../lib/store/keys.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { Metrics } from "../../lib/watch/metrics.ts";

/** How soon a rotation is begun to be carried out. */
const everyMs = 5_000;

/** Seals data keys again after a key's rotation. Disposing ends it between two transactions. */
export function keepRewrapping(keyRing: KeyRing, log: Log, metrics: Metrics): AsyncDisposable {
  const stop = new AbortController();
  const count = metrics.counter(
    "holdfast_keys_rewrapped_total",
    "Data keys sealed again after rotations.",
    [],
  );
  const running = run(keyRing, log, (keys) => count.add(keys), stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

async function run(
  keyRing: KeyRing,
  log: Log,
  count: (keys: number) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const done = await keyRing.rewrap(signal);
    if (!done.ok) log.error("data keys could not be sealed again", { ...done.fault });
    else if (done.value > 0) {
      count(done.value);
      log.info("data keys sealed again", { keys: done.value });
    }
    await pause(signal);
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, everyMs);
    timer.unref();
    signal.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}
