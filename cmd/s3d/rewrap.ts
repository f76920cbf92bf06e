import type { KeyRing } from "../../lib/store/keys.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { Metrics } from "../../lib/watch/metrics.ts";
import { keepDoing } from "../keep-doing.ts";

/** How soon a rotation is begun to be carried out. */
const everyMs = 5_000;

/** Seals data keys again after a key's rotation. Disposing ends it between two transactions. */
export function keepRewrapping(keyRing: KeyRing, log: Log, metrics: Metrics): AsyncDisposable {
  const count = metrics.counter(
    "holdfast_keys_rewrapped_total",
    "Data keys sealed again after rotations.",
    [],
  );
  const rewrap = async (signal: AbortSignal): Promise<void> => {
    const done = await keyRing.rewrap(signal);
    if (!done.ok) return log.error("data keys could not be sealed again", { ...done.fault });
    if (done.value === 0) return;
    count.add(done.value);
    log.info("data keys sealed again", { keys: done.value });
  };
  const failed = (error: unknown): void => log.error("data keys not sealed again", { error: String(error) });
  return keepDoing(rewrap, everyMs, failed);
}
