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

/** Opens the log that the configuration asks for. Throws where its file cannot be opened. */
export function openProcessLog(
  config: LogConfig,
  clock: Clock,
  environment: Environment,
): { owned: OwnedLog; output: LogOutput } {
  const output = logOutput(config.file);
  const terminal = config.file === undefined && process.stderr.isTTY;
  const format = config.format === "auto" ? ownFormat(config, terminal, environment) : config.format;
  const owned: OwnedLog = openLog({
    write: (text) => output.write(text),
    format,
    colour: terminal && format === "human" && !environment["NO_COLOR"],
    level: config.level,
    wall: () => clock.wall(),
    waiting: () => void setTimeout(() => owned.flush(), patienceMs),
  });
  return { owned, output };
}

function ownFormat(config: LogConfig, terminal: boolean, environment: Environment): LogFormat {
  if (config.file === undefined && isJournal(environment["JOURNAL_STREAM"])) return "journal";
  return terminal ? "human" : "json";
}

/** $JOURNAL_STREAM is "device:inode" of the journal's socket: systemd.exec(5). It is inherited, so what
 *  counts
 *  is whether our standard error still is that socket. */
function isJournal(stream: string | undefined): boolean {
  if (!stream) return false;
  const { dev, ino } = fstatSync(2);
  return stream === `${dev}:${ino}`;
}
