import type { RefReading } from "./reading.ts";
import { momentOf } from "./reading.ts";

/** A source of one's own: lines of JSON, `{"offset": s, "error": s, "leap": 0}`, offset being true time less
 *  the
 *  system's at the moment the line is written. Undefined for anything else, and for an offset beyond a year.
 *  */
export function readJsonLine(line: string, systemNow: number): RefReading | undefined {
  let said: unknown;
  try {
    said = line.length > 4096 ? undefined : JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof said !== "object" || said === null) return undefined;
  const { offset, error, leap } = said as Record<string, unknown>;
  if (typeof offset !== "number" || !(Math.abs(offset) < 365 * 86_400)) return undefined;
  if (error !== undefined && (typeof error !== "number" || !(error > 0 && error < 60))) return undefined;
  const system = momentOf(systemNow);
  return { real: momentOf(systemNow + offset), system, error, leap: leap === 1 || leap === -1 ? leap : 0 };
}
