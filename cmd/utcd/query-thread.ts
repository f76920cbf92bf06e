import type { Ip } from "../../lib/base/ip.ts";
import { fail, type Result } from "../../lib/base/result.ts";
import { workerUrl } from "../../lib/base/worker-url.ts";
import type { Answered, Asked } from "../../lib/host/platform/query-socket.ts";
import type { QueryJob } from "./query-worker.ts";

/** Asks servers from a thread of its own. */
export class QueryThread {
  readonly #worker = new Worker(workerUrl("cmd/utcd/query-worker.ts"));
  readonly #waiting = new Map<number, (result: Result<Asked>) => void>();
  #next = 1;

  constructor() {
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Answered>) => {
      this.#waiting.get(data.id)?.(data.result);
      this.#waiting.delete(data.id);
    });
    this.#worker.addEventListener("error", ({ message }) => {
      for (const tell of this.#waiting.values()) tell(fail("io", `the asking thread failed: ${message}`));
      this.#waiting.clear();
    });
  }

  /** Faults: timeout, unavailable, unsupported, io. */
  ask(ip: Ip, port: number, question: Uint8Array): Promise<Result<Asked>> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#worker.postMessage({ id, ip, port, question } satisfies QueryJob);
    });
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
