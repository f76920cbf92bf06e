/** The service in a Debian that was booted: installed, reloaded, hung, killed, misconfigured, removed; and
 *  the package. Needs root, debootstrap, systemd-nspawn, and `npm run build` (and `npm run packages` for
 *  the DEB). */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apt, needs, run } from "../interop/peers.ts";
import { top } from "../sources.ts";

const debootstrap = apt("debootstrap");
const nspawn = apt("systemd-nspawn", "systemd-container");
const binary = join(top, "dist/holdfast-utcd");
/** Asked for by name (HOLDFAST_BOOT=1): it boots a whole Debian, and takes minutes. */
const possible = process.env["HOLDFAST_BOOT"] === "1" && process.getuid?.() === 0 && existsSync(binary);

const scenarioUnit = `[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/root/booted.sh
StandardOutput=file:/root/said.txt
StandardError=file:/root/said.err
ExecStopPost=/bin/systemctl poweroff
[Install]
WantedBy=multi-user.target
`;

/** A small Debian, made once and kept in .cache. */
async function debianRoot(): Promise<string> {
  const kept = join(top, ".cache/debian-bookworm");
  if (!existsSync(join(kept, "etc/debian_version"))) {
    await mkdir(kept, { recursive: true });
    const include = "--include=systemd,systemd-sysv,dbus,procps";
    const made = await run(["debootstrap", "--variant=minbase", include, "bookworm", kept], { seconds: 600 });
    if (made.code !== 0) await rm(kept, { recursive: true, force: true });
    expect(made).toMatchObject({ code: 0 });
  }
  const root = await mkdtemp(join(tmpdir(), "holdfast-booted-"));
  expect(await run(["cp", "-a", `${kept}/.`, root])).toMatchObject({ code: 0 });
  return root;
}

async function scenario(): Promise<ReadonlyMap<string, string>> {
  const root = await debianRoot();
  try {
    await copyFile(binary, join(root, "usr/local/bin/holdfast-utcd"));
    await copyFile(join(import.meta.dir, "booted.sh"), join(root, "root/booted.sh"));
    await run(["chmod", "755", join(root, "root/booted.sh"), join(root, "usr/local/bin/holdfast-utcd")]);
    const packages = join(top, "dist/packages");
    for (const name of existsSync(packages) ? await readdir(packages) : []) {
      const wanted = /^holdfast-(?:common|utcd)_.*\.deb$/.test(name);
      if (wanted) await copyFile(join(packages, name), join(root, "root", name));
    }
    const units = join(root, "etc/systemd/system");
    await writeFile(join(units, "scenario.service"), scenarioUnit);
    await mkdir(join(units, "multi-user.target.wants"), { recursive: true });
    await symlink("../scenario.service", join(units, "multi-user.target.wants/scenario.service"));
    const flags = ["--boot", "--register=no", "--keep-unit", "--private-network", "--console=pipe"];
    await run(["systemd-nspawn", "-q", "-D", root, ...flags], { seconds: 240 });
    const said = await readFile(join(root, "root/said.txt"), "utf8");
    if (!said.includes("end: 0")) console.log(said, await readFile(join(root, "root/said.err"), "utf8"));
    const pairs = said.split("\n").flatMap((line) => {
      const match = /^([a-z-]+): (.*)$/.exec(line);
      return match ? [[match[1]!, match[2]!] as const] : [];
    });
    return new Map(pairs);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const booted = possible ? needs(debootstrap, nspawn) : test.skip;

booted(
  "a service by its own verbs, and by its package",
  async () => {
    const said = await scenario();
    const told = (name: string): string => said.get(name) ?? "it said nothing";
    expect([told("installed"), told("active"), told("status")]).toEqual(["0", "active", "0"]);
    expect(told("user")).toBe("holdfast");
    expect(told("data")).toBe("holdfast 700 holdfast 600");
    expect(told("listens")).toMatch(/ntp=":: 123".* daytime=":: 13"/);
    expect(told("secrets")).toBe("0");
    expect(told("reload")).toBe("0");
    expect(told("reloaded")).toContain("changed=log.level");
    expect(told("reload-bad")).not.toBe("0");
    expect(told("after-bad")).toBe("active");
    expect(told("after-hang")).toBe("active 1");
    expect(told("after-crash")).toBe("active 2");
    expect(told("bad-start")).toBe("failed 78 0");
    expect(told("start")).toBe("0");
    expect(told("stop")).toMatch(/^0 \d{1,4} ms$/);
    expect(told("stopped")).toBe("69");
    expect(told("removed")).toBe("0");
    expect(told("left")).toBe("0 inactive");
    expect(told("kept")).toBe("/var/lib/holdfast/catalog.db");
    if (!said.has("deb-installed")) return;
    expect([told("deb-installed"), told("deb-active"), told("deb-status")]).toEqual(["0", "active", "0"]);
    expect(told("deb-again")).toBe("0 log: {level: warn}");
    expect(told("deb-removed")).toBe("0 inactive /var/lib/holdfast/catalog.db");
    expect(told("deb-purged")).toBe("0 ");
  },
  900_000,
);
