import { readFile } from "node:fs/promises";
import type { Entropy } from "../../lib/base/entropy.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { newShared, type NtpDoorPlan, type NtpShared } from "../../lib/gate/time/ntp-door.ts";
import type { CookieSecret } from "../../lib/proto/nts/cookie.ts";
import { parseKeys, type SymmetricKey } from "../../lib/proto/ntp/keys.ts";
import type { UtcdConfig } from "./config.ts";

/** How the configuration wants NTP answered. `shared` is what the answering threads have in common, and
 *  outlives a reload. Faults: those of the key file. */
export async function ntpPlan(
  ntp: UtcdConfig["ntp"],
  precision: number,
  entropy: Entropy,
  nts: CookieSecret | undefined,
  shared: NtpShared = newShared(2 * ntp.threads, ntp.clients),
): Promise<Result<NtpDoorPlan>> {
  const keys = await readKeys(ntp.keyFile);
  if (!keys.ok) return keys;
  const { rateInterval, rateBurst: burst, rateLeak: leak } = ntp;
  const limit = rateInterval === 0 ? undefined : { interval: rateInterval / 1000, burst, leak };
  const seed = new DataView(entropy(4).slice().buffer).getUint32(0);
  const access = { allow: ntp.allow, deny: ntp.deny };
  return ok({
    access,
    limit,
    precision,
    seed,
    keys: keys.value,
    nts,
    smear: undefined,
    control: ntp.control,
    shared,
  });
}

async function readKeys(path: string | undefined): Promise<Result<readonly SymmetricKey[]>> {
  if (path === undefined) return ok([]);
  try {
    return parseKeys(await readFile(path, "utf8"), path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const mend = "name another with ntp.keyFile, or let the daemon's user read it";
    const what = "the key file cannot be read";
    return code === "ENOENT" || code === "EACCES"
      ? fail(code === "ENOENT" ? "not-found" : "denied", what, { where: path, mend })
      : fail("io", `${what}: ${message}`, { where: path });
  }
}
