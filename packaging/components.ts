import { readFileSync } from "node:fs";
import { join } from "node:path";
import { epochOf, top, type BuildFacts } from "./facts.ts";

interface LockedPackage {
  readonly version: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
}

/** The software bill of materials, CycloneDX 1.5: every package that may be inside the executables, as the
 *  lock file names it, and the runtime. The same lock file gives the same bytes. */
export function componentList(facts: BuildFacts): string {
  const lock = JSON.parse(readFileSync(join(top, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockedPackage>;
  };
  const components = Object.entries(lock.packages)
    .filter(([path, { dev, optional }]) => path !== "" && !dev && !optional)
    .map(([path, locked]) => component(path.slice(path.lastIndexOf("node_modules/") + 13), locked));
  const own = {
    type: "application",
    "bom-ref": "holdfast",
    name: "holdfast",
    version: facts.version,
    licenses: [{ license: { id: "Apache-2.0" } }],
  };
  const document = {
    $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([own, components]))}`,
    version: 1,
    metadata: { timestamp: new Date(epochOf(facts) * 1000).toISOString(), component: own },
    components,
    dependencies: [{ ref: "holdfast", dependsOn: components.map((one) => one["bom-ref"]) }],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function component(name: string, { version, integrity, license }: LockedPackage) {
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  const [algorithm = "", base64 = ""] = integrity?.split("-") ?? [];
  const hash = { alg: "SHA-512", content: Buffer.from(base64, "base64").toString("hex") };
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    purl,
    ...(algorithm === "sha512" ? { hashes: [hash] } : {}),
    licenses: [licenseOf(license ?? ownWord(name))],
  };
}

/** What an older package says of itself where the lock file has no word for it. */
function ownWord(name: string): string {
  const text = readFileSync(join(top, "node_modules", name, "package.json"), "utf8");
  const { license, licenses = [] } = JSON.parse(text) as { license?: string; licenses?: { type: string }[] };
  return license ?? licenses.map(({ type }) => type).join(" OR ");
}

/** An expression of several licences is one, a single name is an SPDX identifier. */
const licenseOf = (text: string) =>
  /\s/.test(text) ? { expression: text.replace(/^\(|\)$/g, "") } : { license: { id: text } };

/** RFC 9562 §5.8: a name-based number of our own making. */
function uuidOf(text: string): string {
  const hash = new Bun.CryptoHasher("sha256").update(text).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x80;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}
