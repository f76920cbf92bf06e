import { X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { contains, parseIp, prefixText, type Prefix } from "../../lib/base/ip.ts";
import { descriptorLimit } from "../../lib/host/tcp.ts";
import { bad, good, look, type Finding } from "../../lib/watch/finding.ts";
import type { FtpdConfig } from "./config.ts";

const dayMs = 86_400_000;

/** What is unsafe in the settings, or will not work for clients, each with its mend. Looks at files, and
 *  changes nothing. `now` judges certificates. */
export function scanFtpd(config: FtpdConfig, data: string, now: number): Finding[] {
  return [
    ...encryption(config),
    ...certificate(config.ftp, now),
    ...passive(config.ftp),
    ...trust(config),
    ...guessing(config.guard),
    ...capacity(config),
    ...keys(data),
  ];
}

function encryption({ ftp, ftps }: FtpdConfig): Finding[] {
  const found: Finding[] = [];
  if (ftp.enabled && ftp.tls === "off") {
    found.push(bad("FTP", "passwords and files go in clear: there is no TLS", "set ftp.tls to required"));
  } else if (ftp.enabled && ftp.tls === "optional") {
    found.push(look("FTP", "a client may send its password in clear", "set ftp.tls to required"));
  }
  if ((ftp.enabled || ftps.enabled) && ftp.tls !== "off" && ftp.clearData) {
    found.push(look("FTP", "files may move in clear beside a secured login", "set ftp.clearData to false"));
  }
  if (ftp.sessionReuse === "off") {
    const mend = "set ftp.sessionReuse to prefer, or to require where all clients can";
    found.push(look("FTP", "whoever reaches a data port first may take the file's place there", mend));
  }
  if (ftp.clearControl) {
    found.push(look("FTP", "clients may end TLS after login (CCC)", "set ftp.clearControl to false"));
  }
  return found.length > 0 ? found : [good("FTP", "nothing moves in clear")];
}

function certificate(ftp: FtpdConfig["ftp"], now: number): Finding[] {
  const { certificate: path, certificateKey } = ftp;
  if (ftp.tls === "off") return [];
  if (path === undefined || certificateKey === undefined) {
    const mend = "set ftp.certificate and ftp.certificateKey, or have clients trust ca/house-ca.crt";
    return [look("certificate", "it is the house's own: clients warn of it", mend)];
  }
  try {
    const read = new X509Certificate(readFileSync(path));
    const until = Date.parse(read.validTo);
    const left = Math.floor((until - now) / dayMs);
    const found = [];
    if (left < 0) found.push(bad("certificate", `it ended on ${read.validTo}`, "renew it"));
    else if (left < 21) found.push(look("certificate", `it ends in ${left} days`, "renew it"));
    else found.push(good("certificate", `it holds for ${left} days`));
    const { modulusLength = 2048 } = read.publicKey.asymmetricKeyDetails ?? {};
    if (modulusLength < 2048)
      found.push(bad("certificate", `its key has ${modulusLength} bits`, "make a new one"));
    if ((statSync(certificateKey).mode & 0o077) !== 0) {
      found.push(bad("certificate", "others may read its key", `chmod 0600 ${certificateKey}`));
    }
    return found;
  } catch (error) {
    return [bad("certificate", `it cannot be read: ${(error as Error).message}`, `look at ${path}`)];
  }
}

const privateNetworks =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|127\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;

function passive({
  passiveFirst,
  passiveLast,
  passiveAddress,
  listen,
  enabled,
}: FtpdConfig["ftp"]): Finding[] {
  if (!enabled) return [];
  const ports = passiveFirst === 0 ? 0 : passiveLast - passiveFirst + 1;
  const found: Finding[] = [];
  if (passiveFirst > passiveLast) {
    found.push(bad("passive ports", "the range is empty: its end is before its beginning", "swap the two"));
  } else if (ports > 0 && ports < 50) {
    const mend = "widen ftp.passiveFirst to ftp.passiveLast: each transfer needs one";
    found.push(look("passive ports", `there are ${ports} of them`, mend));
  }
  if (passiveAddress !== undefined && privateNetworks.test(passiveAddress)) {
    const mend = "set ftp.passiveAddress to the address that clients reach";
    found.push(
      bad("passive ports", `clients are sent to ${passiveAddress}, which only neighbours reach`, mend),
    );
  }
  if (passiveAddress !== undefined && (passiveFirst === 0 || ports > 5000)) {
    const mend = "state the range that the router forwards, in ftp.passiveFirst and ftp.passiveLast";
    found.push(look("passive ports", "a router stands in front, and any port may be told to clients", mend));
  }
  if (passiveAddress === undefined && privateNetworks.test(listen.host) && !listen.host.startsWith("127.")) {
    const mend = "if clients come through a router, set ftp.passiveAddress to its address";
    found.push(look("passive ports", `clients are told ${listen.host}, a private address`, mend));
  }
  return found.length > 0 ? found : [good("passive ports", ports === 0 ? "any" : `${ports} of them`)];
}

const isEverybody = (network: Prefix): boolean => network.bits === 0;

function trust({ ftp, guard }: FtpdConfig): Finding[] {
  const found: Finding[] = [];
  if (guard.proxies.some(isEverybody)) {
    found.push(
      bad(
        "balancers",
        "everybody may say that they are somebody else",
        "name the balancers in guard.proxies",
      ),
    );
  }
  if (ftp.dataNetworks.some(isEverybody)) {
    found.push(bad("data", "everybody may take anybody's data connection", "narrow ftp.dataNetworks"));
  }
  if (ftp.siteToSite) {
    const mend = "set ftp.siteToSite to false";
    found.push(look("data", "clients may have this server connect to other hosts (FXP)", mend));
  }
  return found;
}

function guessing({ banThreshold, banExempt, banTime }: FtpdConfig["guard"]): Finding[] {
  const found: Finding[] = [];
  if (banThreshold > 100) {
    found.push(
      look("guessing", `${banThreshold} wrong passwords are let pass`, "set guard.banThreshold to 10"),
    );
  }
  const outside = banExempt.filter(
    (network) => !["127.0.0.1", "::1"].some((one) => contains(network, parseIp(one)!)),
  );
  if (outside.length > 0) {
    const names = outside.map(prefixText).join(", ");
    found.push(look("guessing", `${names} may try passwords for ever`, "narrow guard.banExempt"));
  }
  if (banTime < 60_000)
    found.push(look("guessing", "a ban is over within a minute", "set guard.banTime to 30m"));
  return found.length > 0 ? found : [good("guessing", `banned after ${banThreshold} wrong passwords`)];
}

function capacity({ ftp, sftp }: FtpdConfig): Finding[] {
  const wanted = (ftp.connections + sftp.connections) * 2;
  const limit = descriptorLimit();
  if (wanted <= limit) return [good("capacity", `${limit} descriptors`)];
  const mend = `raise the limit (LimitNOFILE=${wanted}), or lower ftp.connections`;
  return [look("capacity", `${limit} descriptors do not carry the connections that are allowed`, mend)];
}

/** Host keys are secrets; lists of keys that let in must not be anybody's to write. */
function keys(data: string): Finding[] {
  const ssh = join(data, "ssh");
  const lists = join(ssh, "authorized");
  const bits = (path: string): number => statSync(path).mode;
  const secret = namesIn(ssh).filter(
    (name) => /^host-\w+$/.test(name) && (bits(join(ssh, name)) & 0o077) !== 0,
  );
  const open = namesIn(lists).filter((name) => (bits(join(lists, name)) & 0o022) !== 0);
  const found = [
    ...secret.map((name) => bad("SSH keys", `others may read ${name}`, `chmod 0600 ${join(ssh, name)}`)),
    ...open.map((name) =>
      bad("SSH keys", `others may add keys for ${name}`, `chmod 0600 ${join(lists, name)}`),
    ),
  ];
  return found.length > 0 ? found : [good("SSH keys", "they are their owner's alone")];
}

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
