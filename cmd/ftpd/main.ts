/** holdfast-ftpd: file transfer. */
import { FileTally } from "../../lib/gate/file-tally.ts";
import { FtpSessionBook } from "../../lib/gate/ftp/session-book.ts";
import { openAuditLog } from "../../lib/store/audit-log.ts";
import { openStore } from "../../lib/store/open.ts";
import { keptBook } from "../../lib/store/kept-book.ts";
import type { Terms } from "../../lib/rules/terms.ts";
import type { Site } from "../../lib/rules/sites.ts";
import { sitesPath, termsPath } from "../places.ts";
import { SiteBook } from "./site-book.ts";
import { openTransferBook, transferBookPath } from "../../lib/store/transfer-book.ts";
import { serveAdmin, tellLife } from "../admin.ts";
import { keyServiceOf } from "../key-service.ts";
import { boot } from "../boot.ts";
import { provision } from "../first-run.ts";
import { HouseUpkeep } from "../house-upkeep.ts";
import type { Addresses } from "../readiness.ts";
import { sections } from "./config.ts";
import { doorsOf } from "./doors.ts";
import { Doorkeeper } from "./doorkeeper.ts";
import { houseNeeds } from "./house-needs.ts";
import { keepIdentity } from "./identity.ts";
import { TransferLog } from "./transfer-log.ts";
import { scanFtpd } from "./scan.ts";
import { tellScan } from "./tell-scan.ts";
import { SftpSessionBook } from "./sftp-guest.ts";

async function main(): Promise<number> {
  const house = await boot("ftpd", sections, process.argv.slice(2), { scan: tellScan });
  await using leave = house.leave;
  const { config, log, clock, entropy, data } = house;

  const keyService = await keyServiceOf(config.kms, clock);
  const store = leave.use(await openStore(data, { clock, entropy, log, keyService }));
  const provided = await provision(store, house);
  if (!provided.ok) return house.refuse(provided.fault);
  const trail = await openAuditLog(data, "ftpd", { clock, entropy, log });
  if (!trail.ok) return house.refuse(trail.fault);
  const audit = leave.use(trail.value);
  const addresses: Record<string, Addresses[string]> = {};
  const ftpSessions = new FtpSessionBook();
  const sftpSessions = new SftpSessionBook();
  const transfers = leave.use(openTransferBook(transferBookPath(data)));
  const terms = keptBook<Terms>(termsPath(data), clock);
  const transferLog = leave.use(new TransferLog(config.transfers, log));
  const doorkeeper = new Doorkeeper(config.guard, clock, log, { terms, transfers });
  const panels = async () => [
    (await import("../../lib/admin/bans-panel.ts")).bansPanel(doorkeeper),
    (await import("../../lib/admin/scan-panel.ts")).scanPanel(() => scanFtpd(config, data, clock.wall())),
  ];
  const parts = {
    daemon: "ftpd",
    store,
    audit,
    sessions: [ftpSessions, sftpSessions],
    panels,
    listening: () => addresses,
  } as const;
  const admin = await serveAdmin(house, parts);
  if (!admin.ok) return house.refuse(admin.fault);
  addresses["admin"] = leave.use(admin.value).endpoint;
  leave.use(tellLife(audit, clock, "ftpd"));
  leave.use(new HouseUpkeep(house, store, config.upkeep));

  const identity = await keepIdentity(data, config.ftp, log);
  if (!identity.ok) return house.refuse(identity.fault);
  const { keeper, renew } = leave.use(identity.value);
  house.onReload(async () => void (await renew()));
  const sites = new SiteBook(keptBook<Omit<Site, "name">>(sitesPath(data), clock), keeper, log);
  const needs = houseNeeds(house, store, audit, {
    doorkeeper,
    terms,
    sites,
    everybody: () => [...ftpSessions.list(), ...sftpSessions.list()],
    record: (row) => (transfers.add(row), transferLog.add(row)),
  });
  const sftpTally = new FileTally(house.metrics, "sftp");
  const doors = doorsOf(house, { needs, sftpTally, doorkeeper, keeper, sites, ftpSessions, sftpSessions });
  for (const door of doors) {
    const listener = await door.open();
    if (!listener.ok) return house.refuse(listener.fault);
    addresses[door.name] = leave.use(listener.value).endpoint;
  }

  house.ready(addresses);
  return await house.stopped;
}

process.exit(await main()); // not exitCode: a client may hold the loop open
