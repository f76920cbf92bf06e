import { command } from "../command.ts";
import type { Flow } from "../asks.ts";
import type { Control } from "../control.ts";
import { siteChmod } from "./site-chmod.ts";
import { siteCopyFrom, siteCopyTo } from "./site-copy.ts";
import { siteQuota } from "./site-quota.ts";
import { siteWho } from "./site-who.ts";
import { siteUtime } from "./site-utime.ts";

type Site = (control: Control, argument: string) => Flow | undefined;

/** RFC 959 §4.1.3: what is ours alone. Nothing here ever runs a programme. */
export const site = command("SITE", "<command> [argument]", (control, argument) => {
  const [, name = "", rest = ""] = /^(\S+) ?(.*)$/.exec(argument) ?? [];
  const run = sites.get(name.toUpperCase());
  return run ? run(control, rest) : control.reply(500, "SITE HELP tells what there is");
});

const sites: ReadonlyMap<string, Site> = new Map<string, Site>([
  ["CHMOD", siteChmod],
  ["UTIME", siteUtime],
  ["CPFR", siteCopyFrom],
  ["CPTO", siteCopyTo],
  ["QUOTA", siteQuota],
  ["WHO", siteWho],
  ["SYMLINK", (control) => control.reply(550, "Links cannot be made here")],
  ["UMASK", (control) => control.reply(200, "The store keeps its own rules")],
  ["IDLE", idle],
  ["HELP", (control) => control.replyLines(214, "SITE commands:", [...sites.keys()], "End")],
]);

export const siteNames = (): string[] => [...sites.keys()];

function idle(control: Control, argument: string): undefined {
  const seconds = argument.trim();
  if (seconds === "") return control.reply(200, `You may be silent for ${control.idleMs / 1000} seconds`);
  if (!/^\d{1,6}$/.test(seconds) || Number(seconds) < 30) return control.reply(501, "SITE IDLE seconds");
  control.idleMs = Math.min(Number(seconds) * 1000, control.policy.idleMs);
  return control.reply(200, `You may be silent for ${control.idleMs / 1000} seconds`);
}
