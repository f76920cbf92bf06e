import type { Unready } from "../lib/admin/needs.ts";
import type { AdminPanel } from "../lib/admin/panel.ts";
import type { SessionBook } from "../lib/admin/sessions-panel.ts";
import type { Store } from "../lib/store/open.ts";
import type { AuditTrail } from "../lib/watch/audit.ts";
import type { Boot } from "./boot.ts";
import type { Daemon } from "./daemons.ts";
import type { Addresses } from "./readiness.ts";

/** What a daemon's admin API is made of, beside what `boot` gave. */
export interface AdminParts {
  readonly daemon: Daemon;
  readonly store: Pick<Store, "identities" | "objects" | "feed" | "keyRing" | "storedUsage" | "timeTravel">;
  readonly audit: AuditTrail;
  /** The engine's own, asked for at the first request. */
  readonly panels?: (() => Promise<readonly AdminPanel[]>) | undefined;
  readonly sessions?: readonly SessionBook[];
  readonly listening: () => Addresses;
  readonly unready?: () => readonly Unready[];
}

export type AdminHouse = Pick<
  Boot<readonly []>,
  "config" | "log" | "metrics" | "clock" | "entropy" | "data" | "configuration"
>;
