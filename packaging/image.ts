import { mkdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { sha256Of } from "./checksums.ts";
import { epochOf, type BuildFacts } from "./facts.ts";
import { compressed, layTree, type Level } from "./lay-tree.ts";
import { tool } from "./tool.ts";

/** The user inside, who has no name outside. */
const uid = 65532;

/** A blob of the image: OCI Image Format 1.0, "Content Descriptors". */
interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** holdfast-VERSION-oci.tar: an OCI image layout, written without a container engine: no shell, no package
 *  manager, the executables and the C library that they need. `skopeo copy oci-archive:FILE …` takes it
 *  anywhere. Needs GNU tar and ldd. */
export async function makeImage(
  from: string,
  built: readonly string[],
  facts: BuildFacts,
  out: string,
  level: Level,
): Promise<string> {
  const layout = join(out, ".oci");
  await rm(layout, { recursive: true, force: true });
  await mkdir(join(layout, "blobs/sha256"), { recursive: true });
  const layers = [await baseLayer(join(from, built[0]!), facts, layout, level)];
  for (const name of built) layers.push(await programLayer(join(from, name), facts, layout, level));
  const created = new Date(epochOf(facts) * 1000).toISOString();
  const config = await blob(layout, "application/vnd.oci.image.config.v1+json", {
    created,
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: run(facts),
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ by }) => ({ created, created_by: by })),
  });
  const manifest = await blob(layout, "application/vnd.oci.image.manifest.v1+json", {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config,
    layers: layers.map(({ descriptor }) => descriptor),
  });
  const named = { ...manifest, annotations: { "org.opencontainers.image.ref.name": facts.version } };
  await writeFile(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await writeFile(join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  const file = join(out, `holdfast-${facts.version}-oci.tar`);
  await tool(["tar", ...same(facts), "-cf", file, "-C", layout, "blobs", "index.json", "oci-layout"], facts);
  await rm(layout, { recursive: true });
  return file;
}

/** How it runs when nobody says otherwise. */
const run = (facts: BuildFacts) => ({
  User: `${uid}:${uid}`,
  Env: ["PATH=/usr/bin", "HOLDFAST_LOG_FORMAT=json"],
  Entrypoint: ["/usr/bin/holdfast"],
  Cmd: ["up", "--data", "/var/lib/holdfast", "--ports", "privileged", "--quiet"],
  WorkingDir: "/var/lib/holdfast",
  Volumes: { "/var/lib/holdfast": {} },
  StopSignal: "SIGTERM",
  ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
  Labels: {
    "org.opencontainers.image.title": "Holdfast",
    "org.opencontainers.image.version": facts.version,
    "org.opencontainers.image.revision": facts.commit,
    "org.opencontainers.image.licenses": "Apache-2.0",
  },
});

const ports = [
  "9000/tcp",
  "21/tcp",
  "990/tcp",
  "2022/tcp",
  "445/tcp",
  "123/udp",
  "4460/tcp",
  "37/tcp",
  "13/tcp",
];

interface Layer {
  readonly descriptor: Descriptor;
  readonly diffId: string;
  readonly by: string;
}

/** The C library's files as ldd names them, the user, and the folders that it may write. */
async function baseLayer(program: string, facts: BuildFacts, layout: string, level: Level): Promise<Layer> {
  const tree = join(layout, "base");
  const listed = await tool(["ldd", program], facts);
  const libraries = [...listed.matchAll(/(\/\S+)\s+\(0x/g)].map(([, path = ""]) => path);
  const accounts = [
    {
      path: "/etc/passwd",
      mode: 0o644,
      content: { text: `holdfast:x:${uid}:${uid}::/var/lib/holdfast:/\n` },
    },
    { path: "/etc/group", mode: 0o644, content: { text: `holdfast:x:${uid}:\n` } },
  ];
  const files = libraries.map((path) => ({ path, mode: 0o755, content: { copy: path } }));
  await layTree([...files, ...accounts], tree);
  for (const folder of ["tmp", "var/lib/holdfast", "etc/holdfast"]) {
    await mkdir(join(tree, folder), { recursive: true });
  }
  await tool(["find", tree, "-type", "d", "-exec", "chmod", "755", "{}", "+"], facts);
  await tool(["chmod", "1777", join(tree, "tmp")], facts);
  await tool(["chmod", "700", join(tree, "var/lib/holdfast")], facts);
  const bare = join(layout, "base.tar");
  const theirs = ["--exclude=var/lib/holdfast", "-cf", bare, "-C", tree];
  const tops = [...new Set(libraries.map((path) => path.split("/")[1]!)), "etc", "tmp", "var"];
  await tool(["tar", ...same(facts), ...theirs, ...tops.toSorted()], facts);
  const own = [...same(facts), `--owner=${uid}`, `--group=${uid}`];
  await tool(["tar", ...own, "-rf", bare, "-C", tree, "var/lib/holdfast"], facts);
  await rm(tree, { recursive: true });
  return await layer(bare, layout, level, "the C library, a user, and folders");
}

async function programLayer(
  program: string,
  facts: BuildFacts,
  layout: string,
  level: Level,
): Promise<Layer> {
  const tree = join(layout, "program");
  const path = `/usr/bin/${basename(program)}`;
  await layTree([{ path, mode: 0o755, content: { copy: program } }], tree);
  const when = new Date(epochOf(facts) * 1000);
  await utimes(join(tree, dirname(path)), when, when);
  const bare = join(layout, "program.tar");
  await tool(["tar", ...same(facts), "-cf", bare, "-C", tree, path.slice(1)], facts);
  await rm(tree, { recursive: true });
  return await layer(bare, layout, level, path);
}

/** Compresses a tar and files it under its digest. */
async function layer(bare: string, layout: string, level: Level, by: string): Promise<Layer> {
  const diffId = `sha256:${await sha256Of(bare)}`;
  const packed = join(layout, "layer.tar.gz");
  await writeFile(packed, compressed(await Bun.file(bare).bytes(), level));
  await rm(bare);
  const hex = await sha256Of(packed);
  const { size } = Bun.file(packed);
  await rename(packed, join(layout, "blobs/sha256", hex));
  const mediaType = "application/vnd.oci.image.layer.v1.tar+gzip";
  return { descriptor: { mediaType, digest: `sha256:${hex}`, size }, diffId, by };
}

async function blob(layout: string, mediaType: string, content: object): Promise<Descriptor> {
  const text = JSON.stringify(content);
  const hex = new Bun.CryptoHasher("sha256").update(text).digest("hex");
  await writeFile(join(layout, "blobs/sha256", hex), text);
  return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(text) };
}

/** The same tar whenever it is made. */
const same = (facts: BuildFacts): string[] => [
  "--sort=name",
  `--mtime=@${epochOf(facts)}`,
  "--owner=0",
  "--group=0",
  "--numeric-owner",
  "--format=ustar",
];
