import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { fail, ok, type Result } from "../../base/result.ts";
import { command, type ServiceManager, type ServicePlan } from "./service-manager.ts";
import { systemdUnit, sysusers } from "./systemd-unit.ts";

const ours = "/etc/systemd/system";
/** Where packages put units: theirs are not ours to replace. */
const packaged = ["/usr/lib/systemd/system", "/lib/systemd/system"];

const unitOf = (name: string): string => `holdfast-${name}.service`;

/** systemd, through systemctl. */
export const systemd: ServiceManager = {
  called: "systemd",

  isInstalled: (name) => [ours, ...packaged].some((folder) => existsSync(`${folder}/${unitOf(name)}`)),

  async install(plan) {
    const unit = unitOf(plan.name);
    const other = packaged.find((folder) => existsSync(`${folder}/${unit}`));
    if (other !== undefined) {
      return fail("exists", "a package has installed this service", {
        where: `${other}/${unit}`,
        mend: `systemctl enable --now ${unit}; for changes of your own: systemctl edit ${unit}`,
      });
    }
    const made = await makeUser();
    if (!made.ok) return made;
    const path = `${ours}/${unit}`;
    const written = await writeUnit(path, plan);
    if (!written.ok) return written;
    const known = await command("systemctl", "daemon-reload");
    if (!known.ok) return known;
    const begun = await command("systemctl", "enable", "--now", unit);
    return begun.ok ? ok(path) : begun;
  },

  async remove(name) {
    const path = `${ours}/${unitOf(name)}`;
    if (!existsSync(path)) {
      return fail("not-found", "there is no service that this program installed", {
        where: path,
        mend: "a package's service goes with the package",
      });
    }
    const ended = await command("systemctl", "disable", "--now", unitOf(name));
    if (!ended.ok) return ended;
    await rm(path, { force: true });
    await command("systemctl", "daemon-reload");
    return ok(path);
  },

  async act(action, name) {
    const done = await command("systemctl", action, unitOf(name));
    return done.ok ? ok() : done;
  },

  async status(name) {
    const active = await command("systemctl", "is-active", unitOf(name));
    const shown = await command("systemctl", "status", "--no-pager", "--lines=0", unitOf(name));
    return { running: active.ok, text: shown.ok ? shown.value.trimEnd() : `${unitOf(name)} does not run` };
  },
};

async function makeUser(): Promise<Result<unknown>> {
  const inline = sysusers.trim();
  if (Bun.which("systemd-sysusers")) return await command("systemd-sysusers", "--inline", inline);
  const known = await command("getent", "passwd", "holdfast");
  if (known.ok) return known;
  const home = ["--home-dir", "/var/lib/holdfast", "--no-create-home", "--shell", "/usr/sbin/nologin"];
  return await command("useradd", "--system", "--user-group", ...home, "holdfast");
}

async function writeUnit(path: string, plan: ServicePlan): Promise<Result<void>> {
  try {
    await mkdir(ours, { recursive: true });
    await writeFile(path, systemdUnit(plan), { mode: 0o644 });
    return ok();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const refused = code === "EACCES" || code === "EPERM";
    const mend = refused ? "do it as root" : undefined;
    return fail(refused ? "denied" : "io", `the unit cannot be written: ${code}`, { where: path, mend });
  }
}
