import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import type { Entropy } from "../../lib/base/entropy.ts";
import type { Fault } from "../../lib/base/fault.ts";
import { parseIp } from "../../lib/base/ip.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { defaultDiscipline } from "../../lib/gate/time/discipline.ts";
import { Keeper, type KeeperEvent } from "../../lib/gate/time/keeper.ts";
import { NtpSource } from "../../lib/gate/time/source.ts";
import type { KernelClock } from "../../lib/host/platform/kernel-clock.ts";
import { referenceIdOf } from "../../lib/proto/ntp/header.ts";
import { KeyRing, type SymmetricKey } from "../../lib/proto/ntp/keys.ts";
import { referenceIdOfIp } from "../../lib/proto/ntp/reference-id.ts";
import { timestampOf } from "../../lib/proto/ntp/timestamp.ts";
import type { RefReading } from "../../lib/proto/refclock/reading.ts";
import type { Log } from "../../lib/watch/log.ts";
import { openClockPort, type ClockPort } from "./clock-port.ts";
import type { UtcdConfig } from "./config.ts";
import { DriftFile } from "./drift-file.ts";
import { QueryThread } from "./query-thread.ts";
import { listenToRefClock, parseRefClock, type RefClockLine } from "./ref-clocks.ts";
import { Remote } from "./remote.ts";
import { parseServerLine } from "./server-line.ts";

export interface KeepTimeHow {
  readonly clock: UtcdConfig["clock"];
  readonly keys: readonly SymmetricKey[];
  readonly kernel: KernelClock | undefined;
  readonly precision: number;
  readonly data: string;
  readonly entropy: Entropy;
  readonly log: Log;
}

const poolSize = 4;
const noise = 1e-6;
/** The loop looks after itself at least so often. */
const longestSleepMs = 1000;

