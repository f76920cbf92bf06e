declare const instant: unique symbol;
declare const unixMs: unique symbol;

/** Milliseconds on a clock that never jumps (fractions allowed). Only differences mean anything. */
export type Instant = number & { readonly [instant]: true };

/** Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted: what is kept and shown. */
export type UnixMs = number & { readonly [unixMs]: true };

/** Where time comes from. Handed in, so that a test or a simulation can own it. */
export interface Clock {
  /** For time-outs and rates. */
  now(): Instant;
  /** For what is kept and shown. */
  wall(): UnixMs;
}

export const asInstant = (ms: number): Instant => ms as Instant;
export const asUnixMs = (ms: number): UnixMs => ms as UnixMs;
export const laterBy = (from: Instant, ms: number): Instant => (from + ms) as Instant;

/** A clock that a test moves by hand. */
export function handClock(startWallMs = 1_700_000_000_000): Clock & { advance(ms: number): void } {
  let at = 0;
  return {
    now: () => asInstant(at),
    wall: () => asUnixMs(startWallMs + at),
    advance(ms) {
      at += ms;
    },
  };
}
