import type { Place, Problem } from "./problem.ts";
import type { Written } from "./document.ts";

/** One setting that one source states. Later sources win. */
export interface Statement {
  readonly section: string;
  readonly key: string;
  readonly keyAt: Place;
  readonly value: Written;
  /** The value is text still to be read by its field (flags, environment, INI). */
  readonly textual: boolean;
  /** Relative paths begin here; undefined: the working folder. */
  readonly folder: string | undefined;
}

/** What one source says: a file, the environment, or the flags. */
export interface Layer {
  readonly statements: readonly Statement[];
  readonly problems: readonly Problem[];
}
