import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { base64, fromHex, hex } from "../../lib/base/bytes.ts";
import type { Entropy } from "../../lib/base/entropy.ts";
import { ok, type Result } from "../../lib/base/result.ts";
import type { Clock } from "../../lib/base/time.ts";
import { allows, type AccessList } from "../../lib/gate/time/access-list.ts";
import type { NtpDoorPlan } from "../../lib/gate/time/ntp-door.ts";
import type { SharedStatus } from "../../lib/gate/time/shared-status.ts";
import { listenUdp, type UdpListener } from "../../lib/host/udp.ts";
import { RateLimiter } from "../../lib/proto/ntp/limiter.ts";
import { RoughtimeServer } from "../../lib/proto/roughtime/server.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { UtcdConfig } from "./config.ts";

export interface RoughtimeHow {
  readonly status: SharedStatus;
  readonly plan: Pick<NtpDoorPlan, "limit" | "seed">;
  readonly access: () => AccessList;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly data: string;
  readonly log: Log;
}

/** Seconds: what a second more or less in a minute may cost who has no leap second list. */
const leapRadius = 3;
const clientsRemembered = 4096;

/** Roughtime over UDP, to whom NTP is served. Undefined where it is off. Faults: exists, denied, io. */
export async function serveRoughtime(
  roughtime: UtcdConfig["roughtime"],
  how: RoughtimeHow,
): Promise<Result<UdpListener | undefined>> {
  if (!roughtime.enabled) return ok(undefined);
  const { status, plan, clock, entropy, log } = how;
  const server = new RoughtimeServer(await longTermSeed(how.data, entropy), entropy);
  const memory = new ArrayBuffer(RateLimiter.bytesFor(clientsRemembered));
  const limiter = plan.limit && new RateLimiter(plan.limit, memory, plan.seed);
  log.info("Roughtime key", { publicKey: base64(server.publicKey) });
  return listenUdp(
    roughtime.listen,
    (packet, ip) => {
      const { stratum, rootDelay, rootDispersion } = status.read();
      if (stratum === 0 || !allows(how.access(), ip)) return undefined;
      if (limiter && !limiter.admits(ip, clock.now() / 1000, entropy(1)[0]!)) return undefined;
      const now = clock.wall() / 1000 + status.correction;
      const radius = Math.max(leapRadius, Math.ceil(rootDelay / 2 + rootDispersion));
      return server.answer([packet], { now, radius })[0];
    },
    { log },
  );
}

/** The long-term key's seed, made on first use and kept in `<data>/roughtime.key` (0600). */
async function longTermSeed(data: string, entropy: Entropy): Promise<Uint8Array> {
  const path = join(data, "roughtime.key");
  const kept = fromHex((await readFile(path, "latin1").catch(() => "")).trim());
  if (kept?.length === 32) return kept;
  const seed = entropy(32);
  await writeFile(`${path}.new`, `${hex(seed)}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
  return seed;
}
