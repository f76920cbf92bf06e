import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { adminApp } from "../../lib/admin/app.ts";
import { systemClock } from "../../lib/host/clock.ts";
import { systemEntropy } from "../../lib/host/entropy.ts";
import { openAuditLog } from "../../lib/store/audit-log.ts";
import { openStore } from "../../lib/store/open.ts";
import { silentLog } from "../../lib/watch/log.ts";
import { housePanels } from "../admin-app.ts";
import { mainTenant } from "../first-run.ts";
import { build } from "../version.ts";
import { clientOver, type HouseClient } from "../house-client.ts";

/** Opens the data directory in this process, and asks it through the same API as a daemon's: for the time
 *  when none runs. The catalog serves several processes, so one that starts meanwhile does no harm.
 *  Faults: unavailable (there is no house), denied, busy, damaged. */
export async function openDirectly(data: string): Promise<Result<HouseClient>> {
  const catalog = join(data, "catalog.db");
  if (!existsSync(catalog))
    return fail("unavailable", "there is no house here yet", { where: data, mend: "make it: holdfast up" });
  const { uid } = statSync(catalog);
  if (uid !== (process.geteuid?.() ?? uid))
    return fail("denied", "the house belongs to another user, and no daemon of it runs", {
      where: data,
      mend: `ask as its owner (sudo -u '#${uid}' holdfast …), or start a daemon`,
    });
  const needs = { clock: systemClock(), entropy: systemEntropy(), log: silentLog };
  await using opened = new AsyncDisposableStack();
  const store = await openStore(data, needs).catch((error: unknown) => String(error));
  if (typeof store === "string")
    return fail("unavailable", `the catalog cannot be opened: ${store}`, { where: data });
  opened.use(store);
  const audit = await openAuditLog(data, "holdfast", needs);
  if (!audit.ok) return audit;
  opened.use(audit.value);
  const { version } = build();
  const core = {
    ...needs,
    service: "holdfast",
    version,
    audit: audit.value,
    identities: store.identities,
    objects: store.objects,
    tenant: mainTenant,
    unready: () => [],
    metrics: () => "",
  };
  const app = adminApp(core, housePanels(store, { clock: needs.clock, data, service: "holdfast" }));
  const peer = { address: "", local: true };
  const held = opened.move();
  return ok(
    clientOver(
      "holdfast",
      async (path, init) => await app.request(path, init, { peer }),
      () => held.disposeAsync(),
    ),
  );
}
