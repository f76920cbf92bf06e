import type { UnixMs } from "../base/time.ts";
import { lineText, type LogFormat } from "./log-line.ts";
import type { Log, LogFields, LogLevel } from "./log.ts";

export interface LogOutlet {
  /** Writes all of the text at once: lines are whole, and never interleave with another writer's. */
  write(text: string): void;
  readonly format: LogFormat;
  readonly colour: boolean;
  readonly level: LogLevel;
  wall(): UnixMs;
  /** Called when lines begin to wait: the owner sees to it that `flush` runs within moments. */
  waiting(): void;
}

/** A log with an owner: the level can change while it runs, and what waits can be written out. */
export interface OwnedLog {
  readonly log: Log;
  setLevel(level: LogLevel): void;
  flush(): void;
}

/** Lines wait for one another up to this size, so that a busy daemon writes seldom. */
export const bufferBytes = 64 * 1024;

const rank: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Makes a log. Errors are written at once with everything before them; the rest when the buffer is full or
 *  the owner flushes. A write that fails is dropped and counted in the next line that succeeds. */
export function openLog(outlet: LogOutlet): OwnedLog {
  const core = new LogBuffer(outlet);
  return {
    log: logWith(core, {}),
    setLevel: (level) => {
      core.least = rank[level];
    },
    flush: () => core.flush(),
  };
}

class LogBuffer {
  least: number;
  readonly #outlet: LogOutlet;
  #held = "";
  #lost = 0;
  #heldLines = 0;

  constructor(outlet: LogOutlet) {
    this.#outlet = outlet;
    this.least = rank[outlet.level];
  }

  add(level: LogLevel, message: string, fields: LogFields): void {
    const { format, colour } = this.#outlet;
    const line = { at: this.#outlet.wall(), level, message, fields };
    if (this.#held === "") this.#outlet.waiting();
    this.#held += `${lineText(line, format, colour)}\n`;
    this.#heldLines++;
    if (level === "error" || this.#held.length >= bufferBytes) this.flush();
  }

  flush(): void {
    if (this.#held === "") return;
    const text = this.#lostLine() + this.#held;
    const lines = this.#heldLines;
    this.#held = "";
    this.#heldLines = 0;
    try {
      this.#outlet.write(text);
      this.#lost = 0;
    } catch {
      this.#lost += lines; // a full disk or a closed pipe must not end the service
    }
  }

  #lostLine(): string {
    if (this.#lost === 0) return "";
    const { format, colour } = this.#outlet;
    const fields = { lines: this.#lost };
    const line = { at: this.#outlet.wall(), level: "warn", message: "log lines were lost", fields } as const;
    return `${lineText(line, format, colour)}\n`;
  }
}

function logWith(core: LogBuffer, always: LogFields): Log {
  const at =
    (level: LogLevel) =>
    (message: string, fields?: LogFields): void => {
      if (rank[level] >= core.least) core.add(level, message, fields ? { ...always, ...fields } : always);
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => logWith(core, { ...always, ...fields }),
  };
}
