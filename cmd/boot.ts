import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { ConfigurationView } from "../lib/admin/configuration-panel.ts";
import type { Clock } from "../lib/base/time.ts";
import type { Entropy } from "../lib/base/entropy.ts";
import type { Fault } from "../lib/base/fault.ts";
import { readCommandLine, type CommandLine } from "../lib/config/flags.ts";
import { load, type LoadRequest } from "../lib/config/load.ts";
import { placeText, problemLines, type Problem } from "../lib/config/problem.ts";
import { applied, reloadPlan } from "../lib/config/reload-plan.ts";
import type { ConfigOf, Section } from "../lib/config/section.ts";
import { processEnvironment } from "../lib/config/environment.ts";
import { systemClock } from "../lib/host/clock.ts";
import { systemEntropy } from "../lib/host/entropy.ts";
import { notifier } from "../lib/host/notify.ts";
import { onSignals, watchParent } from "../lib/host/signals.ts";
import type { Log } from "../lib/watch/log.ts";
import { metricsRegistry, type MetricsRegistry } from "../lib/watch/metrics-registry.ts";
import { addProcessMetrics } from "../lib/watch/process-metrics.ts";
import { inform } from "./boot-inform.ts";
import { openProcessLog } from "./boot-log.ts";
import { bootOptions, isCheck, isControl, isServiceRun, verbsOf } from "./boot-options.ts";
import { diskSource } from "./config-source.ts";
import { configurationView } from "./configuration-view.ts";
import { binaryOf, daemonNames, daemons, type Daemon } from "./daemons.ts";
import { logFileOf, pidFileOf } from "./detached.ts";
import { exitCode } from "./exit-codes.ts";
import { catchFatal, endWith, writeLines, type LastWords } from "./fatal.ts";
import { houseSections, type HouseSections } from "./house-sections.ts";
import { configFolder, defaultDataDirectory, openDataDirectory, portsFor } from "./places.ts";
import { processFacts } from "./process-facts.ts";
import { Readiness, type Addresses } from "./readiness.ts";
import { build } from "./version.ts";

/** A daemon's settings: the house's (data, log, admin) and its own. */
export type DaemonConfig<S extends readonly Section[]> = ConfigOf<readonly [...HouseSections, ...S]>;

/** Takes over changed live settings. `changed` names them: "ftp.idleTimeout". */
export type ReloadHandler<C> = (config: C, changed: readonly string[]) => void | Promise<void>;

/** What a daemon's main begins with. */
export interface Boot<S extends readonly Section[]> {
  readonly config: DaemonConfig<S>;
  readonly log: Log;
  readonly metrics: MetricsRegistry;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** The data directory's absolute path; it exists, and so does its folder `run`. */
  readonly data: string;
  /** The exit code, once SIGTERM or SIGINT came or the parent is gone. Await it as main's last act. */
  readonly stopped: Promise<number>;
  /** Undone in reverse when main is left: `await using leave = house.leave`. */
  readonly leave: AsyncDisposableStack;
  /** Say it once everything listens, with the addresses in use. */
  ready(addresses: Addresses): void;
  /** Called at SIGHUP with the new configuration, when a live setting changed; "whenever": also where none
   *  did, because files that it names may have. */
  onReload(handler: ReloadHandler<DaemonConfig<S>>, when?: "whenever"): void;
  /** Reads the configuration again, as SIGHUP does. Gives what is wrong with it; nothing is changed then. */
  reload(): Promise<readonly Problem[]>;
  /** What the admin API shows of the configuration. */
  readonly configuration: ConfigurationView;
  /** Tells a fault in its three lines and gives the exit code that goes with it: `return
   *  house.refuse(fault)`. */
  refuse(fault: Fault): number;
}

/** What a daemon does beside serving, by its verb (daemons.ts tells of it): looks at the configuration and
 *  the data directory, and gives the exit code. */
export type OwnVerbs<C> = Readonly<Record<string, (config: C, data: string) => number>>;

/** After the first signal a daemon has so long to leave in good order. */
const leaveMs = 4500;

/** Begins a daemon: handlers, flags, files, log, data directory, signals, in this order. `--help` and its
 *  like, `--check`, and whatever is wrong with the configuration end the process here. */
