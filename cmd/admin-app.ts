import { guardObjects } from "../lib/store/guard.ts";
import { adminApp } from "../lib/admin/app.ts";
import { auditPanel, type AuditBook } from "../lib/admin/audit-panel.ts";
import { bucketsPanel } from "../lib/admin/buckets-panel.ts";
import { configurationPanel } from "../lib/admin/configuration-panel.ts";
import { daemonsPanel, type AskDaemons } from "../lib/admin/daemons-panel.ts";
import { eventsPanel } from "../lib/admin/events-panel.ts";
import { grantsPanel } from "../lib/admin/grants-panel.ts";
import { keysPanel } from "../lib/admin/keys-panel.ts";
import { objectsPanel } from "../lib/admin/objects-panel.ts";
import { mePanel } from "../lib/admin/me-panel.ts";
import type { AdminApp } from "../lib/admin/needs.ts";
import type { AdminPanel } from "../lib/admin/panel.ts";
import { ringKeysPanel } from "../lib/admin/ring-keys-panel.ts";
import { secondFactorPanel } from "../lib/admin/second-factor-panel.ts";
import { pastPanel } from "../lib/admin/past-panel.ts";
import { sessionsPanel } from "../lib/admin/sessions-panel.ts";
import { signInPanel } from "../lib/admin/sign-in.ts";
import { sitesPanel } from "../lib/admin/sites-panel.ts";
import { statusPanel } from "../lib/admin/status-panel.ts";
import { termsPanel } from "../lib/admin/terms-panel.ts";
import { transfersPanel } from "../lib/admin/transfers-panel.ts";
import { usersPanel } from "../lib/admin/users-panel.ts";
import { endpointText } from "../lib/base/endpoint.ts";
import { auditFolder } from "../lib/store/audit-files.ts";
import { auditChains, auditPage } from "../lib/store/audit-pages.ts";
import { proveAudit } from "../lib/store/audit-verify.ts";
import { lazyBook } from "../lib/store/kept-book.ts";
import { openTransferBook, transferBookPath, type TransferBook } from "../lib/store/transfer-book.ts";
import type { Clock } from "../lib/base/time.ts";
import { ok, type Result } from "../lib/base/result.ts";
import type { Actor } from "../lib/rules/identity.ts";
import type { Objects } from "../lib/store/objects.ts";
import type { Moment } from "../lib/store/time-travel.ts";
import type { AdminHouse, AdminParts } from "./admin-parts.ts";
import type { Boot } from "./boot.ts";
import { mainTenant } from "./first-run.ts";
import { sitesPath, termsPath } from "./places.ts";
import { clientOf } from "./house-client.ts";
import { ownerDoors } from "./owner-door.ts";
import { build } from "./version.ts";

/** A daemon's whole admin API. Its modules take 50 ms and 6 MB: load this file late. */
export async function adminOf(house: AdminHouse, parts: AdminParts): Promise<AdminApp> {
  const { clock, entropy, log, data, metrics } = house;
  const { daemon, store, audit, unready = () => [], panels = () => Promise.resolve([]) } = parts;
  const listening = () =>
    Object.entries(parts.listening()).map(([name, at]) => ({ name, address: endpointText(at) }));
  const about = { service: daemon, version: build().version, pid: process.pid, clock, listening, unready };
  const core = {
    ...about,
    entropy,
    log,
    audit,
    identities: store.identities,
    objects: store.objects,
    tenant: mainTenant,
    metrics: () => metrics.text(),
  };
  return adminApp(core, [
    statusPanel(about),
    daemonsPanel(askDaemons(data)),
    ...housePanels(store, { clock, data, service: daemon }),
    sessionsPanel(parts.sessions ?? []),
    configurationPanel(house.configuration),
    ...(await panels()),
  ]);
}

/** Through their sockets, which this daemon's owner may open. One that does not answer is left out. */
const askDaemons =
  (data: string): AskDaemons =>
  async () => {
    const asked = ownerDoors(data).map(async (door) => {
      const client = await clientOf(door);
      const status = client && (await client.ask<Awaited<ReturnType<AskDaemons>>[number]>("GET", "/status"));
      return status?.ok ? [status.value] : [];
    });
    return (await Promise.all(asked)).flat();
  };

/** What every daemon shows of the house they share. */
export function housePanels(
  store: AdminParts["store"],
  about: { clock: Boot<readonly []>["clock"]; data: string; service: string },
): AdminPanel[] {
  const needs = { ...store, clock: about.clock, tenant: mainTenant };
  return [
    signInPanel(needs),
    mePanel(needs),
    usersPanel(needs),
    keysPanel(needs),
    secondFactorPanel(needs),
    grantsPanel(needs),
    termsPanel(lazyBook(termsPath(about.data), about.clock)),
    sitesPanel(lazyBook(sitesPath(about.data), about.clock)),
    transfersPanel((ask) => transfersOf(about.data, ask)),
    bucketsPanel(needs),
    ringKeysPanel(needs),
    pastPanel({
      timeTravel: store.timeTravel,
      pastFor: (by, bucket, moment) => pastFor(store, by, about.clock, bucket, moment),
    }),
    objectsPanel({ objectsFor: (by) => guardObjects(store.objects, store.identities, by, about.clock) }),
    eventsPanel(needs),
    auditPanel({ service: about.service, book: auditBook(about.data) }),
  ];
}

function transfersOf(
  data: string,
  ask: Parameters<TransferBook["page"]>[0],
): ReturnType<TransferBook["page"]> {
  using book = openTransferBook(transferBookPath(data));
  return book.page(ask);
}

export function auditBook(data: string): AuditBook {
  const folder = auditFolder(data);
  return {
    chains: () => auditChains(folder),
    page: (daemon, after, limit) => auditPage(folder, daemon, after, limit),
    prove: () => proveAudit(folder),
  };
}

/** A bucket as it was, guarded as it is now. */
export async function pastFor(
  { objects, identities, timeTravel }: AdminParts["store"],
  by: Actor,
  clock: Clock,
  bucket: string,
  moment: Moment,
): Promise<Result<Pick<Objects, "list" | "get">>> {
  const past = await timeTravel.past(bucket, moment);
  if (!past.ok) return past;
  const { list, get, head } = past.value;
  return ok(guardObjects({ ...objects, list, get, head }, identities, by, clock));
}
