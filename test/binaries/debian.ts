/** A small Debian of its own, to install into and to boot. Needs root, debootstrap and systemd-nspawn. */
import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apt, run } from "../interop/peers.ts";
import { top } from "../sources.ts";

export const debootstrap = apt("debootstrap");
export const nspawn = apt("systemd-nspawn", "systemd-container");

/** Booting wants root and namespaces: CI has them; elsewhere it is asked for by HOLDFAST_BOOT=1. */
export const mayBoot: boolean =
  process.getuid?.() === 0 && (process.env["CI"] === "true" || process.env["HOLDFAST_BOOT"] === "1");

/** A fresh copy of a Debian that is made once and kept in .cache. The caller removes it. */
export async function debianRoot(): Promise<string> {
  const kept = join(top, ".cache/debian-bookworm");
  if (!existsSync(join(kept, "etc/debian_version"))) {
    await mkdir(kept, { recursive: true });
    const include = "--include=systemd,systemd-sysv,dbus,procps";
    const made = await run(["debootstrap", "--variant=minbase", include, "bookworm", kept], { seconds: 600 });
    if (made.code !== 0) await rm(kept, { recursive: true, force: true });
    expect(made).toMatchObject({ code: 0 });
  }
  const root = await mkdtemp(join(tmpdir(), "holdfast-debian-"));
  expect(await run(["cp", "-a", `${kept}/.`, root])).toMatchObject({ code: 0 });
  return root;
}

/** systemd ends the scenario by itself after this, whatever hangs in it. */
const patienceSeconds = 150;

const scenarioUnit = `[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/root/scenario.sh
StandardOutput=file:/root/said.txt
StandardError=file:/root/said.err
TimeoutStartSec=${patienceSeconds}
ExecStopPost=/bin/systemctl poweroff
[Install]
WantedBy=multi-user.target
`;

/** Boots the system at `root`, runs a script of this folder in it, and gives what it said in lines "name:
 *  value". The machine's own files are beneath /host, for the clients that the small Debian lacks; `binds`
 *  are "SOURCE:TARGET", to read. */
export async function bootedSays(
  root: string,
  script: string,
  binds: readonly string[] = [],
): Promise<ReadonlyMap<string, string>> {
  const inside = join(root, "root/scenario.sh");
  await copyFile(join(import.meta.dir, script), inside);
  await chmod(inside, 0o755);
  const units = join(root, "etc/systemd/system");
  await writeFile(join(units, "scenario.service"), scenarioUnit);
  await mkdir(join(units, "multi-user.target.wants"), { recursive: true });
  await symlink("../scenario.service", join(units, "multi-user.target.wants/scenario.service"));
  const flags = ["--boot", "--register=no", "--keep-unit", "--private-network", "--console=pipe"];
  const seen = ["/:/host", ...binds].map((bind) => `--bind-ro=${bind}`);
  await run(["systemd-nspawn", "-q", "-D", root, ...flags, ...seen], { seconds: patienceSeconds + 60 });
  const said = await readFile(join(root, "root/said.txt"), "utf8");
  // Shown only where a test fails: bun test keeps what was printed in good ones to itself.
  const err = await readFile(join(root, "root/said.err"), "utf8");
  if (!said.includes("end: 0")) console.log(said);
  console.log(err);

  const pairs = said.split("\n").flatMap((line) => {
    const match = /^([a-z0-9-]+): ?(.*)$/.exec(line);
    return match ? [[match[1]!, match[2]!] as const] : [];
  });
  return new Map(pairs);
}
