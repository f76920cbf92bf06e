import { read } from "bun:ffi";
import { fail, ok, type Result } from "../../base/result.ts";
import { memory, openLibc } from "./libc.ts";

/** What the kernel shall say of its clock to whoever asks. */
export interface KernelClaim {
  readonly synchronised: boolean;
  readonly leap: "none" | "insert" | "delete";
  /** Seconds. */
  readonly maxError: number;
  readonly estimatedError: number;
}

/** Sets the system's clock. Every call is refused without CAP_SYS_TIME. */
export interface ClockSteering {
  /** Seconds a second that the clock gains on its oscillator: −500e-6 … 500e-6. Faults: denied. */
  setRate(rate: number): Result<void>;
  /** Moves the clock by so many seconds at once. Faults: denied. */
  step(seconds: number): Result<void>;
  tell(claim: KernelClaim): Result<void>;
}

/** `struct timex` of adjtimex(2), 208 bytes, as the fields of one call. */
interface Timex {
  readonly modes: number;
  readonly frequency?: number;
  readonly maxError?: number;
  readonly estimatedError?: number;
  readonly status?: number;
  readonly seconds?: number;
  readonly nanoseconds?: number;
}

const modes = {
  frequency: 2,
  maxError: 4,
  estimatedError: 8,
  status: 0x10,
  setOffset: 0x100,
  nano: 0x2000,
} as const;
const status = { insert: 0x10, delete: 0x20, unsynchronised: 0x40 } as const;

export function writeTimex(view: DataView, timex: Timex): void {
  for (let i = 0; i < 208; i += 8) view.setBigUint64(i, 0n, true);
  view.setUint32(0, timex.modes, true);
  view.setBigInt64(16, BigInt(Math.round(timex.frequency ?? 0)), true);
  view.setBigInt64(24, BigInt(Math.round(timex.maxError ?? 0)), true);
  view.setBigInt64(32, BigInt(Math.round(timex.estimatedError ?? 0)), true);
  view.setInt32(40, timex.status ?? 0, true);
  view.setBigInt64(72, BigInt(timex.seconds ?? 0), true);
  view.setBigInt64(80, BigInt(timex.nanoseconds ?? 0), true);
}

/** Parts per million, with sixteen bits of fraction. */
export const rateTimex = (rate: number): Timex => ({ modes: modes.frequency, frequency: rate * 1e6 * 65536 });

/** The fraction is 0 … 999 999 999 ns; what is negative goes into the seconds. */
export function stepTimex(by: number): Timex {
  const nanoseconds = Math.round(by * 1e9);
  const seconds = Math.floor(nanoseconds / 1e9);
  return { modes: modes.setOffset | modes.nano, seconds, nanoseconds: nanoseconds - seconds * 1e9 };
}

export function claimTimex({ synchronised, leap, maxError, estimatedError }: KernelClaim): Timex {
  const leapBit = leap === "none" ? 0 : status[leap];
  return {
    modes: modes.maxError | modes.estimatedError | modes.status,
    maxError: Math.min(16e6, maxError * 1e6),
    estimatedError: Math.min(16e6, estimatedError * 1e6),
    status: synchronised ? leapBit : status.unsynchronised,
  };
}

/** Undefined where not Linux. Opening it changes nothing. */
export function openClockSteering(): ClockSteering | undefined {
  const c = openLibc({
    clock_adjtime: { args: ["i32", "ptr"], returns: "i32" },
    __errno_location: { args: [], returns: "ptr" },
  });
  if (!c) return undefined;
  const block = memory(208);
  const call = (timex: Timex): Result<void> => {
    writeTimex(block.view, timex);
    if (c.clock_adjtime(0, block.pointer) >= 0) return ok();
    const errno = read.i32(c.__errno_location()!, 0);
    const mend = "give the daemon CAP_SYS_TIME, or set clock.mode to observe";
    if (errno === 1) return fail("denied", "not permitted to set this system's clock", { mend });
    return fail("io", `the system refused to set its clock: error ${errno}`);
  };
  return {
    setRate: (rate) => call(rateTimex(rate)),
    step: (by) => call(stepTimex(by)),
    tell: (claim) => call(claimTimex(claim)),
  };
}

/** Whether this process may set the clock: CAP_SYS_TIME among its effective capabilities. */
export function maySetClock(procStatus: string): boolean {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(procStatus)?.[1] ?? "0"}`);
  return ((effective >> 25n) & 1n) === 1n;
}