export async function boot<const S extends readonly Section[]>(
  daemon: Daemon,
  own: S,
  argv: readonly string[],
  verbs: OwnVerbs<DaemonConfig<S>> = {},
): Promise<Boot<S>> {
  const words = catchFatal();
  process.umask(0o077);
  const sections = [...houseSections(daemon), ...own] as const;
  const line = readCommandLine(argv, bootOptions, sections);
  if (line.problems.length > 0) endUsage(daemon, line.problems);
  if (inform(daemon, sections, line)) process.exit(exitCode.ok);

  const environment = processEnvironment();
  const asked = isServiceRun(line) ? (await import("./windows-run.ts")).joinAsService(daemon) : undefined;
  const notify = (await asked) ?? notifier(environment["NOTIFY_SOCKET"]);
  const request = loadRequest(daemon, sections, line);
  const loaded = await loadOrEnd(request);
  const config = loaded.value.config as DaemonConfig<readonly []>;
  if (isCheck(line)) endCheck(loaded.value.files);
  const wanted = line.options.get("data") ?? config.data.dir ?? defaultDataDirectory(environment);
  runOwnVerb(verbs[line.words[0] ?? ""], loaded.value.config, wanted);
  if (isControl(line)) await handOver(daemon, line, wanted, config.log.file !== undefined);

  const clock = systemClock();
  const { owned, output } = openProcessLog(logOf(config.log, asked && wanted, daemon), clock, environment);
  words.log = owned;
  const log = owned.log.with({ daemon });
  const opened = openDataDirectory(wanted);
  if (!opened.ok) process.exit(endWith(opened.fault, words));

  const metrics = metricsRegistry();
  addProcessMetrics(metrics, processFacts(daemon, build()));
  const readiness = new Readiness(environment, line, notify, pidFileOf(opened.value, daemon));
  const reloads = new Reloads(request, loaded.value.config, log, readiness, () => output.reopen());
  reloads.handlers.push(({ log: { level } }) => owned.setLevel(level));
  const files = loaded.value.files.join(" ") || "none";
  log.info("starting", { version: build().version, pid: process.pid, data: opened.value, files });
  return {
    config: loaded.value.config as unknown as DaemonConfig<S>,
    log,
    metrics,
    clock,
    entropy: systemEntropy(),
    data: opened.value,
    stopped: untilStopped(log, readiness, reloads, line.options.has("supervised")),
    leave: new AsyncDisposableStack(),
    ready: (addresses) => sayReady(addresses, words, log, readiness),
    onReload: (handler, when) => reloads.on(handler as unknown as ReloadHandler<HouseConfig>, when),
    reload: () => reloads.run(),
    configuration: configurationView({
      data: opened.value,
      request,
      first: loaded.value,
      current: () => reloads.current,
      reload: () => reloads.run(),
    }),
    refuse: (fault) => endWith(fault, words),
  };
}

async function loadOrEnd<S extends readonly Section[]>(request: LoadRequest<S>) {
  const loaded = await load(request, diskSource());
  return loaded.ok ? loaded : endConfiguration(loaded.fault);
}

/** Ends the process where the command line asks for a verb of the daemon's own. */
function runOwnVerb<C>(
  verb: ((config: C, data: string) => number) | undefined,
  config: C,
  wanted: string | undefined,
): void {
  if (verb) process.exit(verb(config, resolve(wanted ?? ".")));
}

/** A Windows service has no standard error: without a file of its own its log is in the data directory. */
function logOf(config: HouseConfig["log"], data: string | undefined, daemon: Daemon): HouseConfig["log"] {
  if (data === undefined || config.file !== undefined) return config;
  const file = logFileOf(resolve(data), daemon);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return { ...config, file };
}

type HouseConfig = DaemonConfig<readonly []>;

function loadRequest<S extends readonly Section[]>(
  daemon: Daemon,
  sections: S,
  line: CommandLine,
): LoadRequest<S> {
  const [verb = "run", ...more] = line.words;
  const known = verbsOf(daemon)
    .map(({ name }) => name.split(" ")[0])
    .concat("test");
  const unknown = known.includes(verb) ? (verb === "service" ? more[1] : more[0]) : verb;
  if (unknown !== undefined) {
    endUsage(daemon, [{ what: `unknown verb ${unknown}`, at: { source: "the command line" } }]);
  }
  const ports = portsFor(line.options.get("ports"));
  if (!ports) endUsage(daemon, [{ what: "expected default, privileged or auto", at: { source: "--ports" } }]);
  const named = line.options.get("config");
  const isFile = named !== undefined && /\.(?:ya?ml|json|ini)$/i.test(named);
  const from = isFile ? { file: named } : { folder: named ?? configFolder(processEnvironment()) };
  const foreign = daemonNames
    .flatMap((name) => daemons[name].sections)
    .filter((name) => {
      return !sections.some((section) => section.name === name);
    });
  return { daemon, sections, foreign, from, flags: line.statements, ports };
}

