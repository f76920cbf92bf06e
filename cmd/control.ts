import { join } from "node:path";
import { fail, ok, type Result } from "../lib/base/result.ts";
import { serviceFlags, type ServiceManager } from "../lib/host/service/service-manager.ts";
import { serviceManager } from "../lib/host/service/this-system.ts";
import { daemonServices } from "./daemon-services.ts";
import { binaryOf, type Daemon } from "./daemons.ts";
import { endProcess, logFileOf, ownCommand, pidFileOf, runningPid, startDetached } from "./detached.ts";
import { exitCode } from "./exit-codes.ts";
import { endWith, writeLines } from "./fatal.ts";

/** What the verbs of a daemon that is not this process need. */
export interface Control {
  readonly daemon: Daemon;
  /** The words after the program's name. */
  readonly words: readonly string[];
  /** The flags as they were given: what is started again gets them too. */
  readonly flags: readonly string[];
  readonly data: string;
  /** Whether the configuration names a log file: the daemon then opens it by itself. */
  readonly logsToFile: boolean;
}

/** start, stop, restart, status, reload, service install, service remove. A service that the system keeps is
 *  asked of the system; one that runs by itself is found by its process id. Gives the exit code. */
export async function control(how: Control): Promise<number> {
  const [verb = "", what = ""] = how.words;
  const manager = serviceManager();
  if (verb === "service") return await serviceVerb(what, how, manager);
  // Flags mean a daemon of one's own, beside the service.
  const kept = how.flags.length === 0 && manager?.isInstalled(how.daemon) ? manager : undefined;
  if (verb === "status") return await status(how, kept);
  const done = await act(verb, how, kept);
  if (!done.ok) return endWith(done.fault);
  writeLines([`${binaryOf(how.daemon)}: ${done.value}`]);
  return exitCode.ok;
}

async function serviceVerb(what: string, how: Control, manager: ServiceManager | undefined): Promise<number> {
  if (what !== "install" && what !== "remove") {
    const mend = `${binaryOf(how.daemon)} service install, or service remove`;
    return endWith({ code: "invalid", what: "service wants to know what to do", mend });
  }
  if (!manager) {
    const mend = `without one: ${binaryOf(how.daemon)} start`;
    return endWith({ code: "unsupported", what: "no service manager runs on this system", mend });
  }
  const facts = daemonServices.find(({ name }) => name === how.daemon)!;
  const command = [...ownCommand(), ...serviceFlags, ...how.flags];
  const writable = how.flags.some((flag) => /^--data\b/.test(flag)) ? [how.data] : [];
  const done =
    what === "install"
      ? await manager.install({ ...facts, command, writable })
      : await manager.remove(how.daemon);
  if (!done.ok) return endWith(done.fault);
  writeLines([
    `${binaryOf(how.daemon)}: ${what === "install" ? "installed and started" : "removed"}, ${done.value}`,
  ]);
  return exitCode.ok;
}

async function status({ daemon, data }: Control, kept: ServiceManager | undefined): Promise<number> {
  if (kept) {
    const { running, text } = await kept.status(daemon);
    writeLines([text]);
    return running ? exitCode.ok : exitCode.unavailable;
  }
  const pid = runningPid(pidFileOf(data, daemon));
  writeLines([
    `${binaryOf(daemon)} ${pid === undefined ? "does not run" : `runs, process ${pid}`}, data in ${data}`,
  ]);
  return pid === undefined ? exitCode.unavailable : exitCode.ok;
}

async function act(verb: string, how: Control, kept: ServiceManager | undefined): Promise<Result<string>> {
  if (kept) {
    const done = await kept.act(verb as (typeof actions)[number], how.daemon);
    return done.ok ? ok(`${verb} done by ${kept.called}`) : done;
  }
  if (verb === "stop") return await stop(how);
  if (verb === "reload") return reload(how);
  if (verb === "restart") {
    const stopped = await stop(how);
    if (!stopped.ok && stopped.fault.code !== "not-found") return stopped;
  }
  return await start(how);
}

const actions = ["start", "stop", "restart", "reload"] as const;

async function start({ daemon, data, flags, logsToFile }: Control): Promise<Result<string>> {
  const pid = runningPid(pidFileOf(data, daemon));
  if (pid !== undefined) return ok(`runs already, process ${pid}`);
  const readyFile = join(data, "run", `${daemon}.ready`);
  const log = logFileOf(data, daemon);
  const file = logsToFile ? [] : ["--log-file", log];
  const started = await startDetached([...flags, ...file], readyFile, log);
  return started.ok ? ok(`started, process ${started.value}, log in ${log}`) : started;
}

const notRunning = (data: string): Result<never> =>
  fail("not-found", "it does not run", { where: data, mend: "name its data directory with --data DIR" });

/** A daemon leaves within 4.5 s of SIGTERM by itself. */
const stopMs = 5500;

async function stop({ daemon, data }: Control): Promise<Result<string>> {
  const pid = runningPid(pidFileOf(data, daemon));
  if (pid === undefined) return notRunning(data);
  const ended = await endProcess(pid, stopMs);
  return ended
    ? ok(`stopped, process ${pid}`)
    : fail("timeout", `process ${pid} does not end`, { mend: `kill -9 ${pid}` });
}

function reload({ daemon, data }: Control): Result<string> {
  const pid = runningPid(pidFileOf(data, daemon));
  if (pid === undefined) return notRunning(data);
  process.kill(pid, "SIGHUP");
  return ok(`told process ${pid} to read its configuration again; its log says what came of it`);
}
