import { fault, type Fault } from "../../base/fault.ts";
import { ok, type Result } from "../../base/result.ts";
import { workerUrl } from "../../base/worker-url.ts";
import type { DigestName } from "../content.ts";
import type { Shaping } from "./body-form.ts";
import type { Sunk } from "./sink.ts";
import type { Flow, SinkPool } from "./sink-pool.ts";
import type { FromWorker, ToWorker } from "./worker-words.ts";

/** Bytes of one message: smaller chunks are gathered. */
const bufferBytes = 256 << 10;
/** Bytes of one flow that may be on their way to its worker. */
const flowBytes = 4 << 20;
/** Bytes of all flows together; each gets its share, and at least two buffers. */
const poolBytes = 64 << 20;
const spareBuffers = 32;

/** Hashes and writes large bodies in threads, so that small requests need not wait for them. Threads are
 *  started when they are first needed. */
export function workerPool(threads: number): SinkPool {
  return new WorkerPool(threads);
}

class WorkerPool implements SinkPool {
  readonly #crew: (Thread | undefined)[];
  readonly #spare: ArrayBuffer[] = [];
  #nextId = 1;
  #closed = false;

  constructor(threads: number) {
    this.#crew = Array.from({ length: threads }, () => undefined);
  }

  async open(path: string, names: readonly DigestName[], shaping?: Shaping): Promise<Result<Flow>> {
    if (this.#closed) return { ok: false, fault: goneFault };
    const thread = this.#leastBusy();
    const flow = new WorkerFlow(thread, this.#nextId++, this);
    const opened = await flow.open(path, names, shaping);
    return opened.ok ? ok(flow) : opened;
  }

  #leastBusy(): Thread {
    let best = 0;
    for (const [i, thread] of this.#crew.entries()) {
      const busy = thread?.flows.size ?? 0;
      if (busy < (this.#crew[best]?.flows.size ?? 0)) best = i;
    }
    const there = this.#crew[best];
    if (there && !there.gone) return there;
    const fresh = new Thread();
    this.#crew[best] = fresh;
    return fresh;
  }

  /** Bytes a flow may have under way now. */
  get window(): number {
    const flows = this.#crew.reduce((sum, thread) => sum + (thread?.flows.size ?? 0), 0);
    return Math.max(2 * bufferBytes, Math.min(flowBytes, poolBytes / Math.max(1, flows)));
  }

  takeBuffer(): ArrayBuffer {
    return this.#spare.pop() ?? new ArrayBuffer(bufferBytes);
  }

  giveBack(buffer: ArrayBuffer): void {
    if (buffer.byteLength === bufferBytes && this.#spare.length < spareBuffers) this.#spare.push(buffer);
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const thread of this.#crew) thread?.end();
    return Promise.resolve();
  }
}

const goneFault: Fault = fault("io", "the thread that writes bodies has ended");

/** One worker, and the flows it carries. If it ends before its time, each of them gets a fault. */
class Thread {
  readonly flows = new Map<number, (word: FromWorker) => void>();
  readonly #worker = new Worker(workerUrl("lib/store/blob-worker.ts"));
  gone = false;

  constructor() {
    this.#worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) =>
      this.flows.get(data.id)?.(data),
    );
    this.#worker.addEventListener("close", () => this.#fail());
    this.#worker.addEventListener("error", () => this.#fail());
    this.#worker.unref();
  }

  say(word: ToWorker, transfer: ArrayBuffer[] = []): void {
    if (this.gone) this.flows.get(word.id)?.({ did: "fail", id: word.id, fault: goneFault });
    else this.#worker.postMessage(word, transfer);
  }

  /** While a body is under way the process must not end for want of anything else to do. */
  hold(id: number, hear: (word: FromWorker) => void): void {
    if (this.flows.size === 0) this.#worker.ref();
    this.flows.set(id, hear);
  }

  release(id: number): void {
    this.flows.delete(id);
    if (this.flows.size === 0) this.#worker.unref();
  }

  end(): void {
    this.#fail();
    this.#worker.terminate();
  }

  #fail(): void {
    this.gone = true;
    for (const [id, hear] of this.flows) hear({ did: "fail", id, fault: goneFault });
  }
}

class WorkerFlow implements Flow {
  readonly #thread: Thread;
  readonly #id: number;
  readonly #pool: WorkerPool;
  #fault: Fault | undefined;
  #buffer: ArrayBuffer | undefined;
  #filled = 0;
  #flying = 0;
  #ended: Sunk | undefined;
  #opened = false;
  #published = false;
  #abandoned = false;
  #wake = (): void => {};

  constructor(thread: Thread, id: number, pool: WorkerPool) {
    this.#thread = thread;
    this.#id = id;
    this.#pool = pool;
  }

  async open(
    path: string,
    names: readonly DigestName[],
    shaping: Shaping | undefined,
  ): Promise<Result<void>> {
    this.#thread.hold(this.#id, (word) => this.#hear(word));
    this.#thread.say({ do: "open", id: this.#id, path, names, shaping });
    const opened = await this.#until(() => this.#opened);
    if (!opened.ok) this.#thread.release(this.#id);
    return opened;
  }

  #hear(word: FromWorker): void {
    if (word.did === "open") this.#opened = true;
    else if (word.did === "write") {
      this.#flying -= word.size;
      this.#pool.giveBack(word.buffer);
    } else if (word.did === "finish") this.#ended = word;
    else if (word.did === "publish") this.#published = true;
    else if (word.did === "abandon") this.#abandoned = true;
    else this.#fault ??= word.fault;
    this.#wake();
  }

  /** Sleeps until `come`, or a fault. */
  async #until(come: () => boolean): Promise<Result<void>> {
    while (!come() && !this.#fault) await new Promise<void>((wake) => (this.#wake = wake));
    return this.#fault ? { ok: false, fault: this.#fault } : ok();
  }

  async write(chunk: Uint8Array): Promise<Result<void>> {
    if (this.#filled === 0 && ownsLargeBuffer(chunk)) this.#send(chunk.buffer, chunk.length);
    else this.#gather(chunk);
    return this.#until(() => this.#flying < this.#pool.window);
  }

  #gather(chunk: Uint8Array): void {
    for (let done = 0; done < chunk.length;) {
      this.#buffer ??= this.#pool.takeBuffer();
      const count = Math.min(chunk.length - done, bufferBytes - this.#filled);
      new Uint8Array(this.#buffer).set(chunk.subarray(done, done + count), this.#filled);
      this.#filled += count;
      done += count;
      if (this.#filled === bufferBytes) this.#flush();
    }
  }

  #flush(): void {
    const buffer = this.#buffer;
    if (buffer && this.#filled > 0) this.#send(buffer, this.#filled);
    this.#buffer = undefined;
    this.#filled = 0;
  }

  #send(buffer: ArrayBuffer, size: number): void {
    this.#flying += size;
    this.#thread.say({ do: "write", id: this.#id, buffer, size }, [buffer]);
  }

  async finish(): Promise<Result<Sunk>> {
    this.#flush();
    this.#thread.say({ do: "finish", id: this.#id });
    const done = await this.#until(() => this.#ended !== undefined);
    return done.ok ? ok(this.#ended!) : done;
  }

  publish(path: string): Promise<Result<void>> {
    this.#thread.say({ do: "publish", id: this.#id, path });
    return this.#until(() => this.#published);
  }

  leave(): void {
    this.#thread.say({ do: "forget", id: this.#id });
    this.#thread.release(this.#id);
  }

  async abandon(): Promise<void> {
    this.#fault = undefined;
    this.#thread.say({ do: "abandon", id: this.#id });
    await this.#until(() => this.#abandoned);
    this.#thread.release(this.#id);
  }
}

/** Whether the chunk is all of its buffer, and large enough to be sent as it is. */
function ownsLargeBuffer(chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> {
  return (
    chunk.length >= bufferBytes &&
    chunk.buffer instanceof ArrayBuffer &&
    chunk.byteLength === chunk.buffer.byteLength
  );
}
