import { join } from "node:path";
import { top, type BuildFacts } from "./facts.ts";
import { daemonServices, type DaemonService } from "../cmd/daemon-services.ts";
import { serviceFlags } from "../lib/host/service/service-manager.ts";
import { systemdUnit, sysusers, tmpfiles } from "../lib/host/service/systemd-unit.ts";

/** One file of a package: where it goes, and what is in it. */
export interface PackagedFile {
  /** Absolute, as installed. */
  readonly path: string;
  readonly mode: number;
  /** Its text, or the file of this checkout it is a copy of. */
  readonly content: { readonly text: string } | { readonly copy: string };
  /** The operator's own once installed: kept on upgrade and on removal. */
  readonly configuration?: boolean;
}

/** A package, the same for DEB and RPM. */
export interface PackageLayout {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  /** Names of our own packages it needs, of the very same version. */
  readonly needs: readonly string[];
  /** The unit it brings, if any. */
  readonly service: string | undefined;
  readonly files: readonly PackagedFile[];
}

/** holdfast-common (command line, user, directories) and one package a daemon that was built. */
export function packageLayouts(dist: string, built: readonly string[], facts: BuildFacts): PackageLayout[] {
  const services = daemonServices.filter((daemon) => built.includes(`holdfast-${daemon.name}`));
  return [commonPackage(dist), ...services.map((daemon) => daemonPackage(dist, daemon, facts))];
}

function commonPackage(dist: string): PackageLayout {
  return {
    name: "holdfast-common",
    summary: "Holdfast: the operator's command line and what its daemons share",
    description: "The command holdfast, the service user, the directories and the documentation.",
    needs: [],
    service: undefined,
    files: [
      { path: "/usr/bin/holdfast", mode: 0o755, content: { copy: join(dist, "holdfast") } },
      { path: "/usr/lib/sysusers.d/holdfast.conf", mode: 0o644, content: { text: sysusers } },
      { path: "/usr/lib/tmpfiles.d/holdfast.conf", mode: 0o644, content: { text: tmpfiles } },
      {
        path: "/etc/holdfast/holdfast.yaml",
        mode: 0o640,
        content: { text: "# What every Holdfast daemon of this host reads first.\n" },
        configuration: true,
      },
      ...documents("holdfast-common"),
    ],
  };
}

function daemonPackage(dist: string, daemon: DaemonService, facts: BuildFacts): PackageLayout {
  const name = `holdfast-${daemon.name}`;
  return {
    name,
    summary: `Holdfast: ${daemon.summary}`,
    description: `One binary, one service: ${daemon.summary}. Built from ${facts.commit}.`,
    needs: ["holdfast-common"],
    service: `${name}.service`,
    files: [
      { path: `/usr/bin/${name}`, mode: 0o755, content: { copy: join(dist, name) } },
      {
        path: `/usr/lib/systemd/system/${name}.service`,
        mode: 0o644,
        content: {
          text: systemdUnit({ ...daemon, command: [`/usr/bin/${name}`, ...serviceFlags], writable: [] }),
        },
      },
      {
        path: `/etc/holdfast/${daemon.name}.yaml`,
        mode: 0o640,
        content: { text: configurationOf(name) },
        configuration: true,
      },
      ...documents(name),
    ],
  };
}

const configurationOf = (name: string): string =>
  `# Settings of ${name}. Without any it runs on its defaults: \`${name} --manual\` tells them all.\n`;

const documents = (name: string): PackagedFile[] => [
  { path: `/usr/share/doc/${name}/copyright`, mode: 0o644, content: { text: copyright } },
  { path: `/usr/share/doc/${name}/README.md`, mode: 0o644, content: { copy: join(top, "README.md") } },
];

const copyright = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Holdfast

Files: *
Copyright: the authors of Holdfast
License: Apache-2.0
 On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.
`;
