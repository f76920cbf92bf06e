import { memory, openLibc } from "./libc.ts";

/** The oscillator as nobody has corrected it (CLOCK_MONOTONIC_RAW), and the system's time, at one moment. */
export interface TwoClocks {
  /** Seconds since any start. */
  readonly oscillator: number;
  /** Unix seconds, whole, and nanoseconds. */
  readonly seconds: number;
  readonly nanoseconds: number;
}

const realtime = 0;
const monotonicRaw = 4;
const tries = 3;

/** Undefined where not Linux. */
export function openTwoClocks(): (() => TwoClocks) | undefined {
  const c = openLibc({ clock_gettime: { args: ["i32", "ptr"], returns: "i32" } });
  if (!c) return undefined;
  const specs = [memory(16), memory(16), memory(16)] as const;
  const words = specs.map((spec) => new Int32Array(spec.u8.buffer));
  const secondsOf = (i: number): number => (words[i]![0]! >>> 0) + words[i]![1]! * 2 ** 32;
  return () => {
    let best: TwoClocks | undefined;
    let narrowest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < tries; i++) {
      c.clock_gettime(monotonicRaw, specs[0].pointer);
      c.clock_gettime(realtime, specs[1].pointer);
      c.clock_gettime(monotonicRaw, specs[2].pointer);
      const before = secondsOf(0) + words[0]![2]! * 1e-9;
      const after = secondsOf(2) + words[2]![2]! * 1e-9;
      if (after - before >= narrowest) continue;
      narrowest = after - before;
      best = { oscillator: (before + after) / 2, seconds: secondsOf(1), nanoseconds: words[1]![2]! };
    }
    return best!;
  };
}
