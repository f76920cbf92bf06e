import type { Moment, RefReading } from "./reading.ts";

/** What makes gpsd tell: sent once, as a line. */
export const gpsdWatch = '?WATCH={"enable":true,"json":true,"pps":true};\n';

const longestLine = 16_384;
/** Fields of a clock's reading in TOFF and PPS. */
type Clocks = Readonly<Record<"real_sec" | "real_nsec" | "clock_sec" | "clock_nsec", unknown>>;

/** Reads one line of gpsd's JSON. TOFF tells when the serial message came (tenths of a second), PPS when the
 *  pulse did (microseconds); both say what time it was. Anything else is undefined, and so is what cannot
 *  be. */
export function readGpsdLine(line: string): (RefReading & { readonly pulse: boolean }) | undefined {
  if (line.length > longestLine) return undefined;
  const said = jsonOf(line);
  const kind = said?.["class"];
  if (!said || (kind !== "TOFF" && kind !== "PPS")) return undefined;
  const { real_sec, real_nsec, clock_sec, clock_nsec } = said as unknown as Clocks;
  const real = moment(real_sec, real_nsec);
  const system = moment(clock_sec, clock_nsec);
  if (!real || !system) return undefined;
  const precision = said["precision"];
  const error =
    typeof precision === "number" && precision < 0 && precision > -40 ? 2 ** precision : undefined;
  return { real, system, error, leap: 0, pulse: kind === "PPS" };
}

function moment(seconds: unknown, nanoseconds: unknown): Moment | undefined {
  if (typeof seconds !== "number" || typeof nanoseconds !== "number") return undefined;
  const inRange = Number.isInteger(seconds) && seconds > 0 && nanoseconds >= 0 && nanoseconds < 1e9;
  return inRange ? { seconds, nanoseconds } : undefined;
}

function jsonOf(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
