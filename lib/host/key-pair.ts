/** A key and its certificate, PEM texts. */
export interface Pair {
  readonly key: string;
  readonly cert: string;
}

/** How long a server's certificate lasts: the most that clients accept. */
export const leafDays = 397;
