import type { RefReading } from "./reading.ts";

/** A GPS week counter has ten bits: receivers that do not know better fall back by so many seconds. */
const rolloverSeconds = 1024 * 7 * 86_400;

/** Reads one NMEA 0183 sentence: RMC with status A, or ZDA. Undefined for anything else, for a checksum that
 *  is
 *  wrong or missing, and for a date that cannot be. `notBefore` (Unix seconds) is when this was built: an
 *  earlier
 *  date is a counter that rolled over, and is put right by 1024 weeks at a time. */
export function readNmea(sentence: string, notBefore: number): RefReading | undefined {
  const [, body, sum] =
    /^\$([A-Z]{2}(?:RMC|ZDA),[^*$\r\n]{0,100})\*([0-9A-Fa-f]{2})\s*$/.exec(sentence) ?? [];
  if (body === undefined || sum === undefined || checksum(body) !== Number.parseInt(sum, 16))
    return undefined;
  const fields = body.split(",");
  const unix = body.startsWith("RMC", 2) ? rmc(fields) : zda(fields);
  if (unix === undefined) return undefined;
  const behind = Math.max(0, Math.ceil((notBefore - unix) / rolloverSeconds));
  const seconds = Math.floor(unix) + behind * rolloverSeconds;
  const nanoseconds = Math.round((unix - Math.floor(unix)) * 1e9);
  return { real: { seconds, nanoseconds }, system: undefined, error: undefined, leap: 0 };
}

function checksum(body: string): number {
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum ^= body.charCodeAt(i);
  return sum;
}

/** $--RMC,hhmmss.ss,A,…,ddmmyy,… : field 9 is the date. */
function rmc(fields: readonly string[]): number | undefined {
  const [, day, month, year] = /^(\d\d)(\d\d)(\d\d)$/.exec(fields[9] ?? "") ?? [];
  if (fields[2] !== "A" || year === undefined) return undefined;
  const century = Number(year) >= 80 ? 1900 : 2000;
  return unixOf(century + Number(year), Number(month), Number(day), fields[1]);
}

/** $--ZDA,hhmmss.ss,dd,mm,yyyy,… */
function zda(fields: readonly string[]): number | undefined {
  return unixOf(Number(fields[4]), Number(fields[3]), Number(fields[2]), fields[1]);
}

function unixOf(year: number, month: number, day: number, clock: string | undefined): number | undefined {
  const [, hours, minutes, seconds] = /^(\d\d)(\d\d)(\d\d(?:\.\d{1,9})?)$/.exec(clock ?? "") ?? [];
  if (seconds === undefined || !(year >= 1980 && year < 2200)) return undefined;
  const midnight = Date.UTC(year, month - 1, day);
  const isDate = new Date(midnight).getUTCMonth() === month - 1 && new Date(midnight).getUTCDate() === day;
  if (!isDate || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) >= 61) return undefined;
  return midnight / 1000 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}
