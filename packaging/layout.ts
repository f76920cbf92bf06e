import { join } from "node:path";
import { daemonServices, type DaemonService } from "../cmd/daemon-services.ts";
import { serviceFlags } from "../lib/host/service/service-manager.ts";
import { systemdUnit, sysusers, tmpfiles } from "../lib/host/service/systemd-unit.ts";
import { completions, daemonDocuments, houseDocuments } from "./documents.ts";
import { top, type BuildFacts } from "./facts.ts";

/** One file of a package: where it goes, and what is in it. */
export interface PackagedFile {
  /** Absolute, as installed. */
  readonly path: string;
  readonly mode: number;
  /** Its text, its text to be compressed, or the file it is a copy of. */
  readonly content: { readonly text: string } | { readonly gzip: string } | { readonly copy: string };
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
  return [commonPackage(dist, facts), ...services.map((daemon) => daemonPackage(dist, daemon, facts))];
}

function commonPackage(dist: string, facts: BuildFacts): PackageLayout {
  const name = "holdfast-common";
  return {
    name,
    summary: "command line and common files of the Holdfast daemons",
    description: "The command holdfast, the service user, the directories and the documentation.",
    needs: [],
    service: undefined,
    files: [
      { path: "/usr/bin/holdfast", mode: 0o755, content: { copy: join(dist, "holdfast") } },
      { path: "/usr/lib/sysusers.d/holdfast.conf", mode: 0o644, content: { text: sysusers } },
      { path: "/usr/lib/tmpfiles.d/holdfast.conf", mode: 0o644, content: { text: tmpfiles } },
      ownConfiguration("holdfast", "# What every Holdfast daemon of this host reads first.\n"),
      {
        path: "/etc/logrotate.d/holdfast",
        mode: 0o644,
        content: { copy: join(top, "packaging/text/logrotate") },
        configuration: true,
      },
      ...completions(),
      ...houseDocuments(name, facts),
    ],
  };
}

function daemonPackage(dist: string, daemon: DaemonService, facts: BuildFacts): PackageLayout {
  const name = `holdfast-${daemon.name}`;
  const command = [`/usr/bin/${name}`, ...serviceFlags];
  const settings = `# Settings of ${name}. It needs none: ${name} --manual tells them.\n`;
  return {
    name,
    summary: `${daemon.summary} of the Holdfast house`,
    description: `One executable and its service, built from ${facts.commit}.`,
    needs: ["holdfast-common"],
    service: `${name}.service`,
    files: [
      { path: `/usr/bin/${name}`, mode: 0o755, content: { copy: join(dist, name) } },
      {
        path: `/usr/lib/systemd/system/${name}.service`,
        mode: 0o644,
        content: { text: systemdUnit({ ...daemon, command, writable: [] }) },
      },
      ownConfiguration(daemon.name, settings),
      ...daemonDocuments(name, daemon.name, facts),
    ],
  };
}

const ownConfiguration = (name: string, text: string): PackagedFile => ({
  path: `/etc/holdfast/${name}.yaml`,
  mode: 0o640,
  content: { text },
  configuration: true,
});
