import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Entropy } from "../../lib/base/entropy.ts";
import { ok, type Result } from "../../lib/base/result.ts";
import { chainReport, judgeChain } from "../../lib/proto/roughtime/client.ts";
import type { Log } from "../../lib/watch/log.ts";
import { roughServerOf, roughtimeChain, type RoughServer, type TimedLink } from "../roughtime-chain.ts";
import type { UtcdConfig } from "./config.ts";
import type { Kept } from "./kept.ts";

export interface FenceHow {
  readonly kept: Kept;
  readonly data: string;
  readonly entropy: Entropy;
  readonly log: Log;
  /** Two servers contradict each other; the file proves it. */
  readonly malfeasance: (servers: string, proof: string) => void;
}

/** Each server is asked twice: the order of the answers is what proves a lie. */
const rounds = 2;
/** After a failure it is tried again so soon. */
const againMs = 60_000;

/** Asks the Roughtime servers of `clock.fence` from time to time, and puts up the fence that they sign. */
export class FenceWatch implements Disposable {
  readonly #how: FenceHow;
  #servers: readonly RoughServer[] = [];
  #everyMs = againMs;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  constructor(how: FenceHow) {
    this.#how = how;
  }

  /** Faults: invalid (a server's line); then nothing changes. */
  take({ fence, fenceInterval }: UtcdConfig["clock"]): Result<void> {
    const servers: RoughServer[] = [];
    for (const text of fence) {
      const server = roughServerOf(text);
      if (!server.ok) return server;
      servers.push(server.value);
    }
    this.#servers = servers;
    this.#everyMs = fenceInterval;
    clearTimeout(this.#timer);
    if (servers.length === 0) this.#how.kept.keeping?.fence.forget();
    else void this.#turn();
    return ok();
  }

  async #turn(): Promise<void> {
    const { kept, log } = this.#how;
    const asked = kept.keeping ? await this.#ask() : false;
    if (this.#ended) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => void this.#turn(),
      asked ? this.#everyMs : Math.min(againMs, this.#everyMs),
    );
    if (!asked && kept.keeping) log.debug("no fence yet");
  }

  /** Whether all of them answered, and none was caught. */
  async #ask(): Promise<boolean> {
    const { kept, entropy, log } = this.#how;
    const keeping = kept.keeping!;
    const links = await roughtimeChain(this.#servers, rounds, entropy, () => keeping.now());
    if (!links.ok) {
      const { what, where } = links.fault;
      log.warn("no fence from Roughtime", { what, where });
      return false;
    }
    const judged = judgeChain(links.value);
    if (!judged.ok) {
      log.warn("no fence from Roughtime", { what: judged.fault.what });
      return false;
    }
    if (judged.value.contradiction) {
      await this.#caught(links.value, judged.value.contradiction);
      return false;
    }
    for (const [i, { midpoint, radius }] of judged.value.times.entries()) {
      const { server, leftAt, cameAt } = links.value[i]!;
      const seconds = midpoint - keeping.epoch;
      const testimony = { at: cameAt, low: seconds - radius - cameAt, high: seconds + radius - leftAt };
      keeping.fence.take(`${server.host}:${server.port}`, testimony);
    }
    return true;
  }

  async #caught(links: readonly TimedLink[], pair: readonly [number, number]): Promise<void> {
    const { kept, data, log, malfeasance } = this.#how;
    const names = pair.map((i) => `${links[i]!.server.host}:${links[i]!.server.port}`).join(" and ");
    const proof = join(data, "roughtime-malfeasance.json");
    await writeFile(proof, chainReport(links), { mode: 0o600 });
    kept.keeping?.fence.forget();
    log.error("Roughtime servers contradict each other: one of them lies", { servers: names, proof });
    malfeasance(names, proof);
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }
}
