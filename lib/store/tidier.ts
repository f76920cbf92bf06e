export interface TidyHow {
  /** Changes older than this go, once every named reader of the feed has passed them. Those four times as old
   *  go in any case. The newest change always stays. */
  readonly changesMs: number;
  /** Ended uploads older than this go: repeating their completion then finds no upload. */
  readonly uploadsMs: number;
  /** Ends it between two transactions. */
  readonly signal: AbortSignal;
}

export interface Tidied {
  readonly changes: number;
  readonly uploads: number;
  /** Readers of the feed that have lost changes they had not read. */
  readonly outrun: readonly string[];
}

/** Keeps within bounds what would only grow. Several processes may tidy. A moment whose changes are forgotten
 *  keeps its place in time to the minute, for time travel. */
export interface Tidier {
  tidy(how: TidyHow): Promise<Tidied>;
}
