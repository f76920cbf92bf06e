/** A moment in whole Unix seconds and nanoseconds. */
export interface Moment {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** What a reference clock says: true time `real` was when the system's clock showed `system`. */
export interface RefReading {
  readonly real: Moment;
  /** Undefined: when it was read. */
  readonly system: Moment | undefined;
  /** Seconds: how much it may scatter, where it says; undefined: as configured. */
  readonly error: number | undefined;
  /** Seconds to be added to UTC at the end of the day: 1, −1 or 0. */
  readonly leap: -1 | 0 | 1;
}

/** A moment from seconds with a fraction, as text or number gives them. */
export function momentOf(seconds: number): Moment {
  const whole = Math.floor(seconds);
  return { seconds: whole, nanoseconds: Math.min(999_999_999, Math.round((seconds - whole) * 1e9)) };
}
