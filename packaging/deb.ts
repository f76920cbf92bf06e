import { chmod, copyFile, mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BuildFacts } from "./facts.ts";
import type { PackageLayout } from "./layout.ts";
import { scriptsOf } from "./scripts.ts";

/** Makes NAME_VERSION_ARCH.deb in `out`; the same bytes whenever and wherever it is made. Needs dpkg-deb. */
export async function makeDeb(
  layout: PackageLayout,
  facts: BuildFacts,
  arch: string,
  out: string,
): Promise<string> {
  const tree = join(out, `.deb-${layout.name}`);
  await rm(tree, { recursive: true, force: true });
  const bytes = await layTree(layout, tree);
  await control(layout, facts, arch, tree, bytes);
  const file = join(out, `${layout.name}_${facts.version}_${arch}.deb`);
  const child = Bun.spawn(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", tree, file], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(epochOf(facts)) },
    stdout: "ignore",
    stderr: "inherit",
  });
  if ((await child.exited) !== 0) throw new Error(`dpkg-deb refused ${layout.name}`);
  await rm(tree, { recursive: true });
  return file;
}

export const epochOf = (facts: BuildFacts): number => Math.floor(Date.parse(facts.date) / 1000);

/** Copies a package's files beneath `root`; gives their size together. */
export async function layTree(layout: PackageLayout, root: string): Promise<number> {
  let bytes = 0;
  for (const { path, mode, content } of layout.files) {
    const to = join(root, path);
    await mkdir(dirname(to), { recursive: true, mode: 0o755 });
    if ("copy" in content) await copyFile(content.copy, to);
    else await writeFile(to, content.text);
    await chmod(to, mode);
    bytes += Bun.file(to).size;
  }
  return bytes;
}

async function control(
  layout: PackageLayout,
  facts: BuildFacts,
  arch: string,
  tree: string,
  bytes: number,
): Promise<void> {
  const needs = layout.needs.map((name) => `${name} (= ${facts.version})`);
  const depends = layout.needs.length > 0 ? needs : ["libc6 (>= 2.17)", "systemd | passwd"];
  const { installed, removing, removed } = scriptsOf(layout);
  const kept = layout.files.filter((file) => file.configuration).map((file) => `${file.path}\n`);
  const fields = `Package: ${layout.name}
Version: ${facts.version}
Architecture: ${arch}
Maintainer: Holdfast <holdfast@localhost>
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: ${depends.join(", ")}
Section: net
Priority: optional
Description: ${layout.summary}
 ${layout.description}
`;
  const files: [name: string, text: string, mode: number][] = [
    ["control", fields, 0o644],
    ["conffiles", kept.join(""), 0o644],
    ["postinst", script(`if [ "$1" = configure ]; then\n${installed('[ -z "$2" ]')}fi`), 0o755],
    ["prerm", script(removing('[ "$1" = remove ]')), 0o755],
    ["postrm", script(`${removed()}${layout.service ? "" : purge}`), 0o755],
  ];
  await mkdir(join(tree, "DEBIAN"), { recursive: true, mode: 0o755 });
  const when = new Date(epochOf(facts) * 1000);
  for (const [name, text, mode] of files) {
    const path = join(tree, "DEBIAN", name);
    await writeFile(path, text);
    await chmod(path, mode);
    await utimes(path, when, when);
  }
}

/** Purging the common package is the operator's word that everything may go. The user stays: files elsewhere
 *  may still be theirs. */
const purge = `if [ "$1" = purge ]; then
  rm -rf /var/lib/holdfast /var/log/holdfast
  rmdir --ignore-fail-on-non-empty /etc/holdfast/conf.d /etc/holdfast 2>/dev/null || true
fi`;

const script = (body: string): string => `#!/bin/sh\nset -e\n${body.trim()}\nexit 0\n`;
