/** One thing that doctor looked at. */
export interface Finding {
  /** "look": it works, and somebody should know. */
  readonly state: "good" | "look" | "bad";
  /** "disk space" */
  readonly about: string;
  readonly found: string;
  /** The change to make. */
  readonly mend?: string | undefined;
}

export const good = (about: string, found: string): Finding => ({ state: "good", about, found });
export const look = (about: string, found: string, mend: string): Finding => ({
  state: "look",
  about,
  found,
  mend,
});
export const bad = (about: string, found: string, mend: string): Finding => ({
  state: "bad",
  about,
  found,
  mend,
});
