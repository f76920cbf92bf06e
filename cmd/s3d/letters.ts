import { notificationDocument, notificationWriter } from "../../lib/gate/s3/event-collector.ts";
import { replicationDocument, replicationWriter } from "../../lib/gate/s3/replication-rules.ts";
import type { Store } from "../../lib/store/open.ts";
import type { Boot } from "../boot.ts";
import type { sections } from "./config.ts";
import { PostOffice } from "./post-office.ts";
import { refusesDestination, replicaCarrier } from "./replicate/replicator.ts";
import type { EventTarget } from "./targets/target.ts";

/** Everything that leaves the house, or goes from bucket to bucket, because a bucket changed. */
export function openPostOffice(
  house: Pick<Boot<typeof sections>, "config" | "clock" | "log" | "metrics">,
  store: Pick<Store, "objects" | "identities" | "feed" | "outbox" | "remotes">,
  targets: ReadonlyMap<string, EventTarget>,
): Promise<PostOffice> {
  const { config, clock, log, metrics } = house;
  return PostOffice.open({
    store,
    targets,
    writers: [notificationWriter(config.s3.region, (name) => targets.has(name)), replicationWriter()],
    documents: [notificationDocument, replicationDocument],
    clock,
    log,
    metrics,
    giveUpMs: config.notify.giveUpAfter,
    carrierFor: (queue) => (queue.startsWith("replicate:") ? replicaCarrier(queue, store, clock) : undefined),
    refusesDestination: (to) => refusesDestination(store, clock, to),
  });
}
