import type { Clock } from "../../lib/base/time.ts";
import { sweepBucket } from "../../lib/gate/s3/lifecycle-sweep.ts";
import type { Identities } from "../../lib/store/identities.ts";
import type { Objects } from "../../lib/store/objects.ts";
import type { Log } from "../../lib/watch/log.ts";
import { keepDoing } from "../keep-doing.ts";
import { everyBucket } from "./every-bucket.ts";

export interface LifecycleNeeds {
  readonly objects: Objects;
  readonly identities: Pick<Identities, "tenants">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Does what the buckets' lifecycles say is due, at once and then every `everyMs`. Disposing ends it between
 *  two pages of a listing. */
export function keepLifecycles(needs: LifecycleNeeds, everyMs: number): AsyncDisposable {
  const failed = (error: unknown): void =>
    needs.log.error("lifecycle sweep failed", { error: String(error) });
  return keepDoing((signal) => sweepAll(needs, signal), everyMs, failed);
}

async function sweepAll(
  { objects, identities, clock, log }: LifecycleNeeds,
  signal: AbortSignal,
): Promise<void> {
  for await (const bucket of everyBucket(objects, identities)) {
    if (signal.aborted) return;
    if (bucket.documents["lifecycle"] === undefined) continue;
    const swept = await sweepBucket(objects, bucket, clock.wall(), signal);
    log.info("lifecycle swept", { bucket: bucket.name, ...swept });
  }
}
