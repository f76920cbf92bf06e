import { deliveriesPanel } from "../../lib/admin/deliveries-panel.ts";
import type { AdminPanel } from "../../lib/admin/panel.ts";
import { remotesPanel } from "../../lib/admin/remotes-panel.ts";
import type { Clock } from "../../lib/base/time.ts";
import type { Store } from "../../lib/store/open.ts";
import { queueViews } from "./post-office.ts";
import { replicateExisting } from "./replicate/replicator.ts";
import type { EventTarget } from "./targets/target.ts";

/** What the admin API shows of what leaves the house. */
export const letterPanels = (
  store: Pick<Store, "objects" | "outbox" | "remotes">,
  targets: ReadonlyMap<string, EventTarget>,
  clock: Clock,
): AdminPanel[] => [
  deliveriesPanel({ outbox: store.outbox, queues: () => queueViews(store.outbox, targets) }),
  remotesPanel({
    remotes: store.remotes,
    replicateExisting: (bucket, prefix) => replicateExisting(store, clock, bucket, prefix),
  }),
];
