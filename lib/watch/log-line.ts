import type { UnixMs } from "../base/time.ts";
import type { LogFields, LogLevel } from "./log.ts";

/** How lines look: JSON for machines, human for a terminal; journald lines begin with their priority. */
export type LogFormat = "json" | "human" | "journal";

export interface LogLine {
  readonly at: UnixMs;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A message or a text field longer than this is cut: one line of a client's making must not fill the
 *  disk. */
export const longestText = 8192;

/** One line without its line break. No field can break it: control characters are escaped. */
export function lineText(line: LogLine, format: LogFormat, colour = false): string {
  if (format === "json") return jsonLine(line);
  if (format === "journal") return `<${priority[line.level]}>${wordsOf(line, false)}`;
  return `${clockText(line.at, colour)} ${levelText(line.level, colour)} ${wordsOf(line, colour)}`;
}

/** sd-daemon(3) */
const priority: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3 };

function jsonLine({ at, level, message, fields }: LogLine): string {
  let text = `{"time":"${new Date(at).toISOString()}","level":"${level}","message":${quoted(message)}`;
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined) continue;
    const shown = typeof value === "string" ? quoted(value) : Number.isNaN(value) ? "null" : String(value);
    text += `,${JSON.stringify(reserved.has(name) ? `field_${name}` : name)}:${finite(shown)}`;
  }
  return `${text}}`;
}

const reserved = new Set(["time", "level", "message"]);
const finite = (shown: string): string => (/^-?Infinity$/.test(shown) ? "null" : shown);
const cut = (text: string): string => (text.length > longestText ? `${text.slice(0, longestText)}…` : text);
/** JSON escapes C0 itself; DEL, C1 and the two separators can still move a terminal or split a line. */
const quoted = (text: string): string =>
  JSON.stringify(cut(text)).replace(/[\u007f-\u009f\u2028\u2029]/g, unicodeEscape);
const unicodeEscape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;

function wordsOf({ message, fields }: LogLine, colour: boolean): string {
  let text = escaped(message);
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined) continue;
    const shown = typeof value === "string" ? wordText(value) : String(value);
    text += colour ? ` ${dim}${name}=${plain}${shown}` : ` ${name}=${shown}`;
  }
  return text;
}

const wordText = (value: string): string => (/^[\w./:@+[\]-]+$/.test(value) ? value : quoted(value));
const escaped = (text: string): string =>
  /[\p{Cc}\u2028\u2029]/u.test(text) ? quoted(text).slice(1, -1) : cut(text);

const dim = "\u001b[2m";
const plain = "\u001b[0m";
const colours: Readonly<Record<LogLevel, string>> = {
  debug: "\u001b[2m",
  info: "\u001b[32m",
  warn: "\u001b[33m",
  error: "\u001b[31m",
};

const levelText = (level: LogLevel, colour: boolean): string =>
  colour ? `${colours[level]}${level.padEnd(5)}${plain}` : level.padEnd(5);

function clockText(at: UnixMs, colour: boolean): string {
  const time = new Date(at).toISOString().slice(11, 23);
  return colour ? `${dim}${time}${plain}` : time;
}
