import { compareUtf8 } from "../base/bytes.ts";
import type { ListAsk } from "./objects.ts";

/** One page over keys in byte order. */
export interface KeyPage<T> {
  readonly rows: readonly T[];
  readonly prefixes: readonly string[];
  /** The last key or rolled-up prefix given, where more follows. */
  readonly next: string | undefined;
}

type Cut = Pick<ListAsk, "prefix" | "delimiter">;

/** The prefix that `key` is rolled up into; undefined where it is a row of its own. */
export function rolledUp(key: string, { prefix, delimiter }: Cut): string | undefined {
  if (delimiter === "" || !key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** Index of the first of `keys` (in byte order) for which `isBefore` does not hold. */
export function firstNot(keys: readonly string[], isBefore: (key: string) => boolean): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(keys[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

const past = (keys: readonly string[], prefix: string): number =>
  firstNot(keys, (key) => key.startsWith(prefix) || compareUtf8(key, prefix) < 0);

/** Where a listing begins: at its prefix, strictly after `after`, past all that `after` rolled up.
 *  `again`: at `after` itself, for the rest of its rows. */
function begin(keys: readonly string[], ask: ListAsk, again: boolean): number {
  const first = firstNot(keys, (key) => compareUtf8(key, ask.prefix) < 0);
  if (ask.after === "") return first;
  if (rolledUp(ask.after, ask) === ask.after) return Math.max(first, past(keys, ask.after));
  const on = firstNot(keys, (key) => {
    const order = compareUtf8(key, ask.after);
    return again ? order < 0 : order <= 0;
  });
  return Math.max(first, on);
}

/** At most `ask.limit` rows and rolled-up prefixes. `rowsOf` gives a key its rows: none, it is not shown. */
export function pageOfKeys<T>(
  keys: readonly string[],
  ask: ListAsk,
  rowsOf: (key: string) => readonly T[],
  again = false,
): KeyPage<T> {
  const rows: T[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  const full = (): boolean => rows.length + prefixes.length >= ask.limit;
  for (let at = begin(keys, ask, again); at < keys.length && keys[at]!.startsWith(ask.prefix);) {
    const key = keys[at]!;
    const shown = rowsOf(key);
    const folder = shown.length > 0 ? rolledUp(key, ask) : undefined;
    if (folder !== undefined) {
      if (full()) return { rows, prefixes, next: last };
      prefixes.push((last = folder));
      at = past(keys, folder);
      continue;
    }
    for (const row of shown) {
      if (full()) return { rows, prefixes, next: last };
      rows.push(row);
      last = key;
    }
    at++;
  }
  return { rows, prefixes, next: undefined };
}
