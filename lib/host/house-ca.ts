import { createHash, X509Certificate } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { publishFile, readSecret } from "./secret-file.ts";
import { leafDays, type Pair } from "./key-pair.ts";

/** PEM texts. `cert` is the server's own certificate, `ca` the one to trust. */
export interface HouseCertificate {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

const dayMs = 86_400_000;
/** What has less than this left is made anew. */
const renewDays = 30;

/** The certificate of this host from the house's own authority in `<data>/ca`, both made on first use and
 *  kept. Good for `localhost`, the host's name and addresses, and `names` (DNS names or addresses). Made
 *  anew when it would end within 30 days or lacks one of those. Several processes may ask at once.
 *  Throws where the folder cannot be read or written: nothing can be served securely then. */
export async function houseCertificate(
  data: string,
  names: readonly string[] = [],
  nowMs: number = Date.now(),
): Promise<HouseCertificate> {
  const folder = join(data, "ca");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const root = await houseRoot(folder, nowMs);
  const wanted = [...new Set([...standingNames(), ...names])];
  const label = createHash("sha256").update(names.toSorted().join("\n")).digest("hex").slice(0, 12);
  const path = join(folder, `host-${label}.pem`);
  const kept = await readPair(path);
  if (kept && isIssuedBy(root, kept) && lasts(kept, renewDays, nowMs) && covers(kept.cert, wanted)) {
    return { ...kept, ca: root.cert };
  }
  const made = await (await issue()).makeLeaf(root, wanted, nowMs);
  await publishFile(path, pairText(made), "replace");
  return { ...made, ca: root.cert };
}

/** What makes certificates costs 100 ms and 18 MB: loaded only where one has to be made. The polyfill comes
 *  first, and here: a bundle does not keep the order of imports in a module that is loaded late. */
async function issue(): Promise<typeof import("./house-ca-issue.ts")> {
  await import("reflect-metadata");
  return await import("./house-ca-issue.ts");
}

/** Key and certificate stand in one file, so that no crash and no race can part them. */
async function houseRoot(folder: string, nowMs: number): Promise<Pair> {
  const path = join(folder, "root.pem");
  const kept = await readPair(path);
  // A certificate must not outlast its issuer.
  const fresh = kept !== undefined && lasts(kept, leafDays + renewDays, nowMs);
  if (!fresh) {
    const { makeRoot } = await issue();
    await publishFile(path, pairText(await makeRoot(nowMs)), kept ? "replace" : "first-wins");
  }
  const root = fresh ? kept : await readPair(path);
  if (!root) throw new Error(`${path} vanished while it was made`);
  if (!fresh) await publishFile(join(folder, "house-ca.crt"), root.cert, "replace", 0o644);
  return root;
}

const pairText = (pair: Pair): string => pair.key + pair.cert;

async function readPair(path: string): Promise<Pair | undefined> {
  const text = await readSecret(path);
  if (text === undefined) return undefined;
  const cut = text.indexOf("-----BEGIN CERTIFICATE-----");
  if (cut < 0 || !text.startsWith("-----BEGIN PRIVATE KEY-----")) {
    throw new Error(`${path} holds no key and certificate; mend: remove it, and it is made anew`);
  }
  return { key: text.slice(0, cut), cert: text.slice(cut) };
}

function isIssuedBy(root: Pair, leaf: Pair): boolean {
  const authority = new X509Certificate(root.cert);
  return new X509Certificate(leaf.cert).verify(authority.publicKey);
}

const lasts = (pair: Pair, days: number, nowMs: number): boolean =>
  new Date(new X509Certificate(pair.cert).validTo).getTime() - nowMs > days * dayMs;

function covers(pem: string, names: readonly string[]): boolean {
  const cert = new X509Certificate(pem);
  return names.every((name) => (isIP(name) ? cert.checkIP(name) : cert.checkHost(name)) !== undefined);
}

/** What a client on this host or its networks may call it. */
function standingNames(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map((entry) => entry.address)
    .filter((address) => !address.includes("%") && !address.toLowerCase().startsWith("fe80:"));
  return ["localhost", hostname(), "127.0.0.1", "::1", ...addresses];
}
