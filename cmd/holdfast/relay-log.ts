import { asUnixMs } from "../../lib/base/time.ts";
import { lineText, type LogFormat } from "../../lib/watch/log-line.ts";
import type { LogFields, LogLevel } from "../../lib/watch/log.ts";

/** A child's log line in our own format. The children write JSON; what is none is theirs from before their
 *  log stood, or after it fell, and goes on under their name. */
export function relayed(name: string, line: string, format: LogFormat, colour: boolean): string {
  if (format === "json" && line.startsWith("{")) return `${line}\n`;
  const { time, level, message, ...fields } = parsed(line) ?? { message: line, daemon: name };
  const at = asUnixMs(typeof time === "string" ? Date.parse(time) : Date.now());
  const known = levels.find((one) => one === level) ?? "warn";
  const said = { at, level: known, message: String(message), fields: fields as LogFields };
  return `${lineText(said, format, colour)}\n`;
}

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

function parsed(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
