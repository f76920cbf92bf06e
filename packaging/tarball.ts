import { chmod, mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { daemonServices } from "../cmd/daemon-services.ts";
import { launchdPlist } from "../lib/host/service/launchd-plist.ts";
import { serviceFlags } from "../lib/host/service/service-manager.ts";
import { completions, daemonDocuments, houseDocuments } from "./documents.ts";
import { epochOf, type BuildFacts } from "./facts.ts";
import { compressed, layTree, type Level } from "./lay-tree.ts";
import type { PackagedFile } from "./layout.ts";
import { tool } from "./tool.ts";

/** holdfast-VERSION-TARGET.tar.gz: unpacked at / it puts the executables into /usr/local/bin, with manual
 *  pages, completions, and on macOS launchd's lists. The same bytes whenever it is made. Needs GNU tar. */
export async function makeTarball(
  from: string,
  built: readonly string[],
  target: string,
  facts: BuildFacts,
  out: string,
  level: Level,
): Promise<string> {
  const name = `holdfast-${facts.version}-${target}`;
  const tree = join(out, `.tar-${name}`);
  await rm(tree, { recursive: true, force: true });
  await mkdir(tree, { recursive: true });
  await chmod(tree, 0o755);
  await layTree(contents(from, built, target, facts), tree);
  await tool(["find", tree, "-type", "d", "-exec", "chmod", "755", "{}", "+"], facts);
  const when = new Date(epochOf(facts) * 1000);
  await utimes(tree, when, when);
  const bare = join(out, `${name}.tar`);
  const how = ["--sort=name", `--mtime=@${epochOf(facts)}`, "--owner=0", "--group=0", "--numeric-owner"];
  await tool(["tar", ...how, "--format=ustar", "-cf", bare, "-C", tree, "usr", ...extra(target)], facts);
  const file = `${bare}.gz`;
  await writeFile(file, compressed(await Bun.file(bare).bytes(), level));
  await rm(bare);
  await rm(tree, { recursive: true });
  return file;
}

const isMac = (target: string): boolean => target.startsWith("darwin-");
const extra = (target: string): string[] => (isMac(target) ? ["Library"] : []);

function contents(
  from: string,
  built: readonly string[],
  target: string,
  facts: BuildFacts,
): readonly PackagedFile[] {
  const daemons = daemonServices.filter(({ name }) => built.includes(`holdfast-${name}`));
  const programs = built.map((name) => ({
    path: `/usr/local/bin/${name}`,
    mode: 0o755,
    content: { copy: join(from, name) },
  }));
  const lists = daemons.map((daemon) => ({
    path: `/Library/LaunchDaemons/dev.holdfast.${daemon.name}.plist`,
    mode: 0o644,
    content: {
      text: launchdPlist({
        ...daemon,
        command: [`/usr/local/bin/holdfast-${daemon.name}`, ...serviceFlags],
        writable: [],
      }),
    },
  }));
  const documents = [
    ...completions(),
    ...houseDocuments("holdfast", facts),
    ...daemons.flatMap(({ name }) => daemonDocuments(`holdfast-${name}`, name, facts)),
  ].map((file) => ({ ...file, path: file.path.replace(/^\/usr\/share\//, "/usr/local/share/") }));
  return [...programs, ...documents, ...(isMac(target) ? lists : [])];
}
