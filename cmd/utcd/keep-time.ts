import { networkInterfaces } from "node:os";
import { join } from "node:path";
import type { Entropy } from "../../lib/base/entropy.ts";
import { parseIp } from "../../lib/base/ip.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { defaultDiscipline } from "../../lib/gate/time/discipline.ts";
import { Fence } from "../../lib/gate/time/fence.ts";
import { Keeper, type KeeperEvent } from "../../lib/gate/time/keeper.ts";
import { claimOf, readingOf } from "../../lib/gate/time/ptp-clock.ts";
import { RefSource } from "../../lib/gate/time/ref-source.ts";
import type { SelectionRules } from "../../lib/gate/time/selection.ts";
import type { NtpSource } from "../../lib/gate/time/source.ts";
import type { KernelClock } from "../../lib/host/platform/kernel-clock.ts";
import type { SymmetricKey } from "../../lib/proto/ntp/keys.ts";
import { referenceIdOf } from "../../lib/proto/ntp/header.ts";
import { referenceIdOfIp } from "../../lib/proto/ntp/reference-id.ts";
import { timestampOf } from "../../lib/proto/ntp/timestamp.ts";
import type { PtpSample } from "../../lib/proto/ptp/slave.ts";
import type { RefReading } from "../../lib/proto/refclock/reading.ts";
import type { Log } from "../../lib/watch/log.ts";
import { openClockPort, type ClockPort } from "./clock-port.ts";
import type { UtcdConfig } from "./config.ts";
import { DriftFile } from "./drift-file.ts";
import { Members } from "./members.ts";
import { QueryThread } from "./query-thread.ts";
import { listenToRefClock, type RefClockLine } from "./ref-clocks.ts";
import type { Remote } from "./remote.ts";

export interface KeepTimeHow {
  readonly clock: UtcdConfig["clock"];
  readonly ptp: UtcdConfig["ptp"];
  readonly keys: readonly SymmetricKey[];
  readonly kernel: KernelClock | undefined;
  readonly precision: number;
  readonly data: string;
  readonly entropy: Entropy;
  readonly log: Log;
  /** Told whatever the keeper does. */
  readonly tell: (event: KeeperEvent) => void;
}

const noise = 1e-6;
/** The loop looks after itself at least so often. */
const longestSleepMs = 1000;

/** The client's side of the daemon: sources, the keeper, and the loop that drives them. */
export class TimeKeeping implements AsyncDisposable {
  readonly keeper: Keeper;
  readonly port: ClockPort;
  readonly #how: KeepTimeHow;
  readonly fence = new Fence();
  readonly #log: Log;
  readonly #drift: DriftFile;
  readonly #thread = new QueryThread();
  /** Unix seconds that the keeper's times count from. */
  readonly epoch: number;
  readonly #members: Members;
  /** The master of a PTP network. */
  readonly #ptp: RefSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  /** Faults: invalid (a server's line), not-found (a key, a CA file), unsupported. */
  static async begin(how: KeepTimeHow): Promise<Result<TimeKeeping>> {
    const epoch = Math.floor(Date.now() / 1000);
    const port = openClockPort(how.clock.mode, epoch, how.kernel, how.log);
    if (!port) return fail("unsupported", "this system's oscillator cannot be read: no client here");
    const drift = new DriftFile(join(how.data, "clock.drift"));
    const keeping = new TimeKeeping(how, port, epoch, drift, await drift.read());
    const taken = await keeping.take(how.clock, how.keys);
    if (taken.ok) return ok(keeping);
    await keeping[Symbol.asyncDispose]();
    return taken;
  }

