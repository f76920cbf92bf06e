/** `npm run packages`: DEB and RPM of what `npm run build` left in dist/, and their checksums. */
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { makeDeb } from "./deb.ts";
import { buildFacts, top } from "./facts.ts";
import { packageLayouts } from "./layout.ts";
import { makeRpm } from "./rpm.ts";

const architectures = { x64: { deb: "amd64", rpm: "x86_64" }, arm64: { deb: "arm64", rpm: "aarch64" } };

async function main(): Promise<number> {
  const dist = join(top, "dist");
  const built = ["s3d", "ftpd", "smbd", "utcd"]
    .map((d) => `holdfast-${d}`)
    .filter((b) => existsSync(join(dist, b)));
  if (!existsSync(join(dist, "holdfast"))) {
    console.error("packages: dist/holdfast is not there\n  mend: npm run build");
    return 69;
  }
  const facts = await buildFacts();
  const arch = architectures[process.arch as keyof typeof architectures];
  const out = join(dist, "packages");
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const made: string[] = [];
  const layouts = packageLayouts(dist, built, facts);
  for (const [i, layout] of layouts.entries()) {
    console.log(`${Math.round((i / layouts.length) * 100)} %  ${layout.name}`);
    made.push(await makeDeb(layout, facts, arch.deb, out));
    if (Bun.which("rpmbuild")) made.push(await makeRpm(layout, facts, arch.rpm, out));
  }
  await writeFile(join(out, "SHA256SUMS"), await checksums(made));
  console.log(`100 %  ${made.length} packages in dist/packages`);
  return 0;
}

async function checksums(files: readonly string[]): Promise<string> {
  const lines = files.map(async (file) => {
    const hash = new Bun.CryptoHasher("sha256");
    for await (const chunk of Bun.file(file).stream()) hash.update(chunk);
    return `${hash.digest("hex")}  ${basename(file)}\n`;
  });
  return (await Promise.all(lines)).sort().join("");
}

process.exitCode = await main();
