import { BodyLost } from "../base/http.ts";

/** What a body does to the socket it comes from. */
export interface BodySource {
  /** Reading begins: where `Expect: 100-continue` is answered. */
  begin(): void;
  /** Enough waits to be read. */
  pause(): void;
  /** There is room again. */
  resume(): void;
}

/** Unread bytes at which the socket is no longer read: one large receive, or a few. */
const mostQueuedBytes = 256 << 10;

const done: IteratorResult<Uint8Array> = { done: true, value: undefined };

/** A request's body, handed on as it comes; more than a little unread stays in the socket. */
export class RequestBody implements AsyncIterable<Uint8Array> {
  /** Bytes that have come so far. */
  received = 0;
  #begun = false;
  #ended = false;
  #lost: BodyLost | undefined;
  #queuedBytes = 0;
  #paused = false;
  readonly #queue: Uint8Array[] = [];
  #waiting: PromiseWithResolvers<IteratorResult<Uint8Array>> | undefined;
  readonly #source: BodySource;

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** All of it has come. */
  get complete(): boolean {
    return this.#ended;
  }

  /** Somebody waits for bytes that do not come: what the stall watch looks at. */
  get waiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Gives up: whoever reads gets `BodyLost`. */
  lose(why: BodyLost["why"]): void {
    if (this.#ended || this.#lost) return;
    this.#lost = new BodyLost(why);
    this.#waiting?.reject(this.#lost);
    this.#waiting = undefined;
  }

  arrive(bytes: Uint8Array): void {
    this.received += bytes.length;
    const waiting = this.#waiting;
    if (waiting) {
      this.#waiting = undefined;
      return waiting.resolve({ done: false, value: bytes });
    }
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (this.#queuedBytes < mostQueuedBytes || this.#paused) return;
    this.#paused = true;
    this.#source.pause();
  }

  end(): void {
    this.#ended = true;
    this.#waiting?.resolve(done);
    this.#waiting = undefined;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (!this.#begun) {
      this.#begun = true;
      this.#source.begin();
    }
    return { next: () => this.#next(), return: () => Promise.resolve(done) };
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    const value = this.#queue.shift();
    if (value) {
      this.#queuedBytes -= value.length;
      if (this.#queue.length === 0) this.#readOn();
      return Promise.resolve({ done: false, value });
    }
    if (this.#ended) return Promise.resolve(done);
    if (this.#lost) return Promise.reject(this.#lost);
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  #readOn(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#source.resume();
  }
}

/** The body of a request that has none. */
export const noBody: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(done) }),
};
