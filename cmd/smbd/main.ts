/** holdfast-smbd: Windows shares. */
import { SmbSessionBook } from "../../lib/gate/smb/session-book.ts";
import { openAuditLog } from "../../lib/store/audit-log.ts";
import { openStore } from "../../lib/store/open.ts";
import { serveAdmin, tellLife } from "../admin.ts";
import { keyServiceOf } from "../key-service.ts";
import { boot } from "../boot.ts";
import { provision } from "../first-run.ts";
import { HouseUpkeep } from "../house-upkeep.ts";
import type { Addresses } from "../readiness.ts";
import { sections } from "./config.ts";
import { houseNeeds } from "./house-needs.ts";
import { serveSmb } from "./serve-smb.ts";

async function main(): Promise<number> {
  const house = await boot("smbd", sections, process.argv.slice(2));
  await using leave = house.leave;
  const { config, log, clock, entropy, data } = house;

  const keyService = await keyServiceOf(config.kms, clock);
  const store = leave.use(await openStore(data, { clock, entropy, log, keyService }));
  const provided = await provision(store, house);
  if (!provided.ok) return house.refuse(provided.fault);
  const trail = await openAuditLog(data, "smbd", { clock, entropy, log });
  if (!trail.ok) return house.refuse(trail.fault);
  const audit = leave.use(trail.value);
  const addresses: Record<string, Addresses[string]> = {};
  const sessions = new SmbSessionBook();
  const parts = { daemon: "smbd", store, audit, sessions: [sessions], listening: () => addresses } as const;
  const admin = await serveAdmin(house, parts);
  if (!admin.ok) return house.refuse(admin.fault);
  addresses["admin"] = leave.use(admin.value).endpoint;
  leave.use(tellLife(audit, clock, "smbd"));
  leave.use(new HouseUpkeep(house, store, config.upkeep));

  const needs = houseNeeds(house, store, audit, config.smb);
  const listener = await serveSmb({ needs, config: config.smb, sessions, data, feed: store.feed });
  if (!listener.ok) return house.refuse(listener.fault);
  addresses["smb"] = leave.use(listener.value).endpoint;

  house.ready(addresses);
  return await house.stopped;
}

process.exitCode = await main();