  private constructor(
    how: KeepTimeHow,
    port: ClockPort,
    epoch: number,
    drift: DriftFile,
    initialRate: number,
  ) {
    this.#how = how;
    this.#log = how.log;
    this.#drift = drift;
    this.port = port;
    this.epoch = epoch;
    const start = timestampOf(epoch, 0);
    const { entropy, log } = how;
    const now = (): number => this.now();
    const members = new Members({ start, entropy, log, now, listen: (clock) => this.#listenTo(clock) });
    this.#members = members;
    this.#ptp = ptpSource(how.ptp);
    this.keeper = new Keeper({
      clock: port.clock,
      mode: port.mode,
      sources: [],
      selection: rulesOf(how.clock),
      discipline: disciplineOf(how.clock),
      initialRate: port.mode === "steer" ? initialRate : 0,
      epoch: start,
      precision: how.precision,
      referenceOf: (name) =>
        name === this.#ptp?.how.name ? referenceIdOf(this.#ptp.how.letters) : members.referenceOf(name),
      ownReferences: ownReferences(),
      fence: this.fence,
    });
  }

  /** Follows what the configuration says now; sources that stay keep what they know. With a fault nothing
   *  changes. Faults: as of `begin`. */
  async take(clock: UtcdConfig["clock"], keys: readonly SymmetricKey[]): Promise<Result<void>> {
    const fresh = await this.#members.take(clock, keys);
    if (!fresh.ok) return fresh;
    const sources = [...this.#members.sources, ...(this.#ptp ? [this.#ptp] : [])];
    this.keeper.follow(sources, rulesOf(clock), this.now());
    void Promise.all(fresh.value.map((remote) => remote.begin())).then(() => this.#turn());
    return ok();
  }

  remoteOf(source: NtpSource): Remote {
    return this.#members.remoteOf(source)!;
  }

  #listenTo(clock: RefClockLine): Disposable {
    const systemNow = (): number => this.epoch + this.port.clock.read().system;
    return listenToRefClock(clock, {
      tell: (reading) => this.#heard(clock, reading),
      systemNow,
      log: this.#log,
    });
  }

  /** Turns "it was `real` when the system's clock showed `system`" into the oscillator's terms. */
  #heard({ source, noise: usual }: RefClockLine, { real, system, error, leap }: RefReading): void {
    const now = this.port.clock.read();
    const seen = system ? system.seconds - this.epoch + system.nanoseconds * 1e-9 : now.system;
    const age = now.system - seen;
    if (age < -0.001 || age > 10) return; // stamps that our clock cannot have made
    const at = now.oscillator - age;
    const truth = real.seconds - this.epoch + real.nanoseconds * 1e-9;
    this.keeper.heard(source, { at, offset: truth - at, noise: error ?? usual, leap });
    this.#tell();
  }

  /** A PTP slave has learnt something of its master. */
  heardPtp(sample: PtpSample): void {
    if (!this.#ptp || this.#ended) return;
    this.#ptp.claims(claimOf(sample.master));
    this.keeper.heard(this.#ptp, readingOf(sample));
    this.#tell();
  }

  /** Seconds on the oscillator. */
  now(): number {
    return this.port.clock.read().oscillator;
  }

  /** Unix seconds of the time that is served. */
  servedNow(): number {
    return this.epoch + this.port.clock.read().system + this.keeper.correction();
  }

  #turn(): void {
    if (this.#ended) return;
    clearTimeout(this.#timer);
    for (const source of this.keeper.tick(this.now())) void this.#ask(source);
    this.#tell();
    const sleep = (this.keeper.wakeAt - this.now()) * 1000;
    this.#timer = setTimeout(() => this.#turn(), Math.min(longestSleepMs, Math.max(1, sleep)));
  }

  async #ask(source: NtpSource): Promise<void> {
    const remote = this.remoteOf(source);
    const question = source.ask(this.now());
    if (source.reach === 0 || !remote.ip) void remote.resolve();
    const { ip } = remote;
    if (!question || !ip) return;
    const asked = await this.#thread.ask(ip, remote.port, question.bytes);
    if (this.#ended || !asked.ok) return;
    const { reply, sentAt, receivedAt } = asked.value;
    const outcome = this.keeper.answer(source, reply, ip, { sentAt, receivedAt, noise });
    if (outcome === "kiss-nts") remote.forgetKeys();
    if (outcome !== "sample") this.#log.debug("reply not used", { server: remote.name, why: outcome });
    this.#tell();
  }

  #tell(): void {
    for (let event = this.keeper.poll(); event; event = this.keeper.poll()) {
      this.#how.tell(event);
      if (event.what === "selected") this.#log.info("source selected", { source: event.source });
      else if (event.what === "changed") this.#log.warn("source or path changed", { source: event.source });
      else if (event.what === "no-majority") this.#log.warn("no majority among the sources");
      else if (event.what === "leapt") this.#log.info("leap second", { by: event.by });
      else if (event.what === "fenced")
        this.#log.error("the sources contradict the witnesses: they are not followed", { seconds: event.by });
      else if (event.what === "stepped") this.#log.warn("clock stepped", { seconds: event.by });
      else if (event.what === "jumped") this.#log.warn("somebody else set the clock", { seconds: event.by });
    }
    const said = this.keeper.selection.combined;
    if (said) this.#drift.note(this.keeper.rate, said.rateError, this.now());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#members[Symbol.dispose]();
    this.#thread[Symbol.dispose]();
    await this.#drift.save();
  }
}

function ptpSource({ role, device, alone }: UtcdConfig["ptp"]): RefSource | undefined {
  if (role !== "slave") return undefined;
  const name = `ptp ${device}`;
  return new RefSource({ name, letters: "PTP", prefer: false, uncertainty: 0, needsWitness: !alone });
}

const rulesOf = ({ maxDistance, minSources }: UtcdConfig["clock"]): SelectionRules => ({
  maxDistance: maxDistance / 1000,
  minSources,
});

function disciplineOf(clock: UtcdConfig["clock"]): typeof defaultDiscipline {
  const { stepAbove, stepUpdates, panicAbove, maxSlew } = clock;
  return {
    ...defaultDiscipline,
    stepAbove: stepAbove / 1000,
    stepUpdates,
    panicAbove: panicAbove / 1000,
    maxSlew: maxSlew * 1e-6,
  };
}

/** What servers that follow one of our addresses would call their reference. Loopback is nobody's. */
function ownReferences(): ReadonlySet<number> {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside = addresses
    .filter(({ internal }) => !internal)
    .flatMap(({ address }) => parseIp(address) ?? []);
  return new Set(outside.map(referenceIdOfIp));
}
