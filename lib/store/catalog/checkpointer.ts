import { workerUrl } from "../../base/worker-url.ts";
import type { Turns } from "./writer.ts";

/** Jobs between two rounds: a few megabytes of log. */
const roundJobs = 512;

/** Has the log copied into the catalog by a thread while writing goes on. The thread starts when there
 *  is enough to copy: an idle daemon has none. What it leaves, SQLite takes at a commit, at 64 MiB. */
export class Checkpointer implements Turns {
  readonly #catalog: string;
  #worker: Worker | undefined;
  #jobs = 0;
  #busy = false;
  #closed = false;

  constructor(catalog: string) {
    this.#catalog = catalog;
  }

  jobEnded(): void {
    this.#jobs++;
  }

  beforeCommit(): void {}

  ended(): void {
    if (this.#jobs < roundJobs || this.#busy || this.#closed) return;
    this.#jobs = 0;
    this.#busy = true;
    this.#thread().postMessage(this.#catalog);
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(workerUrl("lib/store/checkpoint-worker.ts"));
    worker.unref();
    worker.addEventListener("message", () => (this.#busy = false));
    for (const end of ["error", "close"] as const) {
      worker.addEventListener(end, () => {
        if (this.#worker === worker) this.#worker = undefined;
        this.#busy = false;
      });
    }
    this.#worker = worker;
    return worker;
  }

  close(): void {
    this.#closed = true;
    this.#worker?.terminate();
  }
}
