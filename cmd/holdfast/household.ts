import { join } from "node:path";
import type { Fault } from "../../lib/base/fault.ts";
import { processEnvironment } from "../../lib/config/environment.ts";
import { keepChildren, type ChildPlan, type Children, type Settled } from "../../lib/host/children.ts";
import { writeAll } from "../../lib/host/log-output.ts";
import { onSignals, watchLauncher } from "../../lib/host/signals.ts";
import type { Log } from "../../lib/watch/log.ts";
import { isJournal, type ProcessLog } from "../boot-log.ts";
import type { Credentials } from "../credentials.ts";
import { exitCode } from "../exit-codes.ts";
import { endWith } from "../fatal.ts";
import { writeWhole, type Addresses, type ReadyLine } from "../readiness.ts";
import { build } from "../version.ts";
import { relayed } from "./relay-log.ts";
import { servicesOf } from "./services.ts";
import { colours, plain, welcomeText } from "./welcome.ts";

export interface HouseholdNeeds {
  readonly data: string;
  readonly credentials: Credentials;
  readonly processLog: ProcessLog;
  readonly log: Log;
  /** Where addresses and credentials go once all is ready. */
  readonly readyFile: string | undefined;
  readonly quiet: boolean;
}

/** The daemons of one host, kept running together. */
export class Household {
  readonly #needs: HouseholdNeeds;
  readonly #addresses = new Map<string, Addresses>();
  /** Whether the ready file and the welcome are out: later addresses bring them up to date. */
  #open = false;
  #missing: { daemon: string; why: string }[] = [];

  constructor(needs: HouseholdNeeds) {
    this.#needs = needs;
  }

  /** Starts them, tells when they serve, and stops them at SIGTERM. Gives the exit code. */
  async untilStopped(plans: readonly ChildPlan[]): Promise<number> {
    const { log } = this.#needs;
    const { promise: asked, resolve: ask } = Promise.withResolvers<"asked">();
    const children = keepChildren(plans, {
      log,
      onLine: (name, line) => this.#relay(name, line),
      onSaid: (name, line) => this.#said(name, line),
      chance: () => Math.random(),
    });
    const stop = (why: string): void => {
      log.info("stopping", { why });
      ask("asked");
    };
    if (processEnvironment()["npm_lifecycle_event"]) watchLauncher(() => stop("who started us is gone"));
    onSignals({
      stop,
      stopNow: () => this.#kill(children),
      reload: () => children.signal("SIGHUP"),
    });
    const settled = await Promise.race([children.settled, asked]);
    if (settled !== "asked" && !this.#announce(settled)) return endWith(nothingRuns(plans));
    await asked;
    await children.stop();
    log.info("stopped");
    return exitCode.ok;
  }

  #relay(name: string, line: string): void {
    const { owned, output, format, colour } = this.#needs.processLog;
    owned.flush();
    try {
      output.write(relayed(name, line, format, colour));
    } catch {
      // our own reader is gone; the children go on
    }
  }

  #said(name: string, line: string): boolean {
    const ready = readyLine(line);
    if (!ready) return false;
    this.#addresses.set(name, ready);
    if (this.#open) this.#writeReadyFile();
    return true;
  }

  /** Tells the world; false where nothing runs. */
  #announce(settled: ReadonlyMap<string, Settled>): boolean {
    this.#missing = [...settled].flatMap(([daemon, how]) => {
      return how.serving ? [] : [{ daemon, why: firstReason(how.said) || `exit code ${how.code}` }];
    });
    if (this.#addresses.size === 0) return false;
    this.#open = true;
    this.#writeReadyFile();
    if (!this.#needs.quiet) this.#welcome();
    return true;
  }

  #writeReadyFile(): void {
    const { readyFile, credentials } = this.#needs;
    if (readyFile === undefined) return;
    const services = servicesOf(this.#addresses, credentials);
    writeWhole(readyFile, `${JSON.stringify(services, undefined, 2)}\n`, 0o600);
  }

  #welcome(): void {
    const { data, credentials, processLog } = this.#needs;
    const environment = processEnvironment();
    const paint = process.stdout.isTTY && !environment["NO_COLOR"] ? colours : plain;
    const text = welcomeText(
      {
        version: build().version,
        data,
        kept: join(data, "first-run.json"),
        user: credentials.user,
        password: credentials.password,
        services: servicesOf(this.#addresses, credentials),
        missing: this.#missing,
        hideSecrets: isJournal(environment, 1),
      },
      paint,
    );
    processLog.owned.flush();
    writeAll(1, text);
  }

  #kill(children: Children): never {
    children.signal("SIGKILL");
    process.exit(exitCode.refused);
  }
}

function readyLine(line: string): Addresses | undefined {
  if (!line.startsWith('{"ready":')) return undefined;
  try {
    return (JSON.parse(line) as ReadyLine).ready;
  } catch {
    return undefined;
  }
}

/** The message of the last words a child said, whatever form they have. */
function firstReason(said: string): string {
  const lines = said.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
  return lines[0]?.trim() ?? "";
}

function nothingRuns(plans: readonly ChildPlan[]): Fault {
  const names = plans.map(({ name }) => name).join(", ");
  if (names === "") {
    const mend = "put holdfast-s3d, holdfast-ftpd or holdfast-utcd into the same folder";
    return { code: "unavailable", what: "there is no daemon to start", mend };
  }
  return { code: "unavailable", what: `none of ${names} could start`, mend: "the lines above say why" };
}
