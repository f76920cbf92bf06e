import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { epochOf, layTree } from "./deb.ts";
import type { BuildFacts } from "./facts.ts";
import type { PackageLayout } from "./layout.ts";
import { scriptsOf } from "./scripts.ts";

/** Makes NAME-VERSION-1.ARCH.rpm in `out`, reproducibly. Needs rpmbuild. Nothing in a binary may be stripped:
 *  our code lies behind the runtime's, and a stripped one is a plain runtime. */
export async function makeRpm(
  layout: PackageLayout,
  facts: BuildFacts,
  arch: string,
  out: string,
): Promise<string> {
  const work = join(out, `.rpm-${layout.name}`);
  const source = join(work, "source");
  await rm(work, { recursive: true, force: true });
  await mkdir(source, { recursive: true });
  await layTree(layout, source);
  const spec = join(work, `${layout.name}.spec`);
  await writeFile(spec, specOf(layout, facts, source));
  const child = Bun.spawn(
    ["rpmbuild", "-bb", "--quiet", "--target", arch, "--define", `_topdir ${work}`, spec],
    {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epochOf(facts)) },
      stdout: "ignore",
      stderr: "inherit",
    },
  );
  if ((await child.exited) !== 0) throw new Error(`rpmbuild refused ${layout.name}`);
  const name = `${layout.name}-${facts.version}-1.${arch}.rpm`;
  await rename(join(work, "RPMS", arch, name), join(out, name));
  await rm(work, { recursive: true });
  return join(out, name);
}

function specOf(layout: PackageLayout, facts: BuildFacts, source: string): string {
  const { installed, removing, removed } = scriptsOf(layout);
  const requires = layout.needs.map((name) => `Requires: ${name} = ${facts.version}\n`).join("");
  const files = layout.files.map(({ path, mode, configuration }) => {
    const owner = `%attr(${mode.toString(8).padStart(4, "0")}, root, root)`;
    return `${owner} ${configuration ? "%config(noreplace) " : ""}${path}`;
  });
  return `%global debug_package %{nil}
%global __strip /bin/true
%global __os_install_post %{nil}
%define _build_id_links none
%define _binary_payload w19.zstdio
%define use_source_date_epoch_as_buildtime 1
%define clamp_mtime_to_source_date_epoch 1
%define _buildhost holdfast
Name: ${layout.name}
Version: ${facts.version}
Release: 1
Summary: ${layout.summary}
License: Apache-2.0
AutoReqProv: no
${requires}
%description
${layout.description}

%install
cp -a ${source}/. %{buildroot}/

%post
${installed('[ "$1" = 1 ]')}
%preun
${removing('[ "$1" = 0 ]')}
%postun
${removed()}
%files
${files.join("\n")}
`;
}
