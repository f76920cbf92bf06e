import { fstatSync } from "node:fs";
import type { Environment } from "../lib/config/environment.ts";
import type { ConfigOf } from "../lib/config/section.ts";
import type { Clock } from "../lib/base/time.ts";
import { logOutput, type LogOutput } from "../lib/host/log-output.ts";
import type { LogFormat } from "../lib/watch/log-line.ts";
import { openLog, type OwnedLog } from "../lib/watch/log-writer.ts";
import type { logSection } from "./house-sections.ts";

type LogConfig = ConfigOf<readonly [typeof logSection]>["log"];

/** Lines wait at most so long for company. */
const patienceMs = 20;

/** A process's log, and how its lines look. */
export interface ProcessLog {
  readonly owned: OwnedLog;
  readonly output: LogOutput;
  readonly format: LogFormat;
  readonly colour: boolean;
}

/** Opens the log that the configuration asks for. Throws where its file cannot be opened. */
export function openProcessLog(config: LogConfig, clock: Clock, environment: Environment): ProcessLog {
  const output = logOutput(config.file);
  const terminal = config.file === undefined && process.stderr.isTTY;
  const format = config.format === "auto" ? ownFormat(config, terminal, environment) : config.format;
  const colour = terminal && format === "human" && !environment["NO_COLOR"];
  const owned: OwnedLog = openLog({
    write: (text) => output.write(text),
    format,
    colour,
    level: config.level,
    wall: () => clock.wall(),
    waiting: () => void setTimeout(() => owned.flush(), patienceMs),
  });
  return { owned, output, format, colour };
}

function ownFormat(config: LogConfig, terminal: boolean, environment: Environment): LogFormat {
  if (config.file === undefined && isJournal(environment, 2)) return "journal";
  return terminal ? "human" : "json";
}

/** Whether a descriptor of ours leads to the journal. $JOURNAL_STREAM is "device:inode" of its socket
 *  (systemd.exec(5)); it is inherited, so what counts is whether the descriptor still is that socket. */
export function isJournal(environment: Environment, fd: number): boolean {
  const stream = environment["JOURNAL_STREAM"];
  if (!stream) return false;
  const { dev, ino } = fstatSync(fd);
  return stream === `${dev}:${ino}`;
}
