import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { homedir } from "node:os";
import { fail, ok, type Result } from "../lib/base/result.ts";
import type { Environment } from "../lib/config/environment.ts";
import type { Ports } from "../lib/config/resolve.ts";

const onWindows = process.platform === "win32";

/** Windows's place for what services keep. */
const programData = (environment: Environment): string =>
  join(environment["ProgramData"] ?? "C:\\ProgramData", "Holdfast");

const isRoot = (): boolean => process.geteuid?.() === 0;

/** Where the configuration is when nobody says: the user's own folder where there is one, else the host's. */
export function configFolder(environment: Environment): string {
  if (onWindows) return join(programData(environment), "config");
  const own = join(environment["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"), "holdfast");
  return !isRoot() && existsSync(own) ? own : "/etc/holdfast";
}

/** Where the data directory is when nobody says. Undefined where no place can be written. */
export function defaultDataDirectory(environment: Environment): string | undefined {
  const given = environment["STATE_DIRECTORY"]?.split(":")[0];
  if (given) return given;
  if (onWindows) return join(programData(environment), "data");
  const shared = "/var/lib/holdfast";
  if (isRoot() || canWrite(shared)) return shared;
  const base = environment["XDG_DATA_HOME"];
  if (base && isAbsolute(base)) return join(base, "holdfast");
  const home = homedir();
  return isAbsolute(home) && canWrite(nearestFolder(home)) ? join(home, ".local/share/holdfast") : undefined;
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}

/** Makes the data directory and its `run` folder, 0700 where they are new. Gives its absolute path.
 *  Faults: denied, no-space, read-only, not-directory, io. */
export function openDataDirectory(wanted: string | undefined): Result<string> {
  if (wanted === undefined) {
    return fail("denied", "there is no place to keep data", { mend: "name one with --data DIR" });
  }
  const data = resolve(wanted);
  try {
    const made = mkdirSync(join(data, "run"), { recursive: true, mode: 0o700 });
    const closed = made === undefined || !onWindows || closeToOthers(data);
    if (!closed)
      return fail("denied", "Windows does not close the data directory to others", { where: data });
    if (!statSync(data).isDirectory()) throw new Error("it is a file");
    accessSync(data, constants.W_OK | constants.X_OK);
    return ok(data);
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const what = `the data directory cannot be used: ${code || message}`;
    const mend = "give the daemon's user the right to write there, or name another with --data DIR";
    return fail(code === "EACCES" || code === "EPERM" ? "denied" : "no-space", what, { where: data, mend });
  }
}

/** Windows knows no 0700: what a folder inherits there lets every user look in. For the system, for
 *  administrators, and for whoever owns what is in it (the service's account): [MS-DTYP] §2.4.2.4. */
function closeToOthers(folder: string): boolean {
  const grants = ["S-1-5-18", "S-1-5-32-544", "S-1-3-4"].flatMap((who) => ["/grant:r", `*${who}:(OI)(CI)F`]);
  return Bun.spawnSync(["icacls.exe", folder, "/inheritance:r", ...grants, "/q"]).exitCode === 0;
}

/** Which column of the ports' table is ours. Low ports are for root, and for who has the capability. */
export function portsFor(choice: string | undefined): Ports | undefined {
  if (choice === "auto" || choice === "privileged" || choice === "unprivileged") return choice;
  if (choice !== undefined && choice !== "default") return undefined;
  return isRoot() || onWindows || canBindLowPorts() ? "privileged" : "unprivileged";
}

/** CAP_NET_BIND_SERVICE among the effective capabilities: capabilities(7). */
function canBindLowPorts(): boolean {
  try {
    const status = readFileSync("/proc/self/status", "latin1");
    const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
    return ((effective >> 10n) & 1n) === 1n;
  } catch {
    return false;
  }
}

/** The terms of use of the doors for files. */
export const termsPath = (data: string): string => join(data, "terms.json");
/** The virtual hosts of FTP. */
export const sitesPath = (data: string): string => join(data, "sites.json");
