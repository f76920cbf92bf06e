import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { fail, ok } from "../../base/result.ts";
import { launchdPlist } from "./launchd-plist.ts";
import { command, type ServiceManager } from "./service-manager.ts";

const labelOf = (name: string): string => `dev.holdfast.${name}`;
const plistOf = (name: string): string => `/Library/LaunchDaemons/${labelOf(name)}.plist`;

/** macOS's launchd, through launchctl. Written from its manual; not yet run on a Mac. */
export const launchd: ServiceManager = {
  called: "launchd",

  isInstalled: (name) => existsSync(plistOf(name)),

  async install(plan) {
    const path = plistOf(plan.name);
    if (existsSync(path)) await command("launchctl", "bootout", `system/${labelOf(plan.name)}`);
    try {
      await writeFile(path, launchdPlist(plan), { mode: 0o644 });
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      return fail("denied", `the property list cannot be written: ${code}`, {
        where: path,
        mend: "use sudo",
      });
    }
    const begun = await command("launchctl", "bootstrap", "system", path);
    return begun.ok ? ok(path) : begun;
  },

  async remove(name) {
    const path = plistOf(name);
    if (!existsSync(path)) return fail("not-found", "there is no such service", { where: path });
    const ended = await command("launchctl", "bootout", `system/${labelOf(name)}`);
    if (!ended.ok) return ended;
    await rm(path, { force: true });
    return ok(path);
  },

  async act(action, name) {
    const target = `system/${labelOf(name)}`;
    const words = {
      start: ["bootstrap", "system", plistOf(name)],
      stop: ["bootout", target],
      restart: ["kickstart", "-k", target],
      reload: ["kill", "SIGHUP", target],
    }[action];
    const done = await command("launchctl", ...words);
    return done.ok ? ok() : done;
  },

  async status(name) {
    const shown = await command("launchctl", "print", `system/${labelOf(name)}`);
    const running = shown.ok && /state = running/.test(shown.value);
    return { running, text: `${labelOf(name)} ${running ? "runs" : "does not run"}` };
  },
};
