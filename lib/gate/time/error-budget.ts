/** What a bound on the error of a clock is made of, in seconds. The bound is the sum: errors of one direction
 *  are not assumed to cancel. */
export interface ErrorBudget {
  /** What the servers on the way to the reference admit, and half the way between them. */
  readonly provider: number;
  /** Half the way between the source and us: what an unequal path may hide. */
  readonly transmission: number;
  /** Three standard deviations of what our filter makes of the samples. */
  readonly estimate: number;
  /** What the oscillator may have drifted since the last sample. */
  readonly drift: number;
  /** What is still to be slewed away. */
  readonly residual: number;
}

export const budgetParts = ["provider", "transmission", "estimate", "drift", "residual"] as const;

export const totalOf = (budget: ErrorBudget): number =>
  budgetParts.reduce((sum, part) => sum + budget[part], 0);
