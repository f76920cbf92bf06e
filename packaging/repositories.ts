import { link, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { signDetached } from "./checksums.ts";
import { epochOf, type BuildFacts } from "./facts.ts";
import { compressed } from "./lay-tree.ts";
import { tool } from "./tool.ts";

/** A repository for apt in `out`/apt: suite stable, component main. Signed (InRelease) where there is a key;
 *  without one it needs [trusted=yes]. Needs apt-ftparchive. */
export async function aptRepository(
  out: string,
  files: readonly string[],
  facts: BuildFacts,
  key: string | undefined,
): Promise<void> {
  const debs = files.filter((file) => file.endsWith(".deb"));
  const arch = /_([a-z0-9]+)\.deb$/.exec(debs[0] ?? "")?.[1] ?? "";
  const root = join(out, "apt");
  const indices = `dists/stable/main/binary-${arch}`;
  await rm(root, { recursive: true, force: true });
  await mkdir(join(root, "pool"), { recursive: true });
  await mkdir(join(root, indices), { recursive: true });
  for (const file of debs) await link(file, join(root, "pool", basename(file)));
  const packages = await tool(["apt-ftparchive", "packages", "pool"], facts, { cwd: root });
  await writeFile(join(root, indices, "Packages"), packages);
  await writeFile(join(root, indices, "Packages.gz"), compressed(packages));
  const about = { Origin: "Holdfast", Label: "Holdfast", Suite: "stable", Codename: "stable" };
  const words = Object.entries({ ...about, Components: "main", Architectures: arch }).flatMap(
    ([name, value]) => ["-o", `APT::FTPArchive::Release::${name}=${value}`],
  );
  const release = await tool(["apt-ftparchive", ...words, "release", "dists/stable"], facts, { cwd: root });
  const path = join(root, "dists/stable/Release");
  const date = new Date(epochOf(facts) * 1000).toUTCString().replace("GMT", "+0000");
  await writeFile(path, release.replace(/^Date: .*$/m, `Date: ${date}`));
  if (key === undefined) return;
  const how = ["--batch", "--yes", "--armor", "--local-user", key];
  await tool(["gpg", ...how, "--clearsign", "--output", join(root, "dists/stable/InRelease"), path], facts);
}

/** A repository for dnf, yum and zypper in `out`/yum. Needs createrepo_c. */
export async function yumRepository(
  out: string,
  files: readonly string[],
  facts: BuildFacts,
  key: string | undefined,
): Promise<void> {
  const root = join(out, "yum");
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  for (const file of files.filter((file) => file.endsWith(".rpm")))
    await link(file, join(root, basename(file)));
  const when = ["--revision", String(epochOf(facts)), "--set-timestamp-to-revision"];
  await tool(["createrepo_c", "--quiet", "--no-database", ...when, root], facts);
  if (key !== undefined) await signDetached(join(root, "repodata/repomd.xml"), facts, key);
}