/** The verbs about a daemon that is another process; loaded only where one is asked for. */
async function handOver(
  daemon: Daemon,
  { words, flags }: CommandLine,
  wanted: string | undefined,
  logsToFile: boolean,
): Promise<never> {
  const { control } = await import("./control.ts");
  const data = resolve(wanted ?? ".");
  const verbs = words.length > 0 ? words : ["start"];
  const kept = flags.filter((flag) => flag !== "--daemon");
  process.exit(await control({ daemon, words: verbs, flags: kept, data, logsToFile }));
}

function endUsage(daemon: Daemon, problems: readonly Problem[]): never {
  writeLines(problems.flatMap(problemLines));
  writeLines([`  ${binaryOf(daemon)} --help tells more`]);
  process.exit(exitCode.usage);
}

function endConfiguration(problems: readonly Problem[]): never {
  writeLines(problems.flatMap(problemLines));
  process.exit(exitCode.configuration);
}

function endCheck(files: readonly string[]): never {
  writeLines([`the configuration is good (${files.join(", ") || "no files, all defaults"})`]);
  process.exit(exitCode.ok);
}

function sayReady(addresses: Addresses, words: LastWords, log: Log, readiness: Readiness): void {
  words.serving = true;
  const shown = Object.entries(addresses).map(([name, { host, port }]) => [name, `${host} ${port}`]);
  log.info("ready", { ...Object.fromEntries(shown), startMs: Math.round(performance.now()) });
  readiness.ready(addresses);
}

function untilStopped(
  log: Log,
  readiness: Readiness,
  reloads: Reloads,
  supervised: boolean,
): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const stop = (why: string): void => {
    log.info("stopping", { why });
    readiness.notify("STOPPING=1");
    setTimeout(() => {
      log.error("could not leave in time, ending now", { afterMs: leaveMs });
      process.exit(exitCode.tryAgain);
    }, leaveMs).unref();
    resolve(exitCode.ok);
  };
  onSignals({
    stop,
    stopNow: (signal) => process.exit(signal === "SIGINT" ? 130 : 143),
    reload: () => void reloads.run(),
  });
  if (supervised) {
    watchParent(() => stop("the parent is gone"));
  }
  return promise;
}

/** Reads the configuration again and hands on what may change while the daemon runs. */
class Reloads {
  readonly handlers: ReloadHandler<HouseConfig>[] = [];
  readonly always: ReloadHandler<HouseConfig>[] = [];
  readonly #request: LoadRequest<readonly Section[]>;
  readonly #log: Log;
  readonly #readiness: Readiness;
  readonly #reopen: () => void;
  #config: HouseConfig;
  #last: Promise<readonly Problem[]> = Promise.resolve([]);

  constructor(
    request: LoadRequest<readonly Section[]>,
    config: unknown,
    log: Log,
    readiness: Readiness,
    reopen: () => void,
  ) {
    this.#request = request;
    this.#config = config as HouseConfig;
    this.#log = log;
    this.#readiness = readiness;
    this.#reopen = reopen;
  }

  on(handler: ReloadHandler<HouseConfig>, when?: "whenever"): void {
    (when ? this.always : this.handlers).push(handler);
  }

  get current(): object {
    return this.#config;
  }

  /** One at a time, in the order asked. */
  run(): Promise<readonly Problem[]> {
    this.#last = this.#last.then(() => this.#once());
    return this.#last;
  }

  async #once(): Promise<readonly Problem[]> {
    const log = this.#log;
    this.#readiness.reloading();
    this.#reopenLog();
    const loaded = await load(this.#request, diskSource());
    if (loaded.ok) await this.#take(loaded.value.config);
    else {
      for (const { what, at, mend } of loaded.fault) log.warn(what, { at: placeText(at), mend });
      log.warn("reload refused: the configuration stays as it was", { problems: loaded.fault.length });
    }
    this.#readiness.notify("READY=1");
    return loaded.ok ? [] : loaded.fault;
  }

  #reopenLog(): void {
    try {
      this.#reopen();
    } catch (error) {
      this.#log.warn("the log file cannot be opened again", { error: String(error) });
    }
  }

  async #take(next: object): Promise<void> {
    const { sections } = this.#request;
    const plan = reloadPlan(sections, this.#config, next as HouseConfig);
    this.#config = applied(this.#config, next as HouseConfig, plan);
    for (const handler of this.handlers) if (plan.live.length > 0) await handler(this.#config, plan.live);
    for (const handler of this.always) await handler(this.#config, plan.live);
    this.#log.info("reloaded", { changed: plan.live.join(" "), atRestart: plan.restart.join(" ") });
  }
}
