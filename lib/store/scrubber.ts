import type { UnixMs } from "../base/time.ts";

/** What a body was found to be. */
export interface Damage {
  /** The body's number in the catalog, for whoever looks into it. */
  readonly blob: number;
  readonly what: "changed" | "missing" | "unreadable";
  /** The versions that have it, at most a hundred; none: a part of an unfinished upload. */
  readonly objects: readonly { readonly bucket: string; readonly key: string; readonly version: string }[];
}

export interface ScrubHow {
  /** Bytes read a second at most; 0: as fast as it goes. */
  readonly bytesPerSecond: number;
  /** Ends the round early; the next one goes on from there. */
  readonly signal: AbortSignal;
  /** Told from time to time how far the round is. */
  readonly told?: (progress: ScrubProgress) => void;
}

export interface ScrubProgress {
  /** Looked at since the round or this part of it began. */
  readonly bodies: number;
  readonly bytes: number;
  /** Damage found. */
  readonly found: number;
  /** The share of the bodies' numbers that is behind, 0 to 1. */
  readonly share: number;
}

export interface ScrubReport {
  readonly bodies: number;
  readonly bytes: number;
  /** Found in this round, and not served since. */
  readonly damaged: readonly Damage[];
  /** Were damaged before, and are right again: put back from a backup. */
  readonly healed: number;
  /** Files that nothing refers to, an hour old or more, deleted. */
  readonly orphans: number;
  /** Whether every body has been looked at since the last finished round. */
  readonly finished: boolean;
}

/** Reads what is kept and compares it with its checksum, so that damage is found before it is asked for.
 *  A damaged body is not served (`damaged`), not deleted, and looked at again in every round. */
export interface Scrubber {
  /** One round, or the rest of one. Several processes may scrub; they share the place. */
  run(how: ScrubHow): Promise<ScrubReport>;
  /** When the last round was finished; undefined: none ever was. */
  finishedAt(): Promise<UnixMs | undefined>;
  /** All that is known to be damaged. */
  damaged(): Promise<readonly Damage[]>;
}
