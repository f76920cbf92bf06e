import { hex, utf8 } from "../../base/bytes.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { sha1 } from "../../crypto/hash.ts";
import { unixEpoch } from "./timestamp.ts";

/** When UTC was, or will be, put a second forward or back. */
export interface LeapRow {
  /** Unix seconds: the midnight from which the offset holds. */
  readonly from: number;
  /** TAI − UTC in seconds from then on. */
  readonly offset: number;
}

export interface LeapList {
  /** Unix seconds. */
  readonly updated: number;
  readonly expires: number;
  readonly rows: readonly LeapRow[];
}

export interface LeapSecond {
  /** Unix seconds: the midnight at which it takes effect. */
  readonly at: number;
  /** 1: the minute before has 61 seconds; −1: it has 59. */
  readonly by: 1 | -1;
}

const longestList = 1 << 20;
/** The number of seconds was ten when leap seconds began. */
const mostStep = 1;

/** Reads `leap-seconds.list` as NIST and IERS publish it: `#$` when it was made, `#@` when it ends, rows of
 *  NTP
 *  seconds and TAI − UTC, and `#h`, the SHA-1 of all their digits. Faults: invalid, digest. */
export function parseLeapList(text: string): Result<LeapList> {
  if (text.length > longestList) return fail("invalid", "the leap second list is too long to be one");
  let updated: string | undefined;
  let expires: string | undefined;
  let hash: string | undefined;
  const digits: string[] = [];
  const rows: LeapRow[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#$")) updated = line.slice(2).trim();
    else if (line.startsWith("#@")) expires = line.slice(2).trim();
    else if (line.startsWith("#h")) hash = hashOf(line);
    else if (!line.startsWith("#") && line.trim() !== "") {
      const [, from, offset] = /^\s*(\d{1,12})\s+(\d{1,4})\s*(?:#.*)?$/.exec(line) ?? [];
      if (from === undefined || offset === undefined)
        return fail("invalid", "a row that is none", { where: line });
      digits.push(from, offset);
      rows.push({ from: Number(from) - unixEpoch, offset: Number(offset) });
    }
  }
  if (!updated || !expires || !hash || rows.length === 0) {
    return fail("invalid", "the leap second list lacks its dates, its hash or its rows");
  }
  if (hex(sha1(utf8([updated, expires, ...digits].join("")))) !== hash) {
    return fail("digest", "the leap second list does not match its own hash");
  }
  const rising = rows.every((row, i) => {
    const before = rows[i - 1];
    if (!before) return true;
    return row.from > before.from && Math.abs(row.offset - before.offset) === mostStep;
  });
  if (!rising) return fail("invalid", "the leap second list's rows do not follow one another");
  return ok({ updated: Number(updated) - unixEpoch, expires: Number(expires) - unixEpoch, rows });
}

/** Five words of hexadecimal, whose leading zeros may be missing. */
const hashOf = (line: string): string =>
  line
    .slice(2)
    .trim()
    .split(/\s+/)
    .map((word) => word.toLowerCase().padStart(8, "0"))
    .join("");

/** The next leap second after `now` (Unix seconds), or one that is under an hour old; undefined where the
 *  list
 *  knows none. An expired list announces nothing. */
export function nextLeap(list: LeapList, now: number): LeapSecond | undefined {
  if (now >= list.expires) return undefined;
  const i = list.rows.findIndex((row, at) => at > 0 && row.from > now - 3600);
  if (i < 1) return undefined;
  const by = list.rows[i]!.offset > list.rows[i - 1]!.offset ? 1 : -1;
  return { at: list.rows[i]!.from, by };
}

/** TAI − UTC at `now`; undefined before 1972. */
export function taiOffset(list: LeapList, now: number): number | undefined {
  return list.rows.findLast((row) => row.from <= now)?.offset;
}
