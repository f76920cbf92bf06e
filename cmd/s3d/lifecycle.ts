import type { Clock } from "../../lib/base/time.ts";
import { sweepBucket } from "../../lib/gate/s3/lifecycle-sweep.ts";
import type { Identities } from "../../lib/store/identities.ts";
import type { Objects } from "../../lib/store/objects.ts";
import type { Log } from "../../lib/watch/log.ts";
import { pause } from "../pause.ts";

export interface LifecycleNeeds {
  readonly objects: Objects;
  readonly identities: Pick<Identities, "tenants">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Does what the buckets' lifecycles say is due, at once and then every `everyMs`. Disposing ends it between
 *  two pages of a listing. */
export function keepLifecycles(needs: LifecycleNeeds, everyMs: number): AsyncDisposable {
  const stop = new AbortController();
  const running = run(needs, everyMs, stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

async function run(needs: LifecycleNeeds, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await sweepAll(needs, signal);
    } catch (error) {
      needs.log.error("lifecycle sweep failed", { error: String(error) });
    }
    await pause(everyMs, signal);
  }
}

async function sweepAll(
  { objects, identities, clock, log }: LifecycleNeeds,
  signal: AbortSignal,
): Promise<void> {
  for (const { id } of await identities.tenants()) {
    let after: string | undefined = "";
    while (after !== undefined && !signal.aborted) {
      const page: Awaited<ReturnType<Objects["buckets"]>> = await objects.buckets(id, after, 100);
      for (const bucket of page.rows) {
        if (signal.aborted || bucket.documents["lifecycle"] === undefined) continue;
        const swept = await sweepBucket(objects, bucket, clock.wall(), signal);
        log.info("lifecycle swept", { bucket: bucket.name, ...swept });
      }
      after = page.next;
    }
  }
}
