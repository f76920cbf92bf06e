import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { AdminApp } from "../lib/admin/needs.ts";
import type { Endpoint } from "../lib/base/endpoint.ts";
import { fail, ok, type Result } from "../lib/base/result.ts";
import { houseActor } from "../lib/rules/identity.ts";
import { houseCertificate } from "../lib/host/house-ca.ts";
import { serveFetch, type FetchHandler } from "../lib/host/http.ts";
import { holdExclusive } from "../lib/store/exclusive.ts";
import type { AuditTrail } from "../lib/watch/audit.ts";
import type { AdminHouse, AdminParts } from "./admin-parts.ts";
import type { Boot } from "./boot.ts";
import type { Daemon } from "./daemons.ts";
import { openOwnerDoor } from "./owner-door.ts";
import { build } from "./version.ts";

export interface AdminServer extends AsyncDisposable {
  /** Where it listens over TLS. */
  readonly endpoint: Endpoint;
}

/** Serves the admin API: over TLS where the configuration says, and to the owner of the data
 *  through `openOwnerDoor`. Faults: busy (another of this name runs on the data), unavailable. */
export async function serveAdmin(house: AdminHouse, parts: AdminParts): Promise<Result<AdminServer>> {
  const { data, log, config } = house;
  const run = join(data, "run");
  mkdirSync(run, { recursive: true, mode: 0o700 });
  chmodSync(run, 0o700);
  const held = await holdExclusive(join(run, `${parts.daemon}.lock`));
  if (!held.ok) return held.fault.code === "busy" ? alreadyRuns(parts.daemon, data) : held;
  await using begun = new AsyncDisposableStack();
  begun.use(held.value);
  const serve = servedLate(house, parts);
  const certificate = await houseCertificate(data, [config.admin.listen.host]);
  const secured = begun.use(serveFetch(config.admin.listen, serve, { log, tls: withChain(certificate) }));
  begun.use(openOwnerDoor(run, parts.daemon, serve, house));
  const open = begun.move();
  const endpoint = { host: config.admin.listen.host, port: secured.port };
  return ok({ endpoint, [Symbol.asyncDispose]: () => open.disposeAsync() });
}

/** The API is made when somebody first asks: a daemon that nobody asks starts sooner and stays smaller. */
function servedLate(house: AdminHouse, parts: AdminParts): FetchHandler {
  let app: Promise<AdminApp> | undefined;
  const make = async (): Promise<AdminApp> => (await import("./admin-app.ts")).adminOf(house, parts);
  return async (request, peer) => await (await (app ??= make())).fetch(request, { peer });
}

const withChain = ({ key, cert, ca }: { key: string; cert: string; ca: string }) => ({
  key,
  cert: `${cert.trimEnd()}\n${ca}`,
});

const alreadyRuns = (daemon: Daemon, data: string): Result<never> =>
  fail("busy", `another holdfast-${daemon} runs on this data directory`, {
    where: data,
    mend: "end it (holdfast status tells its process id), or name another directory with --data DIR",
  });

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
