import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Entropy } from "../../lib/base/entropy.ts";
import type { Clock } from "../../lib/base/time.ts";
import { Anomalies, type Anomaly } from "../../lib/gate/time/anomalies.ts";
import {
  anomalyEntry,
  Evidence,
  eventEntry,
  evidenceChain,
  malfeasanceEntry,
  type ClockMoment,
} from "../../lib/gate/time/evidence.ts";
import { History } from "../../lib/gate/time/history.ts";
import { openAuditLog, type AuditLog } from "../../lib/store/audit-log.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { Metrics } from "../../lib/watch/metrics.ts";
import { tellLife } from "../admin.ts";
import { momentOf } from "./clock-moment.ts";
import type { UtcdConfig } from "./config.ts";
import type { TimeKeeping } from "./keep-time.ts";
import type { Kept } from "./kept.ts";
import { TimeGauges } from "./time-gauges.ts";

export interface RecordHow {
  readonly evidence: UtcdConfig["evidence"];
  readonly kept: Kept;
  readonly data: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  readonly metrics: Metrics;
}

const everyMs = 1000;
const saveEveryMs = 600_000;

/** What is kept of the clock's past: the evidence on disk, the history for people, the metrics for machines.
 *  */
export class ClockRecord implements AsyncDisposable {
  readonly history: History;
  readonly anomalies = new Anomalies();
  readonly #kept: Kept;
  readonly #path: string;
  readonly #log: Log;
  readonly #gauges: TimeGauges;
  readonly #evidence: Evidence;
  readonly #end = new AsyncDisposableStack();
  #trail: AuditLog | undefined;
  #savedAt = performance.now();

  /** While there is no source nothing is noted. Evidence that cannot be written is told in the log, and time
   *  is
   *  served without. */
  static async begin(how: RecordHow): Promise<ClockRecord> {
    const path = join(how.data, "time-history.json");
    const history = History.restore(await readFile(path, "utf8").catch(() => ""));
    const record = new ClockRecord(how, path, history);
    if (how.evidence.enabled) await record.#openTrail(how);
    return record;
  }

  private constructor({ kept, evidence, log, metrics }: RecordHow, path: string, history: History) {
    this.history = history;
    this.#kept = kept;
    this.#path = path;
    this.#log = log;
    this.#gauges = new TimeGauges(metrics);
    this.#evidence = new Evidence(evidence.interval / 1000);
    kept.watchers.push((event) => {
      if (kept.keeping) this.#trail?.tell(eventEntry(event, momentOf(kept.keeping).at));
    });
    const timer = setInterval(() => kept.keeping && this.#look(kept.keeping), everyMs);
    this.#end.defer(() => clearInterval(timer));
  }

  /** Two Roughtime servers contradict each other. */
  malfeasance(servers: string, proof: string): void {
    const { keeping } = this.#kept;
    if (keeping) this.#trail?.tell(malfeasanceEntry(momentOf(keeping).at, servers, proof));
  }

  async #openTrail({ data, clock, entropy, log }: RecordHow): Promise<void> {
    const opened = await openAuditLog(data, evidenceChain, { clock, entropy, log });
    if (!opened.ok) {
      log.error("no evidence is kept of this clock", { what: opened.fault.what, where: opened.fault.where });
      return;
    }
    this.#trail = this.#end.use(opened.value);
    this.#end.use(tellLife(opened.value, clock, "utcd"));
    this.#end.defer(() => this.#lastLine(opened.value));
  }

  #look(keeping: TimeKeeping): void {
    const moment = momentOf(keeping);
    this.#gauges.set(moment, keeping);
    this.#note(moment, keeping);
    const line = this.#evidence.look(moment);
    if (line) this.#trail?.tell(line);
    if (performance.now() - this.#savedAt < saveEveryMs) return;
    this.#savedAt = performance.now();
    void this.#save();
  }

  /** Of the clock: offset, bound, rate. Of a source: offset, delay, distance. */
  #note({ at, budget, offset, rate }: ClockMoment, keeping: TimeKeeping): void {
    const seconds = at / 1000;
    const now = keeping.now();
    const bound = keeping.keeper.bound(now);
    if (budget && bound !== undefined) {
      this.history.note("clock", seconds, [offset, bound, rate]);
      this.#watch("clock", "rate", seconds, rate);
    }
    const { oscillator, system } = keeping.port.clock.read();
    for (const source of keeping.keeper.sources) {
      const { unusable, offset: ahead, distance } = source.candidate(now);
      if (unusable || !Number.isFinite(distance)) continue;
      const values = [oscillator + ahead - system, source.filter.recentDelay, distance];
      this.history.note(source.how.name, seconds, values);
      this.#watch(source.how.name, "delay", seconds, source.filter.recentDelay);
    }
  }

  #watch(about: string, what: Anomaly["what"], at: number, value: number): void {
    const found = this.anomalies.note(about, what, at, value);
    if (!found) return;
    this.#log.warn("something is not as it used to be", { about, what, was: found.was, is: found.is });
    this.#trail?.tell(anomalyEntry(found));
  }

  #lastLine(trail: AuditLog): void {
    const { keeping } = this.#kept;
    const line = keeping && this.#evidence.end(momentOf(keeping));
    if (line) trail.tell(line);
  }

  async #save(): Promise<void> {
    try {
      await writeFile(`${this.#path}.new`, this.history.save(), { mode: 0o600 });
      await rename(`${this.#path}.new`, this.#path);
    } catch (cause) {
      this.#log.warn("the clock's history cannot be saved", { what: (cause as Error).message });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end.disposeAsync();
    if (this.#kept.keeping) await this.#save();
  }
}
