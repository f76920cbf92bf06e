/** holdfast-s3d: the object store. */
import { randomText } from "../../lib/base/ids.ts";
import { s3Exchange } from "../../lib/gate/s3/exchange.ts";
import { houseCertificate } from "../../lib/host/house-ca.ts";
import { listenHttp } from "../../lib/host/http-listener.ts";
import { openAuditLog } from "../../lib/store/audit-log.ts";
import { openStore } from "../../lib/store/open.ts";
import { serveAdmin, tellLife } from "../admin.ts";
import { boot } from "../boot.ts";
import { provision } from "../first-run.ts";
import type { Addresses } from "../readiness.ts";
import { sections } from "./config.ts";
import { observeRequests } from "./observe.ts";

async function main(): Promise<number> {
  const house = await boot("s3d", sections, process.argv.slice(2));
  await using leave = house.leave;
  const { config, log, clock, entropy, data } = house;
  const { s3 } = config;

  const store = leave.use(await openStore(data, { clock, entropy, log }));
  const provided = await provision(store, house);
  if (!provided.ok) return house.refuse(provided.fault);
  const trail = await openAuditLog(data, "s3d", { clock, entropy, log });
  if (!trail.ok) return house.refuse(trail.fault);
  const audit = leave.use(trail.value);
  const addresses: Record<string, Addresses[string]> = {};
  const admin = await serveAdmin(house, { daemon: "s3d", store, audit, listening: () => addresses });
  if (!admin.ok) return house.refuse(admin.fault);
  addresses["admin"] = leave.use(admin.value).endpoint;
  leave.use(tellLife(audit, clock, "s3d"));

  const { objects, identities } = store;
  const exchange = s3Exchange(
    {
      objects,
      identities,
      clock,
      log,
      requestId: () => randomText(entropy, 16).toUpperCase(),
      observe: observeRequests(house.metrics),
    },
    { region: s3.region, baseDomains: s3.domains, minPartBytes: s3.minPart },
  );
  const tls = s3.tls === "house" ? await houseCertificate(data, s3.names) : undefined;
  const limits = { connections: s3.connections, stallMs: s3.stall };
  const listener = leave.use(await listenHttp(s3.listen, exchange, { log, limits, tls }));

  addresses["s3"] = listener.endpoint;

  house.ready(addresses);
  return await house.stopped;
}

process.exit(await main()); // not exitCode: a client may hold the loop open
