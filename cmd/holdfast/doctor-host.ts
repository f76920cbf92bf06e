import { existsSync, readFileSync } from "node:fs";
import { processEnvironment } from "../../lib/config/environment.ts";
import { bad, good, look, type Finding } from "../../lib/watch/finding.ts";

/** Variables that make the runtime load foreign code, or be another program. */
const hostile = ["BUN_OPTIONS", "BUN_BE_BUN", "BUN_INSPECT", "BUN_INSPECT_PRELOAD", "LD_PRELOAD"];

export async function checkEnvironment(): Promise<Finding[]> {
  const environment = processEnvironment();
  const set = hostile.filter((name) => environment[name]);
  const variables =
    set.length === 0
      ? good("environment", "nothing in it changes what our programs are")
      : bad(
          "environment",
          `${set.join(" and ")} ${set.length === 1 ? "is" : "are"} set: foreign code may run in our programs`,
          `unset ${set.join(" ")}; our systemd units do so`,
        );
  const proc = existsSync("/proc/self/status");
  if (process.platform !== "linux" || proc) return [variables];
  return [variables, bad("/proc", "it is not mounted; our programs need it", "mount -t proc proc /proc")];
}

const wantedFiles = 65_536;

/** Open files: each connection and each open object is one. */
export async function checkLimits(): Promise<Finding[]> {
  if (!existsSync("/proc/self/limits")) return [];
  const [, soft = "0"] = /^Max open files\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  const files = soft === "unlimited" ? Infinity : Number(soft);
  if (files >= wantedFiles) return [good("open files", `up to ${soft}`)];
  const mend = "LimitNOFILE=1048576 in the unit, or ulimit -n 65536";
  return [look("open files", `at most ${soft}: enough for about ${Math.floor(files / 3)} clients`, mend)];
}

/** The kernel's own word: whether somebody keeps the clock. */
export async function checkClock(): Promise<Finding[]> {
  const year = new Date().getUTCFullYear();
  if (year < 2026)
    return [bad("clock", `it says ${year}`, "set it: chronyd -q 'server pool.ntp.org iburst', or by hand")];
  const synchronised = existsSync("/run/systemd/timesync/synchronized") || keeperRuns();
  if (synchronised) return [good("clock", new Date().toISOString())];
  return [
    look(
      "clock",
      "nobody seems to keep it: signatures and certificates depend on it",
      "run a time client: chronyd, systemd-timesyncd or holdfast-utcd",
    ),
  ];
}

const keeperRuns = (): boolean =>
  ["/run/chrony/chronyd.pid", "/var/run/chrony/chronyd.pid", "/run/ntpd.pid", "/run/openntpd.pid"].some(
    (path) => existsSync(path),
  );
