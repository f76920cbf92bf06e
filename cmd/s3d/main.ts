/** holdfast-s3d: the object store. */
import { randomText } from "../../lib/base/ids.ts";
import { s3Exchange } from "../../lib/gate/s3/exchange.ts";
import { houseCertificate } from "../../lib/host/house-ca.ts";
import { listenHttp } from "../../lib/host/http-listener.ts";
import { openStore } from "../../lib/store/open.ts";
import { boot } from "../boot.ts";
import { sections } from "./config.ts";
import { observeRequests } from "./observe.ts";

async function main(): Promise<number> {
  const house = await boot("s3d", sections, process.argv.slice(2));
  await using leave = house.leave;
  const { config, log, clock, entropy, data } = house;
  const { s3 } = config;

  const store = leave.use(await openStore(data, { clock, entropy, log }));
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

  house.ready({ s3: listener.endpoint });
  return await house.stopped;
}

process.exitCode = await main();
