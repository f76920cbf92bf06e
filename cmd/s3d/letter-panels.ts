import { deliveriesPanel } from "../../lib/admin/deliveries-panel.ts";
import type { AdminPanel } from "../../lib/admin/panel.ts";
import { rolesPanel } from "../../lib/admin/roles-panel.ts";
import { remotesPanel } from "../../lib/admin/remotes-panel.ts";
import { inventoryPanel } from "../../lib/admin/inventory-panel.ts";
import type { Store } from "../../lib/store/open.ts";
import { inventoryNow, type InventoryNeeds } from "./inventory.ts";
import { queueViews } from "./post-office.ts";
import { replicateExisting } from "./replicate/replicator.ts";
import type { EventTarget } from "./targets/target.ts";

/** What the admin API shows of what leaves the house. */
export const letterPanels = (
  store: Pick<Store, "objects" | "identities" | "outbox" | "remotes" | "roles">,
  targets: ReadonlyMap<string, EventTarget>,
  needs: Omit<InventoryNeeds, "objects" | "identities">,
): AdminPanel[] => [
  deliveriesPanel({ outbox: store.outbox, queues: () => queueViews(store.outbox, targets) }),
  remotesPanel({
    remotes: store.remotes,
    replicateExisting: (bucket, prefix) => replicateExisting(store, needs.clock, bucket, prefix),
  }),
  rolesPanel(store.roles),
  inventoryPanel({
    make: (bucket, id) => inventoryNow({ ...needs, ...store }, bucket, id),
  }),
];
