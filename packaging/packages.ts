/** `npm run packages [-- --target NAME --sign KEY …]`: what ships of what `npm run build` left in dist/. */
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeChecksums } from "./checksums.ts";
import { componentList } from "./components.ts";
import { makeDeb } from "./deb.ts";
import { buildFacts, top, type BuildFacts } from "./facts.ts";
import { packageLayouts } from "./layout.ts";
import { aptRepository, yumRepository } from "./repositories.ts";
import { makeImage } from "./image.ts";
import { makeInstaller } from "./installer.ts";
import { makeRpm } from "./rpm.ts";
import { makeTarball } from "./tarball.ts";
import { hostTarget, targets } from "./targets.ts";

const architectures = { x64: { deb: "amd64", rpm: "x86_64" }, arm64: { deb: "arm64", rpm: "aarch64" } };

/** What every maker is handed. */
interface Work {
  readonly target: string;
  /** Where the executables are, and where the packages go. */
  readonly from: string;
  readonly out: string;
  readonly built: readonly string[];
  readonly facts: BuildFacts;
  /** Names of packages; empty means all. */
  readonly only: readonly string[];
  /** 1 is quick, 9 is small. */
  readonly level: number;
  /** The key's name in GnuPG's keyring; without one nothing is signed. */
  readonly key: string | undefined;
}

/** Each gives the files that it made. */
const makers: Readonly<Record<string, (work: Work) => Promise<readonly string[]>>> = {
  deb: makeDebs,
  rpm: makeRpms,
  tar: async ({ from, built, target, facts, out, level }) => [
    await makeTarball(from, built, target, facts, out, level < 6 ? 1 : 6),
  ],
  msi: async ({ from, built, facts, out }) => [await makeInstaller(from, built, facts, out)],
  oci: async ({ from, built, facts, out, level }) => [
    await makeImage(from, built, facts, out, level < 6 ? 1 : 6),
  ],
};

/** An image takes its C library from this machine, so it is made for this machine's kind alone. */
function kindsOf(target: string): string[] {
  if (target === "windows-x64") return ["msi"];
  const packages = /^linux-(?:x64|arm64)$/.test(target) ? ["deb", "rpm"] : [];
  const image = target === hostTarget() && packages.length > 0 ? ["oci"] : [];
  return [...packages, "tar", ...image];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      target: { type: "string" },
      kind: { type: "string", multiple: true },
      from: { type: "string" },
      out: { type: "string" },
      version: { type: "string" },
      level: { type: "string", default: "9" },
      sign: { type: "string" },
      only: { type: "string", multiple: true },
    },
  });
  const target = values.target ?? hostTarget() ?? "";
  const from = values.from ?? join(top, "dist", target === hostTarget() ? "" : target);
  const suffix = targets[target]?.suffix ?? "";
  const known = ["", "-s3d", "-ftpd", "-smbd", "-utcd"].map((end) => `holdfast${end}`);
  const built = known.filter((name) => existsSync(join(from, name + suffix)));
  if (!built.includes("holdfast")) {
    console.error(`packages: ${from} has no holdfast${suffix}\n  mend: npm run build -- --target ${target}`);
    return 69;
  }
  const out = values.out ?? join(from, "packages");
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const facts = await buildFacts(values.version);
  const { level, sign: key, only = [] } = values;
  const work = { target, from, out, built, facts, only, level: Number(level), key };
  const made: string[] = [];
  for (const kind of values.kind ?? kindsOf(target)) {
    const maker = makers[kind];
    if (maker) made.push(...(await maker(work)));
    else console.error(`packages: no kind ${kind}; there are ${Object.keys(makers).join(" ")}`);
  }
  const components = join(out, "holdfast.cdx.json");
  await writeFile(components, componentList(facts));
  await writeChecksums(out, [...made, components], facts, work.key);
  if (made.some((file) => file.endsWith(".deb"))) await aptRepository(out, made, facts, work.key);
  if (made.some((file) => file.endsWith(".rpm"))) await yumRepository(out, made, facts, work.key);
  console.log(`${made.length} packages in ${out}`);
  return 0;
}

const layoutsOf = ({ from, built, facts, only }: Work) =>
  packageLayouts(from, built, facts).filter(({ name }) => only.length === 0 || only.includes(name));

async function makeDebs(work: Work): Promise<string[]> {
  const { target, facts, out, level } = work;
  const { deb } = architectures[target.slice(6) as keyof typeof architectures];
  const made: string[] = [];
  for (const layout of layoutsOf(work)) {
    made.push(await makeDeb(layout, facts, deb, out, level));
  }
  return made;
}

async function makeRpms(work: Work): Promise<string[]> {
  if (!Bun.which("rpmbuild")) {
    console.error("packages: no RPM: rpmbuild is not here (apt-get install rpm)");
    return [];
  }
  const { target, facts, out, level, key } = work;
  const { rpm } = architectures[target.slice(6) as keyof typeof architectures];
  const made: string[] = [];
  for (const layout of layoutsOf(work)) {
    made.push(await makeRpm(layout, facts, rpm, out, level, key));
  }
  return made;
}

process.exitCode = await main();
