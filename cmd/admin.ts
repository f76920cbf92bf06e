import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { adminApp } from "../lib/admin/app.ts";
import { auditPanel, type AuditBook } from "../lib/admin/audit-panel.ts";
import { bucketsPanel } from "../lib/admin/buckets-panel.ts";
import { configurationPanel } from "../lib/admin/configuration-panel.ts";
import { daemonsPanel, type AskDaemons } from "../lib/admin/daemons-panel.ts";
import { eventsPanel } from "../lib/admin/events-panel.ts";
import { grantsPanel } from "../lib/admin/grants-panel.ts";
import { keysPanel } from "../lib/admin/keys-panel.ts";
import { mePanel } from "../lib/admin/me-panel.ts";
import type { AdminApp, Unready } from "../lib/admin/needs.ts";
import type { AdminPanel } from "../lib/admin/panel.ts";
import { sessionsPanel, type SessionBook } from "../lib/admin/sessions-panel.ts";
import { signInPanel } from "../lib/admin/sign-in.ts";
import { statusPanel } from "../lib/admin/status-panel.ts";
import { usersPanel } from "../lib/admin/users-panel.ts";
import { endpointText, type Endpoint } from "../lib/base/endpoint.ts";
import { fail, ok, type Result } from "../lib/base/result.ts";
import { houseActor } from "../lib/rules/identity.ts";
import { houseCertificate } from "../lib/host/house-ca.ts";
import { serveFetch } from "../lib/host/http.ts";
import { auditFolder } from "../lib/store/audit-files.ts";
import { auditChains, auditPage } from "../lib/store/audit-pages.ts";
import { proveAudit } from "../lib/store/audit-verify.ts";
import { holdExclusive } from "../lib/store/exclusive.ts";
import type { Store } from "../lib/store/open.ts";
import type { AuditTrail } from "../lib/watch/audit.ts";
import type { Boot } from "./boot.ts";
import type { Daemon } from "./daemons.ts";
import { mainTenant } from "./first-run.ts";
import { clientOf, socketsOf } from "./house-client.ts";
import type { Addresses } from "./readiness.ts";
import { build } from "./version.ts";

/** What a daemon's admin API is made of, beside what `boot` gave. */
export interface AdminParts {
  readonly daemon: Daemon;
  readonly store: Pick<Store, "identities" | "objects" | "feed">;
  readonly audit: AuditTrail;
  /** The engine's own. */
  readonly panels?: readonly AdminPanel[];
  readonly sessions?: readonly SessionBook[];
  readonly listening: () => Addresses;
  readonly unready?: () => readonly Unready[];
}

type House = Pick<
  Boot<readonly []>,
  "config" | "log" | "metrics" | "clock" | "entropy" | "data" | "configuration"
>;

export interface AdminServer extends AsyncDisposable {
  /** Where it listens over TLS. */
  readonly endpoint: Endpoint;
}

/** Serves the admin API: over TLS where the configuration says, and to the owner over the socket
 *  `<data>/run/<daemon>.sock`. Faults: busy (another of this name runs on the data), unavailable. */
export async function serveAdmin(house: House, parts: AdminParts): Promise<Result<AdminServer>> {
  const { data, log, config } = house;
  const run = join(data, "run");
  mkdirSync(run, { recursive: true, mode: 0o700 });
  chmodSync(run, 0o700);
  const held = await holdExclusive(join(run, `${parts.daemon}.lock`));
  if (!held.ok) return held.fault.code === "busy" ? alreadyRuns(parts.daemon, data) : held;
  await using begun = new AsyncDisposableStack();
  begun.use(held.value);
  const app = adminOf(house, parts);
  const serve = (request: Request, peer: { address: string; local: boolean }) => app.fetch(request, { peer });
  const certificate = await houseCertificate(data, [config.admin.listen.host]);
  const secured = begun.use(serveFetch(config.admin.listen, serve, { log, tls: withChain(certificate) }));
  const socket = join(run, `${parts.daemon}.sock`);
  if (Buffer.byteLength(socket) <= socketPathBytes) begun.use(serveFetch({ unix: socket }, serve, { log }));
  else log.warn("the data directory's path is too long for a socket: the command line cannot reach us");
  const open = begun.move();
  const endpoint = { host: config.admin.listen.host, port: secured.port };
  return ok({ endpoint, [Symbol.asyncDispose]: () => open.disposeAsync() });
}

/** sun_path of unix(7), less its NUL. */
const socketPathBytes = 107;

const withChain = ({ key, cert, ca }: { key: string; cert: string; ca: string }) => ({
  key,
  cert: `${cert.trimEnd()}\n${ca}`,
});

const alreadyRuns = (daemon: Daemon, data: string): Result<never> =>
  fail("busy", `another holdfast-${daemon} runs on this data directory`, {
    where: data,
    mend: "end it (holdfast status tells its process id), or name another directory with --data DIR",
  });

function adminOf(house: House, parts: AdminParts): AdminApp {
  const { clock, entropy, log, data, metrics } = house;
  const { daemon, store, audit, unready = () => [] } = parts;
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
    ...(parts.panels ?? []),
  ]);
}

/** Through their sockets, which this daemon's owner may open. One that does not answer is left out. */
const askDaemons =
  (data: string): AskDaemons =>
  async () => {
    const asked = socketsOf(data).map(async (socket) => {
      const client = await clientOf(socket);
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
    grantsPanel(needs),
    bucketsPanel(needs),
    eventsPanel(needs),
    auditPanel({ service: about.service, book: auditBook(about.data) }),
  ];
}

export function auditBook(data: string): AuditBook {
  const folder = auditFolder(data);
  return {
    chains: () => auditChains(folder),
    page: (daemon, after, limit) => auditPage(folder, daemon, after, limit),
    prove: () => proveAudit(folder),
  };
}

/** What a daemon tells of its own life. */
export function tellLife(audit: AuditTrail, clock: Boot<readonly []>["clock"], daemon: Daemon): Disposable {
  const tell = (verb: "daemon.start" | "daemon.stop"): void =>
    audit.tell({
      at: clock.wall(),
      actor: houseActor,
      verb,
      target: daemon,
      outcome: "ok",
      detail: { pid: process.pid, version: build().version },
    });
  tell("daemon.start");
  return { [Symbol.dispose]: () => tell("daemon.stop") };
}
