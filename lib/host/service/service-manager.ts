import { fail, ok, type Result } from "../../base/result.ts";

/** What a service manager is told of a daemon. */
export interface ServicePlan {
  /** "s3d": the service is holdfast-s3d. */
  readonly name: string;
  /** What it does, as a phrase. */
  readonly summary: string;
  /** Absolute path of the program, and its flags. */
  readonly command: readonly string[];
  /** Linux capabilities it keeps; everything else is dropped before the first instruction. */
  readonly capabilities: readonly string[];
  /** Lines of the systemd unit's [Service] that differ from the common ones, with the reason. */
  readonly differs: readonly string[];
  /** Folders outside the usual ones that it writes to. */
  readonly writable: readonly string[];
}

/** What every service is started with: it listens where clients look for it, on every address. */
export const serviceFlags = ["--ports", "privileged"] as const;

export type ServiceAction = "start" | "stop" | "restart" | "reload";

/** The system's own keeper of services. */
export interface ServiceManager {
  /** "systemd", "launchd", "Windows services" */
  readonly called: string;
  isInstalled(name: string): boolean;
  /** Installs or replaces, and starts it now and at every boot. Faults: denied, io. */
  install(plan: ServicePlan): Promise<Result<string>>;
  /** Stops and forgets it; data and configuration stay. Faults: not-found, denied, io. */
  remove(name: string): Promise<Result<string>>;
  /** Faults: denied, io. */
  act(action: ServiceAction, name: string): Promise<Result<void>>;
  /** What it says of the service, for people; `running` as it sees it. */
  status(name: string): Promise<{ readonly running: boolean; readonly text: string }>;
}

/** Runs a system program to its end. Its last words are the fault's. Faults: denied (root is wanted), io. */
export async function command(...words: string[]): Promise<Result<string>> {
  const found = Bun.which(words[0]!);
  if (!found) return fail("unsupported", `${words[0]} is not on this system`);
  const child = Bun.spawn([found, ...words.slice(1)], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const code = await child.exited;
  if (code === 0) return ok(out);
  const said = (err.trim() || out.trim()).split("\n").at(-1) ?? "";
  const refused = /denied|not permitted|authenti|access is/i.test(said);
  return fail(refused ? "denied" : "io", `${words.join(" ")}: ${said || `exit code ${code}`}`, {
    mend: refused ? "do it as an administrator" : undefined,
  });
}
