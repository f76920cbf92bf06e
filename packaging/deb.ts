import { chmod, mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { epochOf, type BuildFacts } from "./facts.ts";
import { layTree } from "./lay-tree.ts";
import type { PackagedFile, PackageLayout } from "./layout.ts";
import { housekeeping, onSystemd } from "./scripts.ts";
import { tool } from "./tool.ts";

/** Makes NAME_VERSION_ARCH.deb in `out`; the same bytes whenever and wherever it is made. Needs dpkg-deb.
 *  zstd (Debian 12, Ubuntu 18.04 and later), because xz takes a minute a package to save a tenth. */
export async function makeDeb(
  layout: PackageLayout,
  facts: BuildFacts,
  arch: string,
  out: string,
  level: number,
): Promise<string> {
  const tree = join(out, `.deb-${layout.name}`);
  await rm(tree, { recursive: true, force: true });
  const overrides: PackagedFile = {
    path: `/usr/share/lintian/overrides/${layout.name}`,
    mode: 0o644,
    content: { text: lintianOverrides(layout) },
  };
  const bytes = await layTree([...layout.files, overrides], tree);
  await control(layout, facts, arch, tree, bytes);
  const file = join(out, `${layout.name}_${facts.version}_${arch}.deb`);
  await tool(["dpkg-deb", "--root-owner-group", "-Zzstd", `-z${level}`, "--build", tree, file], facts);
  await rm(tree, { recursive: true });
  return file;
}

async function control(
  layout: PackageLayout,
  facts: BuildFacts,
  arch: string,
  tree: string,
  bytes: number,
): Promise<void> {
  const ours = layout.needs.map((name) => `${name} (= ${facts.version})`);
  const base = layout.needs.length > 0 ? [] : ["systemd | passwd"];
  const kept = layout.files.filter((file) => file.configuration).map((file) => `${file.path}\n`);
  const fields = `Package: ${layout.name}
Version: ${facts.version}
Architecture: ${arch}
Maintainer: Holdfast Authors <authors@holdfast.invalid>
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: ${["libc6 (>= 2.17)", ...base, ...ours].join(", ")}
Section: net
Priority: optional
Description: ${layout.summary}
 ${layout.description}
 .
 Holdfast keeps one host's files and time: the same files through S3, FTP, SFTP
 and SMB, under one identity, one quota, one lock and one audit trail.
`;
  const files: [name: string, text: string, mode: number][] = [
    ["control", fields, 0o644],
    ["conffiles", kept.join(""), 0o644],
    ["postinst", installed(layout), 0o755],
    ["prerm", removing(layout), 0o755],
    ["postrm", removed(layout), 0o755],
  ];
  await mkdir(join(tree, "DEBIAN"), { recursive: true, mode: 0o755 });
  const when = new Date(epochOf(facts) * 1000);
  for (const [name, text, mode] of files.filter(([, text]) => text !== "")) {
    const path = join(tree, "DEBIAN", name);
    await writeFile(path, text);
    await chmod(path, mode);
    await utimes(path, when, when);
  }
}

const script = (body: string): string => `#!/bin/sh\nset -e\n${body.trim()}\nexit 0\n`;

/** deb-systemd-helper remembers what the operator enabled and disabled; deb-systemd-invoke asks policy-rc.d
 *  whether services may be started here at all. An upgrade restarts what runs. */
const installed = (layout: PackageLayout): string =>
  script(`if [ "$1" = configure ]; then
${housekeeping(layout).installed}${
    layout.service === undefined
      ? ""
      : `  if [ -z "$2" ] || [ "$(readlink /etc/systemd/system/${layout.service})" = /dev/null ]; then
    act=start # new, or back after a removal, which has masked it
  else
    act=try-restart
  fi
  deb-systemd-helper unmask ${layout.service} >/dev/null || true
  if deb-systemd-helper --quiet was-enabled ${layout.service}; then
    deb-systemd-helper enable ${layout.service} >/dev/null || true
  else
    deb-systemd-helper update-state ${layout.service} >/dev/null || true
  fi
  if ${onSystemd}; then
    systemctl --system daemon-reload >/dev/null || true
    deb-systemd-invoke "$act" ${layout.service} >/dev/null || true
  fi
`
  }fi`);

const removing = ({ service }: PackageLayout): string =>
  service === undefined
    ? ""
    : script(`if ${onSystemd} && [ "$1" = remove ]; then
  deb-systemd-invoke stop ${service} >/dev/null || true
fi`);

const removed = ({ service }: PackageLayout): string =>
  service === undefined
    ? script(purged)
    : script(`if ${onSystemd}; then systemctl --system daemon-reload >/dev/null || true; fi
if [ "$1" = remove ] && command -v deb-systemd-helper >/dev/null; then
  deb-systemd-helper mask ${service} >/dev/null || true
fi
if [ "$1" = purge ] && command -v deb-systemd-helper >/dev/null; then
  deb-systemd-helper purge ${service} >/dev/null || true
  deb-systemd-helper unmask ${service} >/dev/null || true
fi`);

/** Purging the common package is the operator's word that everything may go. The user stays: files elsewhere
 *  may still be theirs. */
const purged = `if [ "$1" = purge ]; then
  rm -rf /var/lib/holdfast /var/log/holdfast
  rmdir --ignore-fail-on-non-empty /etc/holdfast/conf.d /etc/holdfast 2>/dev/null || true
fi`;

/** Each with its reason; lintian accepts everything else. */
const lintianOverrides = ({
  name,
  service,
}: PackageLayout): string => `# ${name}: the executable is a runtime with our code behind it.
# A stripped one would be a plain runtime.
${name}: unstripped-binary-or-object
# The runtime brings its own zlib, sqlite and others, as statically linked parts.
${name}: embedded-library
# The runtime's publisher links it so.
${name}: hardening-no-pie
${name}: hardening-no-relro
# zstd, which Debian 12's dpkg reads and its lintian does not know.
${name}: malformed-deb-archive
# What the daemons may do is for their user and root to know.
${name}: non-standard-file-perm
${
  service === undefined
    ? ""
    : `# daemon-reload has no other name.
${name}: maintainer-script-calls-systemctl
`
}`;
