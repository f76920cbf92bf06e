import type { Place, Problem } from "./problem.ts";

/** A value as a file says it, with its place. Only scalars and lists: sections are two levels deep. */
export type Written =
  | { readonly at: Place; readonly scalar: string | number | boolean | null }
  | { readonly at: Place; readonly items: readonly Written[] };

export interface WrittenSetting {
  readonly key: string;
  readonly at: Place;
  readonly value: Written;
}

export interface WrittenSection {
  readonly name: string;
  readonly at: Place;
  readonly settings: readonly WrittenSetting[];
}

/** What one file says, whatever its language, and what is wrong with it. */
export interface Document {
  readonly sections: readonly WrittenSection[];
  readonly problems: readonly Problem[];
  /** True where values are text that still has to be read (INI). */
  readonly textual: boolean;
}

export const documentLimits = {
  bytes: 1 << 18,
  /** Keys of the whole file, and items of all its lists. */
  entries: 10_000,
  /** Brackets within brackets; sections of settings of lists need three. */
  depth: 16,
  problems: 100,
} as const;

/** The written value without places. */
export function plain(written: Written): unknown {
  return "items" in written ? written.items.map(plain) : written.scalar;
}

/** Where the part of a value is that `path` (indexes of lists) leads to. */
export function placeWithin(written: Written, path: readonly PropertyKey[]): Place {
  const [first, ...rest] = path;
  if (typeof first !== "number" || !("items" in written)) return written.at;
  const item = written.items[first];
  return item ? placeWithin(item, rest) : written.at;
}
