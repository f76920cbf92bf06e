import { seededEntropy } from "../../lib/base/entropy.ts";
import { parseIp } from "../../lib/base/ip.ts";
import { defaultDiscipline, type SteeredClock } from "../../lib/gate/time/discipline.ts";
import { Fence } from "../../lib/gate/time/fence.ts";
import { Keeper, type KeeperEvent, type KeeperHow } from "../../lib/gate/time/keeper.ts";
import { defaultRules } from "../../lib/gate/time/selection.ts";
import { NtpSource } from "../../lib/gate/time/source.ts";
import { NtpServer } from "../../lib/proto/ntp/exchange.ts";
import { InterleavedPairs } from "../../lib/proto/ntp/interleaved.ts";
import { KeyRing } from "../../lib/proto/ntp/keys.ts";
import { shifted, unixEpoch, type Timestamp } from "../../lib/proto/ntp/timestamp.ts";

/** xoshiro128**, seeded: uniform numbers in [0, 1). */
export function random(seed: number): () => number {
  const s = Uint32Array.of(seed, seed ^ 0x9e3779b9, Math.imul(seed, 0x85ebca6b), 0x12345);
  const next = (): number => {
    const times5 = Math.imul(s[1]!, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9);
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return (result >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 32; i++) next();
  return next;
}

/** One server and the way to it, at true time `t`. */
export interface Peer {
  /** Seconds by which its clock is wrong. */
  readonly wrong?: (t: number) => number;
  /** Seconds on the way there and back, beside the jitter. */
  readonly path?: (t: number) => readonly [number, number];
  /** Seconds: mean of the exponential jitter on each way. */
  readonly jitter: number;
  /** Whether a packet is lost. */
  readonly lost?: (t: number, dice: number) => boolean;
  readonly leap?: 0 | 1 | 2;
}

export interface Scene {
  readonly seed: number;
  readonly peers: readonly Peer[];
  /** The oscillator's change of rate in a second, as a standard deviation. */
  readonly wander: number;
  readonly minPoll: number;
  readonly maxPoll: number;
  readonly seconds: number;
  /** Figures are taken from here on. */
  readonly from: number;
  readonly firstError?: number;
  readonly firstRate?: number;
  /** Where true time begins; near the era's end for its test. */
  readonly epoch?: Timestamp;
  readonly mode?: KeeperHow["mode"];
  /** What happens to the system's clock behind our back: seconds it is set by, at a whole second. */
  readonly foreign?: (t: number) => number;
  /** The virtual machine stands still from here on for so long: true time alone goes on. */
  readonly pause?: { readonly at: number; readonly seconds: number };
  readonly rules?: Partial<KeeperHow["selection"]>;
  /** A leap second at true second `at` of the scene: +1 is inserted. Servers take it at once; the system's
   *  clock
   *  too where we steer, because the kernel was told. */
  readonly leapSecond?: { readonly at: number; readonly by: 1 | -1 };
  /** Clients ask for the interleaved mode; servers' replies leave `late` seconds after their stamp. */
  readonly interleave?: boolean;
  readonly late?: number;
  /** Seconds: witnesses sign true time within it, each hour. */
  readonly fence?: number;
}

export interface Figures {
  /** Seconds, of the time we serve. */
  readonly rms: number;
  readonly worst: number;
  /** Share of the time with a bound during which the true error was within it. */
  readonly coverage: number;
  /** Share of the time during which we had a bound at all. */
  readonly vouched: number;
  /** Seconds until the error was under a millisecond for good. */
  readonly settled: number;
  readonly packets: number;
  readonly events: readonly KeeperEvent[];
  readonly keeper: Keeper;
}

/** As servers mark their receive and transmit stamps. */
const lowSet = ({ seconds, fraction }: Timestamp): Timestamp => ({ seconds, fraction: (fraction | 1) >>> 0 });
const lowClear = ({ seconds, fraction }: Timestamp): Timestamp => ({
  seconds,
  fraction: (fraction & ~1) >>> 0,
});

const ip = parseIp("192.0.2.1")!;
const startEpoch: Timestamp = { seconds: 4_000_000_000, fraction: 0 };

/** Plays a scene in virtual time: the daemon's own keeper and packets, an oscillator that wanders, a network
 *  that
 *  delays. The same seed gives the same run, bit for bit. */
export function play(scene: Scene): Figures {
  const world = new World(scene);
  return world.run();
}

class World {
  readonly #scene: Scene;
  readonly #dice: () => number;
  readonly #epoch: Timestamp;
  /** True seconds since the epoch; the oscillator's reading and its present rate error. */
  #t = 0;
  #oscillator = 0;
  #rateError: number;
  /** The system's clock: as of an oscillator reading, and its rate against it. */
  #system: { at: number; time: number; rate: number };
  #packets = 0;
  readonly #keeper: Keeper;
  readonly #servers: readonly NtpServer[];
  readonly #fence = new Fence();
  readonly #events: KeeperEvent[] = [];
  readonly #sums = { square: 0, count: 0, worst: 0, covered: 0, vouched: 0, settled: 0 };

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#dice = random(scene.seed);
    this.#epoch = scene.epoch ?? startEpoch;
    this.#rateError = scene.firstRate ?? 1e-4;
    this.#system = { at: 0, time: scene.firstError ?? 0.1, rate: 0 };
    const entropy = seededEntropy(scene.seed + 1);
    const sources = scene.peers.map((_, i) => {
      const { minPoll, maxPoll } = scene;
      const { interleave = false } = scene;
      const how = { name: `s${i}`, minPoll, maxPoll, prefer: false, interleave };
      return new NtpSource(how, this.#epoch, entropy, i * 0.1);
    });
    this.#servers = scene.peers.map((peer) => this.#serverOf(peer));
    this.#keeper = new Keeper({
      clock: this.#clock(),
      mode: scene.mode ?? "steer",
      sources,
      selection: { ...defaultRules, ...scene.rules },
      discipline: defaultDiscipline,
      initialRate: 0,
      epoch: this.#epoch,
      precision: -25,
      referenceOf: () => 1,
      ownReferences: new Set(),
      fence: this.#fence,
    });
  }

  run(): Figures {
    const { seconds, foreign } = this.#scene;
    for (let second = 1; second <= seconds; second++) {
      if (this.#scene.fence !== undefined && second % 3600 === 1) this.#testify(this.#scene.fence);
      this.#runUntil(second);
      const leap = this.#scene.leapSecond;
      const steers = (this.#scene.mode ?? "steer") === "steer";
      const kernel = leap?.at === second && steers ? -leap.by : 0;
      const moved = (foreign?.(second) ?? 0) + kernel;
      if (leap && second > leap.at - 3600 && this.#utc() < leap.at) {
        const at = this.#epoch.seconds - unixEpoch + leap.at;
        this.#keeper.expectLeap({ at, by: leap.by });
      }
      if (moved !== 0) this.#set(this.#now().system + moved, this.#system.rate);
      this.#measure(second);
      if (this.#scene.pause?.at === second) {
        second += this.#scene.pause.seconds;
        this.#t = second;
      }
    }
    const { square, count, worst, covered, vouched, settled } = this.#sums;
    return {
      rms: Math.sqrt(square / count),
      worst,
      coverage: vouched === 0 ? 1 : covered / vouched,
      vouched: vouched / count,
      settled,
      packets: this.#packets,
      events: this.#events,
      keeper: this.#keeper,
    };
  }

  #runUntil(second: number): void {
    for (;;) {
      const wake = this.#t + (this.#keeper.wakeAt - this.#oscillator) / (1 + this.#rateError);
      if (wake > second) break;
      this.#advance(Math.max(0, wake - this.#t));
      const due = this.#keeper.tick(this.#oscillator + 1e-12);
      for (const source of due) this.#exchange(this.#keeper.sources.indexOf(source), source);
      for (let event = this.#keeper.poll(); event; event = this.#keeper.poll()) this.#events.push(event);
      if (this.#t >= second) break;
    }
    if (this.#t < second) this.#advance(second - this.#t);
    this.#rateError += this.#scene.wander * this.#normal();
  }

  #exchange(index: number, source: NtpSource): void {
    const question = source.ask(this.#oscillator);
    const peer = this.#scene.peers[index]!;
    if (!question) return;
    this.#packets++;
    const [there, back] = peer.path?.(this.#t) ?? [1e-4, 1e-4];
    const delays = [there + this.#exponential(peer.jitter), back + this.#exponential(peer.jitter)] as const;
    if (peer.lost?.(this.#t, this.#dice())) return;
    const sentAt = this.#oscillator;
    this.#advance(delays[0]);
    const came = lowSet(this.#timeOf(peer));
    const decision = this.#servers[index]!.exchange(question.bytes, { ip, port: 40_000 }, came);
    if (decision.do !== "reply") throw new Error(decision.reason);
    if (this.#scene.late) this.#advance(this.#scene.late * (0.5 + this.#dice()));
    if (decision.awaits) this.#servers[index]!.sent(decision.awaits, lowClear(this.#timeOf(peer)));
    const reply = decision.bytes.slice();
    this.#advance(delays[1]);
    const flight = { sentAt, receivedAt: this.#oscillator, noise: 1e-9 };
    this.#keeper.answer(source, reply, ip, flight);
  }

  #testify(radius: number): void {
    const truth = this.#t - this.#oscillator;
    this.#fence.take("w", { at: this.#oscillator, low: truth - radius, high: truth + radius });
  }

  #advance(seconds: number): void {
    this.#t += seconds;
    this.#oscillator += seconds * (1 + this.#rateError);
  }

  #now(): { oscillator: number; system: number } {
    const { at, time, rate } = this.#system;
    return { oscillator: this.#oscillator, system: time + (this.#oscillator - at) * (1 + rate) };
  }

  #set(time: number, rate: number): void {
    this.#system = { at: this.#oscillator, time, rate };
  }

  #clock(): SteeredClock {
    const obeys = (this.#scene.mode ?? "steer") === "steer";
    return {
      read: () => this.#now(),
      setRate: (rate) => obeys && this.#set(this.#now().system, rate),
      step: (by) => obeys && this.#set(this.#now().system + by, this.#system.rate),
    };
  }

  /** What UTC says at this moment: a leap second is said twice, or not at all. */
  #utc(): number {
    const leap = this.#scene.leapSecond;
    return leap && this.#t >= leap.at ? this.#t - leap.by : this.#t;
  }

  #timeOf(peer: Peer): Timestamp {
    return shifted(this.#epoch, this.#utc() + (peer.wrong?.(this.#t) ?? 0));
  }

  #serverOf(peer: Peer): NtpServer {
    const reference = this.#epoch;
    return new NtpServer({
      status: () => ({
        leap: peer.leap ?? 0,
        stratum: 1,
        precision: -25,
        rootDelay: 0,
        rootDispersion: 1e-6,
        referenceId: 0x47505300,
        reference,
      }),
      transmitTime: () => lowClear(this.#timeOf(peer)),
      allows: () => true,
      admits: () => "yes",
      keys: new KeyRing([]),
      pairs: new InterleavedPairs(new ArrayBuffer(InterleavedPairs.bytesFor(64))),
      fields: undefined,
    });
  }

  #measure(second: number): void {
    const error = this.#now().system + this.#keeper.correction() - this.#utc();
    if (Math.abs(error) > 1e-3) this.#sums.settled = second;
    if (second < this.#scene.from) return;
    const sums = this.#sums;
    sums.count++;
    sums.square += error * error;
    sums.worst = Math.max(sums.worst, Math.abs(error));
    const bound = this.#keeper.bound(this.#oscillator);
    if (bound === undefined) return;
    sums.vouched++;
    if (Math.abs(error) <= bound) sums.covered++;
  }

  #exponential(mean: number): number {
    return mean === 0 ? 0 : -mean * Math.log(1 - this.#dice());
  }
  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#dice())) * Math.cos(2 * Math.PI * this.#dice());
  }
}
