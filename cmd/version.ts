import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Set by packaging/build.ts; absent where the source runs as it is. */
declare const HOLDFAST_VERSION: string;
declare const HOLDFAST_COMMIT: string;
declare const HOLDFAST_DATE: string;

/** What this program is, as `--version`, the log and the metric `holdfast_build_info` say it. */
export interface Build {
  readonly version: string;
  /** Twelve digits of the commit; "source" where the source runs as it is. */
  readonly commit: string;
  /** ISO 8601; "" where the source runs as it is. */
  readonly date: string;
  /** Whether this is one of the compiled binaries. */
  readonly compiled: boolean;
}

export function build(): Build {
  if (typeof HOLDFAST_VERSION === "string") {
    return { version: HOLDFAST_VERSION, commit: HOLDFAST_COMMIT, date: HOLDFAST_DATE, compiled: true };
  }
  const text = readFileSync(join(import.meta.dir, "../package.json"), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  return { version, commit: "source", date: "", compiled: false };
}

/** "holdfast-s3d 0.1.0 (0123456789ab, 2026-11-21T00:00:00.000Z)" */
export function versionLine(program: string, of: Build = build()): string {
  return `${program} ${of.version} (${[of.commit, of.date].filter(Boolean).join(", ")})`;
}
