import { memory, openLibc, type Memory } from "./libc.ts";

/** What the kernel says of its clock: `struct timex` (adjtimex(2)), read and not set. */
export interface KernelClock {
  /** Whether whoever keeps the clock vouches for it. */
  readonly synchronised: boolean;
  readonly leap: "none" | "insert" | "delete" | "now";
  /** Seconds: the bound that the clock's keeper states, grown since by 500 µs/s. */
  readonly maxError: number;
  /** Seconds: the keeper's estimate. */
  readonly estimatedError: number;
  /** Parts per million that the kernel adds to the oscillator's own rate. */
  readonly frequency: number;
  /** Seconds by which TAI is ahead of UTC; 0 where nobody set it. */
  readonly tai: number;
}

const timexBytes = 208;

/** Undefined where not Linux, or where the call is refused. */
export function openKernelClock(): (() => KernelClock | undefined) | undefined {
  const c = openLibc({ clock_adjtime: { args: ["i32", "ptr"], returns: "i32" } });
  if (!c) return undefined;
  const timex = memory(timexBytes);
  return () => {
    timex.u8.fill(0); // modes 0: read only
    const state = c.clock_adjtime(0, timex.pointer);
    return state < 0 ? undefined : readTimex(timex, state);
  };
}

const statusUnsynchronised = 0x40;
const stateError = 5;
const leapOf = ["none", "insert", "delete", "now", "none", "none"] as const;

function readTimex({ view }: Memory, state: number): KernelClock {
  const status = view.getInt32(40, true);
  return {
    synchronised: state !== stateError && (status & statusUnsynchronised) === 0,
    leap: leapOf[state] ?? "none",
    maxError: Number(view.getBigInt64(24, true)) / 1e6,
    estimatedError: Number(view.getBigInt64(32, true)) / 1e6,
    frequency: Number(view.getBigInt64(16, true)) / 65536,
    tai: view.getInt32(160, true),
  };
}
