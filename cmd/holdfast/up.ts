import type { Clock } from "../../lib/base/time.ts";
import type { Entropy } from "../../lib/base/entropy.ts";
import type { Result } from "../../lib/base/result.ts";
import { processEnvironment } from "../../lib/config/environment.ts";
import { readCommandLine, type CommandLine } from "../../lib/config/flags.ts";
import { load } from "../../lib/config/load.ts";
import { problemLines, type Problem } from "../../lib/config/problem.ts";
import { systemClock } from "../../lib/host/clock.ts";
import { systemEntropy } from "../../lib/host/entropy.ts";
import type { Log } from "../../lib/watch/log.ts";
import { openProcessLog } from "../boot-log.ts";
import { diskSource } from "../config-source.ts";
import type { Credentials } from "../credentials.ts";
import { daemonNames, daemons } from "../daemons.ts";
import { exitCode } from "../exit-codes.ts";
import { catchFatal, endWith, writeLines } from "../fatal.ts";
import { dataSection, logSection } from "../house-sections.ts";
import { configFolder, defaultDataDirectory, openDataDirectory, portsFor } from "../places.ts";
import { findDaemons } from "./find-daemons.ts";
import { Household } from "./household.ts";
import { upHelp, upOptions } from "./up-options.ts";

/** Makes sure that the house has its first administrator, key pair and token, and gives them. */
export type Provision = (house: {
  readonly data: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
}) => Promise<Result<Credentials>>;

const upSections = [dataSection, logSection] as const;

/** `holdfast up`: all daemons of this host as children on one data directory, until SIGTERM. Gives the exit
 *  code. A daemon that cannot start is told of and left out; when none can, the code is 69. */
export async function up(argv: readonly string[], provision: Provision): Promise<number> {
  const words = catchFatal();
  process.umask(0o077);
  const line = readCommandLine(argv, upOptions, upSections);
  if (line.options.has("help")) return tell([upHelp], exitCode.ok);
  const wrong = usageProblems(line);
  if (wrong.length > 0) return tell(wrong.flatMap(problemLines), exitCode.usage);
  const loaded = await ownConfig(line);
  if (!loaded.ok) return tell(loaded.fault.flatMap(problemLines), exitCode.configuration);

  const config = loaded.value.config;
  const environment = processEnvironment();
  const clock = systemClock();
  const processLog = openProcessLog(config.log, clock, environment);
  words.log = processLog.owned;
  const log = processLog.owned.log.with({ daemon: "up" });
  const wanted = line.options.get("data") ?? config.data.dir ?? defaultDataDirectory(environment);
  const opened = openDataDirectory(wanted);
  if (!opened.ok) return endWith(opened.fault, words);
  const data = opened.value;
  const credentials = await provision({ data, clock, entropy: systemEntropy(), log });
  if (!credentials.ok) return endWith(credentials.fault, words);

  const plans = findDaemons().map(({ name, command }) => {
    return { name, command: [...command, ...childFlags(line, data)] };
  });
  const household = new Household({
    data,
    credentials: credentials.value,
    processLog,
    log,
    readyFile: line.options.get("ready-file"),
    quiet: line.options.has("quiet"),
  });
  return household.untilStopped(plans);
}

function tell(lines: readonly string[], code: number): number {
  writeLines(lines);
  return code;
}

function usageProblems(line: CommandLine): readonly Problem[] {
  const stray = line.words.map((word) => ({ what: `unknown word ${word}`, at: { source: "up" } }));
  const ports = portsFor(line.options.get("ports"))
    ? []
    : [{ what: "expected default, privileged or auto", at: { source: "--ports" } }];
  return [...line.problems, ...stray, ...ports];
}

/** The settings that are up's own: where the data is, and how it logs. Everything else is the daemons'. */
function ownConfig(line: CommandLine): ReturnType<typeof load<typeof upSections>> {
  const named = line.options.get("config");
  const isFile = named !== undefined && /\.(?:ya?ml|json|ini)$/i.test(named);
  const from = isFile ? { file: named } : { folder: named ?? configFolder(processEnvironment()) };
  const foreign = ["admin", ...daemonNames.flatMap((name) => daemons[name].sections)];
  const flags = line.statements;
  return load({ daemon: "up", sections: upSections, foreign, from, flags, ports: "auto" }, diskSource());
}

/** What each child is told. Its log goes through us, so its level is ours. */
function childFlags(line: CommandLine, data: string): string[] {
  const config = line.options.get("config");
  const ports = line.options.get("ports") ?? "default";
  const passed = ["--ports", ports === "default" ? "unprivileged" : ports];
  if (config !== undefined) passed.push("--config", config);
  const level = line.statements.find(({ section, key }) => section === "log" && key === "level");
  const said = level && "scalar" in level.value ? ["--log-level", String(level.value.scalar)] : [];
  return ["--supervised", "--data", data, "--log-format", "json", ...passed, ...said];
}
