import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromHex, hex } from "../../lib/base/bytes.ts";
import type { Entropy } from "../../lib/base/entropy.ts";
import type { Clock } from "../../lib/base/time.ts";
import type { Log } from "../../lib/watch/log.ts";
import { secretToKeep, type CookieSecret } from "../../lib/proto/nts/cookie.ts";

const everyMs = 3_600_000;

export interface KeptSecret extends Disposable {
  readonly secret: CookieSecret;
}

/** The secret of NTS cookies, kept in `<data>/nts-cookie.secret` (0600), so that cookies outlive a restart.
 *  Older epochs' secrets are written over as time goes by. Rejects where the file cannot be written. */
export async function keepCookieSecret(
  data: string,
  how: { readonly clock: Clock; readonly entropy: Entropy; readonly log: Log },
): Promise<KeptSecret> {
  const path = join(data, "nts-cookie.secret");
  const advance = async (): Promise<CookieSecret> => {
    const kept = await readSecret(path);
    const secret = secretToKeep(kept, how.clock.wall() / 1000, how.entropy);
    if (secret !== kept) await writeSecret(path, secret);
    return secret;
  };
  const timer = setInterval(() => {
    advance().catch((cause: unknown) => how.log.error("cannot keep the NTS secret", { what: String(cause) }));
  }, everyMs);
  return { secret: await advance(), [Symbol.dispose]: () => clearInterval(timer) };
}

async function readSecret(path: string): Promise<CookieSecret | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  const [, epoch, digits] = /^(\d{1,10}) ([0-9a-f]{64})\n$/.exec(text) ?? [];
  return digits === undefined ? undefined : { epoch: Number(epoch), key: fromHex(digits)! };
}

async function writeSecret(path: string, { epoch, key }: CookieSecret): Promise<void> {
  await writeFile(`${path}.new`, `${epoch} ${hex(key)}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}
