import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Endpoint } from "../lib/base/endpoint.ts";
import type { Environment } from "../lib/config/environment.ts";
import type { CommandLine } from "../lib/config/flags.ts";
import { writeAll } from "../lib/host/log-output.ts";
import { monotonicMicroseconds } from "../lib/host/notify.ts";

/** Where a daemon's services listen, by name: "s3", "ftp", "ntp", "admin" … */
export type Addresses = Readonly<Record<string, Endpoint>>;

/** The line a supervised daemon says on standard output once it serves. */
export interface ReadyLine {
  readonly ready: Addresses;
}

/** Tells those who wait: the service manager, the parent, a file. */
export class Readiness {
  readonly notify: (state: string) => void;
  readonly #environment: Environment;
  readonly #line: CommandLine;

  readonly #pidFiles: readonly string[];

  /** `pidFile` is where the house looks; the operator may want another one. */
  constructor(environment: Environment, line: CommandLine, notify: (state: string) => void, pidFile: string) {
    this.#environment = environment;
    this.#line = line;
    this.notify = notify;
    this.#pidFiles = [pidFile, line.options.get("pid-file")].filter((path) => path !== undefined);
  }

  ready(addresses: Addresses): void {
    const said: ReadyLine = { ready: addresses };
    for (const path of this.#pidFiles) {
      writeWhole(path, `${process.pid}\n`, 0o644);
      process.on("exit", () => rmSync(path, { force: true }));
    }
    const file = this.#line.options.get("ready-file");
    if (file !== undefined) writeWhole(file, `${JSON.stringify(addresses, undefined, 2)}\n`, 0o600);
    if (this.#line.options.has("supervised")) writeAll(1, `${JSON.stringify(said)}\n`);
    this.notify("READY=1");
    this.#feedWatchdog();
  }

  /** A reload begins; `notify("READY=1")` ends it. */
  reloading(): void {
    this.notify(`RELOADING=1\nMONOTONIC_USEC=${monotonicMicroseconds() ?? 0n}`);
  }

  /** WATCHDOG=1 at half the time asked for, from the main loop alone: a loop that hangs is found out. */
  #feedWatchdog(): void {
    const microseconds = Number(this.#environment["WATCHDOG_USEC"] ?? 0);
    const meant = this.#environment["WATCHDOG_PID"] ?? String(process.pid);
    if (!(microseconds > 0) || meant !== String(process.pid)) return;
    setInterval(() => this.notify("WATCHDOG=1"), microseconds / 2000).unref();
  }
}

/** Writes a file that appears whole or not at all. */
export function writeWhole(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text, { mode });
  renameSync(temporary, path);
}
