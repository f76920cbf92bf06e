import { ask, type Flow } from "../asks.ts";
import type { Control } from "../control.ts";
import { readTimeVal } from "../time.ts";

/** Both forms that clients send: "YYYYMMDDhhmm[ss] path" and "path access modify create UTC". */
export function* siteUtime(control: Control, argument: string): Flow {
  const { time, name } = timeAndName(argument);
  const modifiedAt = readTimeVal(time.length === 12 ? `${time}00` : time);
  if (modifiedAt === undefined) return control.reply(501, "SITE UTIME YYYYMMDDhhmmss path");
  const path = control.pathOf(name);
  if (!path.ok) return control.refuse(path.fault, 550);
  const changed = yield* ask("change", { path: path.value, modifiedAt });
  if (!changed.ok) return control.refuse(changed.fault);
  return control.reply(200, "Time changed");
}

function timeAndName(argument: string): { time: string; name: string } {
  const long = /^(.+) \d{14} (\d{14}) \d{14} UTC$/i.exec(argument);
  if (long) return { time: long[2]!, name: long[1]! };
  const short = /^(\d{12}(?:\d\d)?) (.+)$/.exec(argument);
  return { time: short?.[1] ?? "", name: short?.[2] ?? "" };
}
