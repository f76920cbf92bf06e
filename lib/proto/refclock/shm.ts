import type { RefReading } from "./reading.ts";

/** The segment that ntpd's SHM driver, gpsd and others share; unit 0 is the first. */
export const shmKey = (unit: number): number => 0x4e545030 + unit;
export const shmBytes = 96;

const leapOf: Readonly<Record<number, -1 | 0 | 1>> = { 1: 1, 2: -1 };

/** Reads `struct shmTime` of 64-bit Linux (mode 0, count 4, clock seconds 8, µs 16, receive seconds 24, µs
 *  32,
 *  leap 36, precision 40, samples 44, valid 48, clock ns 52, receive ns 56). `copy` is one copy of the
 *  segment,
 *  `countAfter` its counter read once more after that: in mode 1 a changed counter is a torn reading.
 *  Undefined
 *  where nothing valid is there. Whoever uses it clears `valid` afterwards. */
export function readShm(copy: DataView, countAfter: number): RefReading | undefined {
  const int = (at: number): number => copy.getInt32(at, true);
  const mode = int(0);
  if (int(48) === 0 || (mode !== 0 && mode !== 1)) return undefined;
  if (mode === 1 && int(4) !== countAfter) return undefined;
  const real = momentAt(copy, 8, 16, 52);
  const system = momentAt(copy, 24, 32, 56);
  const precision = int(40);
  const error = precision < 0 && precision > -40 ? 2 ** precision : undefined;
  return real && system && { real, system, error, leap: leapOf[int(36)] ?? 0 };
}

/** Nanoseconds count only where they go with the microseconds: old writers do not fill them. */
function momentAt(copy: DataView, secondsAt: number, microsAt: number, nanosAt: number) {
  const seconds = Number(copy.getBigInt64(secondsAt, true));
  const micros = copy.getInt32(microsAt, true);
  const nanos = copy.getUint32(nanosAt, true);
  if (!(seconds > 0 && seconds < 2 ** 40) || micros < 0 || micros > 999_999) return undefined;
  const agrees = nanos < 1e9 && Math.floor(nanos / 1000) === micros;
  return { seconds, nanoseconds: agrees ? nanos : micros * 1000 };
}
