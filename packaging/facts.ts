import { join } from "node:path";

export const top: string = join(import.meta.dir, "..");

/** What every binary tells of itself. */
export interface BuildFacts {
  readonly version: string;
  readonly commit: string;
  /** ISO 8601, of the commit or of SOURCE_DATE_EPOCH: a build is the same whenever it is made. */
  readonly date: string;
}

/** `version` stands in for package.json's, to rehearse an upgrade. */
export async function buildFacts(version?: string): Promise<BuildFacts> {
  const own = (await Bun.file(join(top, "package.json")).json()) as { version: string };
  const epoch = process.env["SOURCE_DATE_EPOCH"] ?? git("log", "-1", "--format=%ct");
  const date = new Date(Number(epoch || 0) * 1000).toISOString();
  return {
    version: version ?? own.version,
    commit: git("rev-parse", "--short=12", "HEAD") || "unknown",
    date,
  };
}

/** Seconds since 1970: the one time that everything of this build is stamped with. */
export const epochOf = (facts: BuildFacts): number => Math.floor(Date.parse(facts.date) / 1000);

function git(...args: string[]): string {
  return Bun.spawnSync(["git", ...args], { cwd: top, stderr: "ignore" })
    .stdout.toString()
    .trim();
}
