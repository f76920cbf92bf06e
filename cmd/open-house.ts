import { ok, type Result } from "../lib/base/result.ts";
import { openAuditLog, type AuditLog } from "../lib/store/audit-log.ts";
import { openStore, type Store } from "../lib/store/open.ts";
import { serveAdmin, tellLife, type AdminServer } from "./admin.ts";
import type { AdminParts } from "./admin-parts.ts";
import { keyServiceOf } from "./key-service.ts";
import type { Boot } from "./boot.ts";
import type { Daemon } from "./daemons.ts";
import { provision } from "./first-run.ts";
import type { Addresses } from "./readiness.ts";

/** What the daemons of a house share, opened for one of them. */
export interface OpenHouse extends AsyncDisposable {
  readonly store: Store;
  readonly audit: AuditLog;
}

/** Opens the daemon's audit trail and the store, and makes sure of the first administrator. Closed in the
 *  reverse order, with the trail sealed. Faults: busy (another of this name runs here), damaged, io. */
export async function openHouse(
  house: Pick<Boot<readonly []>, "data" | "clock" | "entropy" | "log" | "config">,
  daemon: Daemon,
): Promise<Result<OpenHouse>> {
  const { data, clock } = house;
  await using begun = new AsyncDisposableStack();
  const audit = await openAuditLog(data, daemon, house);
  if (!audit.ok) return audit;
  begun.use(audit.value);
  const keyService = await keyServiceOf(house.config.kms, clock);
  const store = begun.use(await openStore(data, { ...house, keyService }));
  const first = await provision(store, house);
  if (!first.ok) return first;
  begun.use(tellLife(audit.value, clock, daemon));
  const open = begun.move();
  return ok({ store, audit: audit.value, [Symbol.asyncDispose]: () => open.disposeAsync() });
}

/** The admin API of a daemon whose service does not need the house: where the house cannot be opened the
 *  log says so, and the service goes on without. */
export async function tryAdmin(
  house: Parameters<typeof serveAdmin>[0],
  daemon: Daemon,
  listening: () => Addresses,
  panels?: AdminParts["panels"],
): Promise<AdminServer | undefined> {
  await using begun = new AsyncDisposableStack();
  try {
    const opened = await openHouse(house, daemon);
    const served = opened.ok
      ? await serveAdmin(house, { daemon, ...begun.use(opened.value), listening, panels })
      : opened;
    if (served.ok) {
      begun.use(served.value);
      const open = begun.move();
      return { endpoint: served.value.endpoint, [Symbol.asyncDispose]: () => open.disposeAsync() };
    }
    const { code, what, where } = served.fault;
    house.log.warn("no admin API: the house cannot be opened", { code, what, where });
  } catch (error) {
    house.log.warn("no admin API: the house cannot be opened", { error: String(error) });
  }
  return undefined;
}
