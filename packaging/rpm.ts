import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { changelogOf } from "./documents.ts";
import type { BuildFacts } from "./facts.ts";
import { layTree } from "./lay-tree.ts";
import type { PackageLayout } from "./layout.ts";
import { housekeeping, onSystemd } from "./scripts.ts";
import { tool } from "./tool.ts";

/** Makes NAME-VERSION-1.ARCH.rpm in `out`, reproducibly. Needs rpmbuild. Nothing in a binary may be stripped:
 *  our code lies behind the runtime's, and a stripped one is a plain runtime. */
export async function makeRpm(
  layout: PackageLayout,
  facts: BuildFacts,
  arch: string,
  out: string,
  level: number,
  key: string | undefined,
): Promise<string> {
  const work = join(out, `.rpm-${layout.name}`);
  const source = join(work, "source");
  await rm(work, { recursive: true, force: true });
  await mkdir(source, { recursive: true });
  await layTree(layout.files, source);
  const spec = join(work, `${layout.name}.spec`);
  await writeFile(spec, specOf(layout, facts, source, level));
  await tool(["rpmbuild", "-bb", "--quiet", "--target", arch, "--define", `_topdir ${work}`, spec], facts);
  const name = `${layout.name}-${facts.version}-1.${arch}.rpm`;
  await rename(join(work, "RPMS", arch, name), join(out, name));
  await rm(work, { recursive: true });
  if (key !== undefined) {
    const gpg = ["--define", `__gpg ${Bun.which("gpg") ?? "gpg"}`, "--define", `_gpg_name ${key}`];
    await tool(["rpmsign", "--addsign", ...gpg, join(out, name)], facts);
  }
  return join(out, name);
}

function specOf(layout: PackageLayout, facts: BuildFacts, source: string, level: number): string {
  const requires = layout.needs.map((name) => `Requires: ${name} = ${facts.version}\n`).join("");
  const files = layout.files.map(({ path, mode, configuration }) => {
    const owner = `%attr(${mode.toString(8).padStart(4, "0")}, root, root)`;
    const kind = configuration ? "%config(noreplace) " : path.startsWith("/usr/share/doc/") ? "%doc " : "";
    return `${owner} ${kind}${path}`;
  });
  return `%global debug_package %{nil}
%global __strip /bin/true
%global __os_install_post %{nil}
%define _build_id_links none
%define _binary_payload w${level}.zstdio
%define use_source_date_epoch_as_buildtime 1
%define clamp_mtime_to_source_date_epoch 1
%define _buildhost holdfast
Name: ${layout.name}
Version: ${facts.version}
Release: 1
Summary: ${layout.summary[0]!.toUpperCase()}${layout.summary.slice(1)}
License: Apache-2.0
Group: System Environment/Daemons
Packager: Holdfast Authors <authors@holdfast.invalid>
AutoReqProv: no
${requires}
%description
${layout.description}
Holdfast keeps one host's files and time: the same files through S3, FTP, SFTP
and SMB, under one identity, one quota, one lock and one audit trail.

%install
cp -a ${source}/. %{buildroot}/
${scriptlets(layout)}
%files
${files.join("\n")}

%changelog
${rpmChangelog(changelogOf(facts))}`;
}

function scriptlets(layout: PackageLayout): string {
  const { service } = layout;
  const { installed } = housekeeping(layout);
  if (service === undefined) return `\n%post\n${installed}`;
  return `
%post
${installed}if ${onSystemd}; then
  systemctl daemon-reload
  if [ "$1" = 1 ]; then systemctl enable --now ${service}; fi
fi

%preun
if [ "$1" = 0 ] && ${onSystemd}; then systemctl disable --now ${service}; fi

%postun
if ${onSystemd}; then
  systemctl daemon-reload
  if [ "$1" != 0 ]; then systemctl try-restart ${service}; fi
fi
`;
}

/** Debian's change log in RPM's words: "* Sat Nov 21 2026 Name <address> - version-1". */
export function rpmChangelog(debian: string): string {
  const entries = debian.split(/^(?=\S+ \()/m).filter((entry) => entry.trim() !== "");
  return entries
    .map((entry) => {
      const [, version = ""] = /^\S+ \(([^)]+)\)/.exec(entry) ?? [];
      const [, who = "", week = "", day = "", month = "", year = ""] =
        /^ -- (.+>) {2}(\w+), (\d+) (\w+) (\d+)/m.exec(entry) ?? [];
      const items = [...entry.matchAll(/^ {2}\* (.*(?:\n {4}.*)*)/gm)].map(
        ([, item = ""]) => `- ${item.replaceAll(/\n\s+/g, "\n  ")}`,
      );
      return `* ${week} ${month} ${day} ${year} ${who} - ${version}-1\n${items.join("\n")}\n`;
    })
    .join("\n");
}