/** The client's side of the daemon: sources, the keeper, and the loop that drives them. */
export class TimeKeeping implements AsyncDisposable {
  readonly keeper: Keeper;
  readonly port: ClockPort;
  readonly remotes: ReadonlyMap<NtpSource, Remote>;
  /** Resolves with the reason when the clock must not be kept any longer. */
  readonly failed: Promise<Fault>;
  /** Told whatever the keeper did. */
  readonly watchers: ((event: KeeperEvent) => void)[] = [];
  readonly #log: Log;
  readonly #drift: DriftFile;
  readonly #thread = new QueryThread();
  readonly #fail: (fault: Fault) => void;
  readonly #epoch: number;
  readonly #listening: readonly Disposable[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  /** Undefined where no server is configured. Faults: invalid (a server's line), not-found (a key, a CA
   *  file),
   *  unsupported. */
  static async begin(how: KeepTimeHow): Promise<Result<TimeKeeping | undefined>> {
    if (how.clock.servers.length + how.clock.refclocks.length === 0) return ok(undefined);
    const remotes = await remotesOf(how);
    if (!remotes.ok) return remotes;
    const clocks: RefClockLine[] = [];
    for (const text of how.clock.refclocks) {
      const line = parseRefClock(text);
      if (!line.ok) return line;
      clocks.push(line.value);
    }
    const epoch = Math.floor(Date.now() / 1000);
    const port = openClockPort(how.clock.mode, epoch, how.kernel, how.log);
    if (!port) return fail("unsupported", "this system's oscillator cannot be read: no client here");
    const drift = new DriftFile(join(how.data, "clock.drift"));
    const sources = { remotes: remotes.value, clocks };
    const keeping = new TimeKeeping(how, sources, port, epoch, drift, await drift.read());
    void Promise.all(remotes.value.map((remote) => remote.begin())).then(() => keeping.#turn());
    return ok(keeping);
  }

  private constructor(
    how: KeepTimeHow,
    { remotes, clocks }: { readonly remotes: readonly Remote[]; readonly clocks: readonly RefClockLine[] },
    port: ClockPort,
    epoch: number,
    drift: DriftFile,
    initialRate: number,
  ) {
    this.#log = how.log;
    this.#drift = drift;
    this.port = port;
    const { promise, resolve } = Promise.withResolvers<Fault>();
    this.failed = promise;
    this.#fail = resolve;
    const ring = new KeyRing(how.keys);
    const start = timestampOf(epoch, 0);
    const now = port.clock.read().oscillator;
    const { minPoll, maxPoll, minSources, maxDistance } = how.clock;
    const sourceOf = (remote: Remote): NtpSource => {
      const { key, nts, prefer } = remote.line;
      const secured = nts ? { fields: () => remote.fields() } : key > 0 ? { key: { id: key, ring } } : {};
      return new NtpSource(
        { name: remote.name, minPoll, maxPoll, prefer, ...secured },
        start,
        how.entropy,
        now,
      );
    };
    this.remotes = new Map(remotes.map((remote) => [sourceOf(remote), remote]));
    const byName = new Map(remotes.map((remote) => [remote.name, remote]));
    this.keeper = new Keeper({
      clock: port.clock,
      mode: port.mode,
      sources: [...this.remotes.keys(), ...clocks.map((clock) => clock.source)],
      selection: { maxDistance: maxDistance / 1000, minSources },
      discipline: disciplineOf(how.clock),
      initialRate: port.mode === "steer" ? initialRate : 0,
      epoch: start,
      precision: how.precision,
      referenceOf: (name) => {
        const clock = clocks.find(({ source }) => source.how.name === name);
        if (clock) return referenceIdOf(clock.source.how.letters);
        return referenceIdOfIp(byName.get(name)?.ip ?? new Uint8Array(4));
      },
      ownReferences: ownReferences(),
    });
    this.#epoch = epoch;
    this.#listening = clocks.map((clock) => this.#listenTo(clock));
  }

  #listenTo(clock: RefClockLine): Disposable {
    const systemNow = (): number => this.#epoch + this.port.clock.read().system;
    return listenToRefClock(clock, {
      tell: (reading) => this.#heard(clock, reading),
      systemNow,
      log: this.#log,
    });
  }

  /** Turns "it was `real` when the system's clock showed `system`" into the oscillator's terms. */
  #heard({ source, noise }: RefClockLine, { real, system, error, leap }: RefReading): void {
    const now = this.port.clock.read();
    const seen = system ? system.seconds - this.#epoch + system.nanoseconds * 1e-9 : now.system;
    const age = now.system - seen;
    if (age < -0.001 || age > 10) return; // stamps that our clock cannot have made
    const at = now.oscillator - age;
    const truth = real.seconds - this.#epoch + real.nanoseconds * 1e-9;
    this.keeper.heard(source, at, truth - at, error ?? noise, leap);
    this.#tell();
  }

  /** Seconds on the oscillator. */
  now(): number {
    return this.port.clock.read().oscillator;
  }

  /** Unix seconds of the time that is served. */
  servedNow(): number {
    return this.#epoch + this.port.clock.read().system + this.keeper.correction();
  }

  #turn(): void {
    if (this.#ended) return;
    for (const source of this.keeper.tick(this.now())) void this.#ask(source);
    this.#tell();
    const sleep = (this.keeper.wakeAt - this.now()) * 1000;
    this.#timer = setTimeout(() => this.#turn(), Math.min(longestSleepMs, Math.max(1, sleep)));
  }

  async #ask(source: NtpSource): Promise<void> {
    const remote = this.remotes.get(source)!;
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
      for (const tell of this.watchers) tell(event);
      if (event.what === "panic") this.#fail(event.fault);
      else if (event.what === "selected") this.#log.info("source selected", { source: event.source });
      else if (event.what === "changed") this.#log.warn("source or path changed", { source: event.source });
      else if (event.what === "no-majority") this.#log.warn("no majority among the sources");
      else if (event.what === "stepped") this.#log.warn("clock stepped", { seconds: event.by });
      else this.#log.warn("somebody else set the clock", { seconds: event.by });
    }
    const said = this.keeper.selection.combined;
    if (said) this.#drift.note(this.keeper.rate, said.rateError, this.now());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    for (const clock of this.#listening) clock[Symbol.dispose]();
    this.#thread[Symbol.dispose]();
    await this.#drift.save();
  }
}

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

async function remotesOf(how: KeepTimeHow): Promise<Result<readonly Remote[]>> {
  const ca = await readCa(how.clock.ntsCa);
  if (!ca.ok) return ca;
  const remotes: Remote[] = [];
  for (const text of how.clock.servers) {
    const line = parseServerLine(text);
    if (!line.ok) return line;
    const { key, pool } = line.value;
    if (key > 0 && !how.keys.some(({ id }) => id === key)) {
      return fail("not-found", `key ${key} is not in the key file`, { where: text, mend: "see ntp.keyFile" });
    }
    for (let nth = 0; nth < (pool ? poolSize : 1); nth++) {
      remotes.push(new Remote(line.value, nth, ca.value, how.entropy, how.log));
    }
  }
  return ok(remotes);
}

async function readCa(path: string | undefined): Promise<Result<string | undefined>> {
  if (path === undefined) return ok(undefined);
  try {
    return ok(await readFile(path, "utf8"));
  } catch (cause) {
    return fail("not-found", `the NTS authority cannot be read: ${(cause as Error).message}`, {
      where: path,
    });
  }
}

/** What servers that follow one of our addresses would call their reference. Loopback is nobody's. */
function ownReferences(): ReadonlySet<number> {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside = addresses
    .filter(({ internal }) => !internal)
    .flatMap(({ address }) => parseIp(address) ?? []);
  return new Set(outside.map(referenceIdOfIp));
}
