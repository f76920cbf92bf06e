import * as x509 from "@peculiar/x509";
import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { leafDays, type Pair } from "./key-pair.ts";

const dayMs = 86_400_000;
const caDays = 20 * 365;

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** The house's own authority: self-signed, 20 years, for one level of certificates beneath it. */
export async function makeRoot(nowMs: number): Promise<Pair> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=Holdfast house CA ${randomBytes(4).toString("hex")}, O=Holdfast`,
    ...validity(nowMs, caDays),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { key: await keyText(keys.privateKey), cert: `${cert.toString("pem")}\n` };
}

/** A server certificate of the house's authority, 397 days. */
export async function makeLeaf(root: Pair, names: readonly string[], nowMs: number): Promise<Pair> {
  const issuer = new x509.X509Certificate(root.cert);
  const der = x509.PemConverter.decodeFirst(root.key);
  const signingKey = await crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const { digitalSignature } = x509.KeyUsageFlags;
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: [{ CN: [hostname().slice(0, 64)] }, { O: ["Holdfast"] }],
    issuer: issuer.subject,
    ...validity(nowMs, leafDays),
    signingAlgorithm: algorithm,
    signingKey,
    publicKey: keys.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? ("ip" as const) : ("dns" as const), value })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { key: await keyText(keys.privateKey), cert: `${cert.toString("pem")}\n` };
}

/** An hour of grace for clients whose clock runs behind. */
function validity(nowMs: number, days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(nowMs - 3_600_000), notAfter: new Date(nowMs + days * dayMs) };
}

/** Positive and 127 bits at random (RFC 5280 §4.1.2.2). */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString("hex");
}

async function keyText(key: CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}
