import { compareUtf8 } from "../../base/bytes.ts";
import { past } from "../catalog/order.ts";
import { rolledUp } from "../key-pages.ts";
import type { ListAsk } from "../objects.ts";

/** Rows of one bucket, ordered by key and then as the table is. */
export interface KeyRows<Row extends { readonly key: string }> {
  /** At most `limit` rows of keys from `from` on, before `end` (undefined: to the last). */
  range(from: string, end: string | undefined, limit: number): readonly Row[];
  /** The same, strictly after `row`. */
  after(row: Row, end: string | undefined, limit: number): readonly Row[];
  shows(row: Row, before: Row | undefined): boolean;
}

export interface Walked<Row> {
  readonly rows: readonly Row[];
  readonly prefixes: readonly string[];
  /** The last key or rolled-up prefix given, where more follows. */
  readonly next: string | undefined;
}

const mostRows = 1100;
/** Read in one step after a seek: the next row may call for another seek. */
const fewRows = 2;
/** So many hidden versions of one key, and the rest is passed by a seek. */
const hiddenRows = 8;

/** One page of a listing. Rolled-up prefixes and hidden versions are passed by seeking, never by reading
 *  through them. `mark`: the row where the last page ended, if that was not a rolled-up prefix. */
export function walk<Row extends { readonly key: string }>(
  ask: ListAsk,
  source: KeyRows<Row>,
  mark?: Row,
): Walked<Row> {
  const end = past(ask.prefix);
  const page = new Page<Row>(ask);
  const start = begin(ask);
  if (start === undefined) return page.done(undefined);
  let limit = ask.delimiter === "" ? Math.min(mostRows, ask.limit + 1) : fewRows;
  let rows = mark ? source.after(mark, end, limit) : source.range(start, end, limit);
  for (let before = mark; rows.length > 0;) {
    const step = page.read(rows, before, source);
    if (step.full) return page.done(step.last);
    before = step.before;
    if (step.seek === undefined && rows.length < limit) break;
    if (step.seek === nowhere) break;
    limit = step.seek === undefined ? Math.min(mostRows, limit * 4) : fewRows;
    rows = step.seek === undefined ? source.after(before!, end, limit) : source.range(step.seek, end, limit);
  }
  return page.done(undefined);
}

/** After the last string there is. */
const nowhere = Symbol("past every key");

interface Step<Row> {
  /** The last row looked at. */
  readonly before: Row | undefined;
  readonly full?: true;
  readonly last?: string | undefined;
  /** Where to go on, if not after the last row. */
  readonly seek?: string | typeof nowhere;
}

/** Where a listing begins: at its prefix, strictly after `after`, past all that `after` rolled up. */
function begin(ask: ListAsk): string | undefined {
  const { prefix, after } = ask;
  if (after === "") return prefix;
  const from = rolledUp(after, ask) === after ? past(after) : `${after}\0`;
  if (from === undefined) return undefined;
  return compareUtf8(from, prefix) > 0 ? from : prefix;
}

class Page<Row extends { readonly key: string }> {
  readonly #ask: ListAsk;
  readonly #rows: Row[] = [];
  readonly #prefixes: string[] = [];
  #last: string | undefined;

  constructor(ask: ListAsk) {
    this.#ask = ask;
  }

  read(rows: readonly Row[], previous: Row | undefined, source: KeyRows<Row>): Step<Row> {
    let before = previous;
    let hidden = 0;
    for (const row of rows) {
      const shown = source.shows(row, before);
      hidden = row.key === before?.key ? hidden + 1 : 0;
      before = row;
      if (!shown) {
        if (hidden < hiddenRows) continue;
        return { before, seek: `${row.key}\0` };
      }
      if (this.#rows.length + this.#prefixes.length >= this.#ask.limit)
        return { before, full: true, last: this.#last };
      const folder = rolledUp(row.key, this.#ask);
      if (folder === undefined) {
        this.#rows.push(row);
        this.#last = row.key;
      } else {
        this.#prefixes.push(folder);
        this.#last = folder;
        return { before, seek: past(folder) ?? nowhere };
      }
    }
    return { before };
  }

  done(next: string | undefined): Walked<Row> {
    return { rows: this.#rows, prefixes: this.#prefixes, next };
  }
}
