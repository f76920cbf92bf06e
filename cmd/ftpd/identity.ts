import { readFileSync } from "node:fs";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { houseCertificate } from "../../lib/host/house-ca.ts";
import { TlsKeeper, type TlsIdentity } from "../../lib/host/tls.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { FtpdConfig } from "./config.ts";

const dayMs = 86_400_000;

export interface KeptIdentity extends Disposable {
  readonly keeper: TlsKeeper;
  /** Reads the files again. */
  readonly renew: () => Promise<Result<void>>;
}

/** The certificate FTP shows: the operator's files, or the house's own, looked at again every day.
 *  Faults: invalid (files that are no certificate and key). */
export async function keepIdentity(
  data: string,
  config: FtpdConfig["ftp"],
  log: Log,
): Promise<Result<KeptIdentity>> {
  const first = await readIdentity(data, config);
  if (!first.ok) return first;
  const keeper = new TlsKeeper(first.value);
  const renew = async (): Promise<Result<void>> => {
    const next = await readIdentity(data, config);
    if (next.ok) keeper.swap(next.value);
    else log.error("the certificate cannot be renewed", { what: next.fault.what, where: next.fault.where });
    return next.ok ? ok() : next;
  };
  const timer = setInterval(() => void renew(), dayMs);
  timer.unref();
  return ok({ keeper, renew, [Symbol.dispose]: () => clearInterval(timer) });
}

function readAuthority(config: FtpdConfig["ftp"]): { clientCa?: string } {
  const { clientAuthority, clientCertificates } = config;
  if (clientCertificates === "off" || clientAuthority === undefined) return {};
  return { clientCa: readFileSync(clientAuthority, "utf8") };
}

async function readIdentity(data: string, config: FtpdConfig["ftp"]): Promise<Result<TlsIdentity>> {
  const { certificate, certificateKey } = config;
  if (config.clientCertificates !== "off" && config.clientAuthority === undefined) {
    return fail("invalid", "client certificates are asked for, and no authority of theirs is named", {
      where: "ftp.clientCertificates",
      mend: "set ftp.clientAuthority to a PEM file",
    });
  }
  try {
    const clientCa = readAuthority(config);
    if (certificate === undefined && certificateKey === undefined) {
      return ok({ ...(await houseCertificate(data, config.names)), ...clientCa });
    }
    const [cert = "", key = ""] = [certificate, certificateKey].map(
      (path) => path && readFileSync(path, "utf8"),
    );
    const identity = { cert, key, ...clientCa };
    new TlsKeeper(identity).context();
    return ok(identity);
  } catch (error) {
    return fail("invalid", `the certificate cannot be used: ${(error as Error).message}`, {
      where: certificate ?? certificateKey ?? data,
      mend: "set both ftp.certificate and ftp.certificateKey to PEM files that belong together, or neither",
    });
  }
}
