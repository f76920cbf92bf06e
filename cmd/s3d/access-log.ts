import { utf8 } from "../../lib/base/bytes.ts";
import { randomText } from "../../lib/base/ids.ts";
import { lineOf, loggingTargetOf } from "../../lib/gate/s3/logging.ts";
import type { EventDesk, Observation } from "../../lib/gate/s3/needs.ts";
import type { LoggingTarget } from "../../lib/proto/s3/logging.ts";
import { houseActor } from "../../lib/rules/identity.ts";
import type { Bucket, Objects } from "../../lib/store/objects.ts";
import type { Store } from "../../lib/store/open.ts";
import type { Boot } from "../boot.ts";
import type { sections } from "./config.ts";
import { pause } from "../pause.ts";
import { everyBucket } from "./every-bucket.ts";

type House = Pick<Boot<typeof sections>, "config" | "clock" | "log" | "entropy">;

interface Logged {
  readonly owner: string;
  readonly target: LoggingTarget;
}

/** A target's lines are written at once when they are this many characters. */
const mostChars = 4 << 20;

/** Access logs of the buckets that ask for them, collected in memory and written to their target buckets
 *  every now and then. As with S3's own, delivery is best effort: a crash loses what was not yet written. */
export class AccessLog implements AsyncDisposable {
  readonly #house: House;
  readonly #objects: Objects;
  readonly #logged = new Map<string, Logged>();
  readonly #lines = new Map<string, { target: LoggingTarget; lines: string[]; chars: number }>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(house: House, objects: Objects) {
    this.#house = house;
    this.#objects = objects;
    this.#running = this.#run();
  }

  /** The desk, with this log told of what is configured. */
  desk(desk: EventDesk): EventDesk {
    return {
      ...desk,
      configured: (name) => {
        desk.configured(name);
        void this.#objects.bucket(name).then((bucket) => bucket.ok && this.learn(bucket.value));
      },
    };
  }

  learn(bucket: Bucket): void {
    const target = loggingTargetOf(bucket);
    if (target) this.#logged.set(bucket.name, { owner: bucket.owner, target });
    else this.#logged.delete(bucket.name);
  }

  tell(what: Observation): void {
    const logged = this.#logged.get(what.bucket);
    if (!logged) return;
    const { target, owner } = logged;
    const line = lineOf(what, owner, this.#house.clock.wall());
    const name = `${target.bucket}/${target.prefix}`;
    const held = this.#lines.get(name) ?? { target, lines: [], chars: 0 };
    this.#lines.set(name, held);
    held.lines.push(line);
    held.chars += line.length;
    if (held.chars > mostChars) void this.#write(name);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await pause(this.#house.config.s3.accessLogEvery, signal);
      for (const name of this.#lines.keys()) await this.#write(name);
    }
  }

  async #write(name: string): Promise<void> {
    const { clock, entropy, log } = this.#house;
    const held = this.#lines.get(name);
    if (!held) return;
    this.#lines.delete(name);
    const bytes = utf8(held.lines.join(""));
    const when = new Date(clock.wall()).toISOString().slice(0, 19).replace(/[T:]/g, "-");
    const key = `${held.target.prefix}${when}-${randomText(entropy, 16).toUpperCase()}`;
    const facts = { contentType: "text/plain", headers: {}, metadata: {}, tags: {}, modifiedAt: undefined };
    const source = { size: bytes.length, chunks: once(bytes) };
    const put = { ...facts, digests: ["crc64nvme"] as const, expect: () => ({}), when: {} };
    const done = await this.#objects.put(houseActor, { bucket: held.target.bucket, key }, source, put);
    if (!done.ok) {
      const lost = { target: held.target.bucket, lines: held.lines.length, why: done.fault.what };
      log.warn("an access log could not be written", lost);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Opens the access log, and finds the buckets that ask for one. */
export async function openAccessLog(
  house: House,
  { objects, identities }: Pick<Store, "objects" | "identities">,
): Promise<AccessLog> {
  const log = new AccessLog(house, objects);
  for await (const bucket of everyBucket(objects, identities)) log.learn(bucket);
  return log;
}
