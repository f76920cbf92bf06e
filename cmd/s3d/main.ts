/** holdfast-s3d: the object store. */
import { randomText, serialMaker } from "../../lib/base/ids.ts";
import { auditedObjects } from "../../lib/gate/s3/audited-objects.ts";
import { houseCertificate } from "../../lib/host/house-ca.ts";
import { listenHttp } from "../../lib/host/http-listener.ts";
import { serveAdmin } from "../admin.ts";
import { boot } from "../boot.ts";
import { HouseUpkeep } from "../house-upkeep.ts";
import { openHouse } from "../open-house.ts";
import type { Addresses } from "../readiness.ts";
import { openAccessLog } from "./access-log.ts";
import { sections } from "./config.ts";
import { exchangeOf } from "./exchange-of.ts";
import { ImportBook } from "./import/import-book.ts";
import { keepInventories } from "./inventory.ts";
import { openPostOffice } from "./letters.ts";
import { keepLifecycles } from "./lifecycle.ts";
import { keepRewrapping } from "./rewrap.ts";
import { readTargets } from "./targets/read-targets.ts";

async function main(): Promise<number> {
  const house = await boot("s3d", sections, process.argv.slice(2));
  await using leave = house.leave;
  const { config, log, clock, entropy, data } = house;
  const { s3, notify } = config;
  const newId = serialMaker(entropy);

  const targets = readTargets(
    notify.targets.map((one) => one.reveal()),
    () => randomText(entropy, 22),
  );
  if (!targets.ok) return house.refuse(targets.fault);
  const opened = await openHouse(house, "s3d");
  if (!opened.ok) return house.refuse(opened.fault);
  const { store, audit } = leave.use(opened.value);
  const addresses: Record<string, Addresses[string]> = {};
  const upkeep = leave.use(new HouseUpkeep(house, store, config.upkeep));
  const objects = auditedObjects(store.objects, audit, clock);
  const imports = leave.use(new ImportBook({ ...store, objects, clock, log, newId }));
  const panels = async () => [
    ...(await import("./letter-panels.ts")).letterPanels(store, targets.value, { clock, log, newId }),
    (await import("../../lib/admin/upkeep-panel.ts")).upkeepPanel(upkeep),
    (await import("../../lib/admin/imports-panel.ts")).importsPanel({ ...store, imports }),
  ];
  const admin = await serveAdmin(house, { daemon: "s3d", store, audit, listening: () => addresses, panels });
  if (!admin.ok) return house.refuse(admin.fault);
  addresses["admin"] = leave.use(admin.value).endpoint;

  const office = leave.use(await openPostOffice(house, { ...store, objects }, targets.value));
  const accessLog = leave.use(await openAccessLog(house, store));
  const exchange = exchangeOf(house, { ...store, objects }, audit, office, accessLog);
  const tls = s3.tls === "house" ? await houseCertificate(data, s3.names) : undefined;
  const perAddress = s3.connectionsPerAddress;
  const limits = { connections: s3.connections, perAddress, stallMs: s3.stall };
  const listener = leave.use(await listenHttp(s3.listen, exchange, { log, limits, tls }));

  addresses["s3"] = listener.endpoint;
  const sweeping = { ...store, objects, clock, log, newId };
  leave.use(keepRewrapping(store.keyRing, log, house.metrics));
  leave.use(keepLifecycles(sweeping, s3.lifecycleEvery));
  leave.use(keepInventories(sweeping, s3.inventoryEvery));

  house.ready(addresses);
  return await house.stopped;
}

process.exit(await main()); // not exitCode: a client may hold the loop open
