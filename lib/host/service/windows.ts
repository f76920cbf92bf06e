import { ok } from "../../base/result.ts";
import { command, type ServiceManager } from "./service-manager.ts";

const serviceOf = (name: string): string => `holdfast-${name}`;

/** Windows's service manager, through sc.exe. The program itself speaks its protocol:
 *  platform/windows-service.ts. */
export const windows: ServiceManager = {
  called: "Windows services",

  isInstalled: (name) => Bun.spawnSync(["sc.exe", "query", serviceOf(name)]).exitCode === 0,

  async install(plan) {
    const name = serviceOf(plan.name);
    const [program = "", ...flags] = plan.command;
    const line = [program, "service", "run", ...flags].map(quoted).join(" ");
    const facts = ["binPath=", line, "start=", "auto", "obj=", "NT AUTHORITY\\LocalService"];
    const made = await command("sc.exe", "create", name, ...facts, "DisplayName=", `Holdfast ${plan.name}`);
    if (!made.ok) return made;
    await command("sc.exe", "description", name, plan.summary);
    await command("sc.exe", "failure", name, "reset=", "86400", "actions=", "restart/2000/restart/10000//");
    const begun = await command("sc.exe", "start", name);
    return begun.ok ? ok(name) : begun;
  },

  async remove(name) {
    await command("sc.exe", "stop", serviceOf(name));
    const gone = await command("sc.exe", "delete", serviceOf(name));
    return gone.ok ? ok(serviceOf(name)) : gone;
  },

  async act(action, name) {
    if (action === "restart") await command("sc.exe", "stop", serviceOf(name));
    const words =
      action === "reload" ? ["control", serviceOf(name), "paramchange"] : [verbOf(action), serviceOf(name)];
    const done = await command("sc.exe", ...words);
    return done.ok ? ok() : done;
  },

  async status(name) {
    const shown = await command("sc.exe", "query", serviceOf(name));
    const running = shown.ok && /STATE\s*:\s*4\b/.test(shown.value);
    return { running, text: shown.ok ? shown.value.trim() : `${serviceOf(name)} does not run` };
  },
};

const verbOf = (action: "start" | "stop" | "restart"): string => (action === "stop" ? "stop" : "start");

const quoted = (word: string): string => (/[\s"]/.test(word) ? `"${word.replaceAll('"', '\\"')}"` : word);
