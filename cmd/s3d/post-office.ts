import type { Clock } from "../../lib/base/time.ts";
import { EventCollector, notifyQueue, type Writer } from "../../lib/gate/s3/event-collector.ts";
import { testMessage } from "../../lib/gate/s3/event-record.ts";
import type { EventDesk } from "../../lib/gate/s3/needs.ts";
import type { Store } from "../../lib/store/open.ts";
import type { Letter, Outbox } from "../../lib/store/outbox.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { Counter, Metrics } from "../../lib/watch/metrics.ts";
import { Courier } from "./courier.ts";
import { pause } from "../pause.ts";
import type { Delivery, EventTarget } from "./targets/target.ts";

export interface PostOfficeNeeds {
  readonly store: Pick<Store, "objects" | "identities" | "feed" | "outbox">;
  readonly targets: ReadonlyMap<string, EventTarget>;
  readonly writers: readonly Writer[];
  /** Bucket documents that a writer looks at. */
  readonly documents: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly giveUpMs: number;
  /** Whoever carries a queue that is no notification target's; undefined: nobody. */
  readonly carrierFor: (queue: string) => Carrier | undefined;
  readonly refusesDestination: EventDesk["refusesDestination"];
}

/** Whatever carries the letters of queues that are not notification targets'. */
export interface Carrier {
  readonly queue: string;
  readonly send: (letter: Letter) => Promise<Delivery>;
  readonly arrived?: (letter: Letter) => Promise<void>;
  readonly buried?: (letter: Letter) => Promise<void>;
  readonly lanes?: number;
}

/** Collects what the buckets' configurations ask for, and carries it: as long as it is not disposed of. */
export class PostOffice implements AsyncDisposable {
  readonly desk: EventDesk;
  readonly #needs: PostOfficeNeeds;
  readonly #collector: EventCollector;
  readonly #couriers = new Map<string, Courier>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];
  readonly #outcomes: Counter;

  private constructor(needs: PostOfficeNeeds) {
    this.#needs = needs;
    const { store, writers, documents, targets, clock } = needs;
    this.#collector = new EventCollector({ ...store, writers, documents });
    this.#outcomes = needs.metrics.counter("holdfast_deliveries_total", "Attempts to send a letter.", [
      "queue",
      "outcome",
    ]);
    this.desk = {
      knows: (target) => targets.has(target),
      refusesDestination: (to) => needs.refusesDestination(to),
      configured: (bucket) => this.#collector.configured(bucket),
      test: async (bucket, names, request) => {
        const at = clock.wall();
        const body = testMessage(bucket, at, request);
        const about = `s3:TestEvent ${bucket}`;
        await store.outbox.add(names.map((name) => ({ queue: notifyQueue(name), at, about, body })));
        for (const name of names) this.#couriers.get(notifyQueue(name))?.poke();
      },
    };
  }

  static async open(needs: PostOfficeNeeds): Promise<PostOffice> {
    const office = new PostOffice(needs);
    const tenants = await needs.store.identities.tenants();
    await office.#collector.begin(tenants.map(({ id }) => id));
    for (const one of needs.targets.values()) {
      office.#start({ queue: notifyQueue(one.name), send: ({ body }) => one.send(body) });
    }
    for (const { queue } of await needs.store.outbox.state()) office.poke(queue);
    office.#running.push(office.#collect(), office.#measure());
    return office;
  }

  /** A queue has work. */
  poke(queue: string): void {
    const known = this.#couriers.get(queue);
    if (known) return known.poke();
    const carrier = this.#needs.carrierFor(queue);
    if (carrier) this.#start(carrier);
  }

  #start(carrier: Carrier): void {
    const { clock, log, giveUpMs, store } = this.#needs;
    const needs = { clock, log, giveUpMs, outcomes: this.#outcomes, outbox: store.outbox };
    const courier = new Courier(carrier.queue, { ...needs, ...carrier });
    this.#couriers.set(carrier.queue, courier);
    this.#running.push(courier.run(this.#stop.signal));
  }

  async #collect(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#collector.wait(signal);
        if (!signal.aborted) for (const queue of await this.#collector.collect()) this.poke(queue);
      } catch (error) {
        this.#needs.log.error("collecting events failed", { error: String(error) });
        await pause(1000, signal);
      }
    }
  }

  async #measure(): Promise<void> {
    const { metrics, store, clock } = this.#needs;
    const waiting = metrics.gauge("holdfast_deliveries_waiting", "Letters not yet sent.", ["queue"]);
    const dead = metrics.gauge("holdfast_deliveries_dead", "Letters given up.", ["queue"]);
    const age = metrics.gauge("holdfast_deliveries_oldest_seconds", "Age of the oldest waiting letter.", [
      "queue",
    ]);
    const seen = new Set<string>(this.#couriers.keys());
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const state = new Map((await store.outbox.state()).map((one) => [one.queue, one]));
      for (const queue of state.keys()) seen.add(queue);
      for (const queue of seen) {
        const one = state.get(queue);
        if (one && one.waiting > 0) this.poke(queue);
        waiting.set(one?.waiting ?? 0, queue);
        dead.set(one?.dead ?? 0, queue);
        age.set(one?.oldest === undefined ? 0 : (clock.wall() - one.oldest) / 1000, queue);
      }
      await pause(5000, signal);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
    await this.#collector.end();
    for (const target of this.#needs.targets.values()) target[Symbol.dispose]();
  }
}

/** The state of every queue, for the admin API: targets without letters too. */
export async function queueViews(outbox: Outbox, targets: ReadonlyMap<string, EventTarget>) {
  const state = new Map((await outbox.state()).map((one) => [one.queue, one]));
  const named = [...targets.values()].map((one) => [notifyQueue(one.name), one] as const);
  const known = new Map(named);
  const queues = [...new Set([...known.keys(), ...state.keys()])].sort();
  return queues.map((queue) => {
    const one = state.get(queue);
    const target = known.get(queue);
    return {
      queue,
      kind: target?.kind ?? queue.split(":", 1)[0]!,
      at: target?.at ?? "",
      waiting: one?.waiting ?? 0,
      dead: one?.dead ?? 0,
      oldest: one?.oldest,
    };
  });
}
