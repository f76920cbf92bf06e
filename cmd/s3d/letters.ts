import { notificationDocument, notificationWriter } from "../../lib/gate/s3/event-collector.ts";
import type { Boot } from "../boot.ts";
import type { sections } from "./config.ts";
import { PostOffice, type PostOfficeNeeds } from "./post-office.ts";
import type { EventTarget } from "./targets/target.ts";

/** Everything that leaves the house because a bucket changed. */
export function openPostOffice(
  house: Pick<Boot<typeof sections>, "config" | "clock" | "log" | "metrics">,
  store: PostOfficeNeeds["store"],
  targets: ReadonlyMap<string, EventTarget>,
): Promise<PostOffice> {
  const { config, clock, log, metrics } = house;
  const writers = [notificationWriter(config.s3.region, (name) => targets.has(name))];
  const documents = [notificationDocument];
  const giveUpMs = config.notify.giveUpAfter;
  return PostOffice.open({ store, targets, writers, documents, clock, log, metrics, giveUpMs }, []);
}
