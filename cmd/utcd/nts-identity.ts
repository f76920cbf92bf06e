import { readFile } from "node:fs/promises";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { houseCertificate } from "../../lib/host/house-ca.ts";
import type { UtcdConfig } from "./config.ts";

/** PEM texts. */
export interface NtsIdentity {
  readonly key: string;
  readonly cert: string;
}

/** What NTS shows of itself: the configured certificate, or one of the house's own CA. Faults: invalid
 *  (certificate without key, or the reverse), not-found, denied, io. */
export async function ntsIdentity(nts: UtcdConfig["nts"], data: string): Promise<Result<NtsIdentity>> {
  const { certificate, key } = nts;
  if (certificate === undefined && key === undefined) {
    return ok(await houseCertificate(data, nts.server === undefined ? [] : [nts.server]));
  }
  if (certificate === undefined || key === undefined) {
    return fail("invalid", "nts.certificate and nts.key go together", { mend: "set both, or neither" });
  }
  const cert = await readPem(certificate);
  const own = await readPem(key);
  if (!cert.ok) return cert;
  return own.ok ? ok({ key: own.value, cert: cert.value }) : own;
}

async function readPem(path: string): Promise<Result<string>> {
  try {
    return ok(await readFile(path, "utf8"));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return fail("not-found", "no such file", { where: path });
    return fail(code === "EACCES" ? "denied" : "io", message, { where: path });
  }
}
