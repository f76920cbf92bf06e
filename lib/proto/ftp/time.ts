import { asUnixMs, type UnixMs } from "../../base/time.ts";

/** RFC 3659 §2.3: "YYYYMMDDHHMMSS" with ".sss" where there are milliseconds; UTC. */
export function timeVal(at: UnixMs): string {
  const text = new Date(at).toISOString();
  const digits = text.slice(0, 19).replace(/[-:T]/g, "");
  const fraction = text.slice(20, 23);
  return fraction === "000" ? digits : `${digits}.${fraction}`;
}

/** Reads what `timeVal` writes; undefined where no such moment exists, or before 1970. */
export function readTimeVal(text: string): UnixMs | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?$/.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as Six;
  const at = Date.UTC(year, month - 1, day, hour, minute, second) + Number(`0.${parts[7] ?? 0}`) * 1000;
  const whole = new Date(at);
  const exists = whole.getUTCMonth() === month - 1 && whole.getUTCDate() === day && hour < 24;
  return exists && minute < 60 && second < 60 && year >= 1970 ? asUnixMs(Math.floor(at)) : undefined;
}
type Six = [number, number, number, number, number, number];
