import type { IncomingMessage } from "node:http";
import { BodyLost } from "../base/http.ts";

/** A request's body, read at the reader's pace: what is not asked for stays in the socket. */
export class RequestBody implements AsyncIterable<Uint8Array> {
  /** Bytes that have come so far. */
  received = 0;
  #state: "unread" | "reading" | "ended" | "lost" = "unread";
  #lost: BodyLost | undefined;
  readonly #queue: Uint8Array[] = [];
  #waiting: PromiseWithResolvers<IteratorResult<Uint8Array>> | undefined;
  readonly #request: IncomingMessage;
  readonly #begin: () => void;

  /** `begin` runs when reading begins: where `Expect: 100-continue` is answered. */
  constructor(request: IncomingMessage, begin: () => void) {
    this.#request = request;
    this.#begin = begin;
  }

  get unread(): boolean {
    return this.#state === "unread";
  }

  /** Somebody waits for bytes that do not come: what the stall watch looks at. */
  get waiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Gives up: whoever reads gets `BodyLost`. */
  lose(why: BodyLost["why"]): void {
    if (this.#state === "ended" || this.#state === "lost") return;
    this.#state = "lost";
    this.#lost = new BodyLost(why);
    this.#waiting?.reject(this.#lost);
    this.#waiting = undefined;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#state === "unread") this.#start();
    return {
      next: () => this.#next(),
      return: async () => {
        this.#request.pause();
        return { done: true, value: undefined };
      },
    };
  }

  #start(): void {
    this.#state = "reading";
    const request = this.#request;
    request.on("data", (chunk: Buffer) => this.#arrive(chunk));
    request.on("end", () => this.#end());
    request.on("error", () => this.lose("truncated"));
    request.on("close", () => this.lose("truncated"));
    this.#begin();
  }

  #arrive(chunk: Uint8Array): void {
    this.received += chunk.length;
    const waiting = this.#waiting;
    if (waiting) {
      this.#waiting = undefined;
      waiting.resolve({ done: false, value: chunk });
    } else {
      this.#queue.push(chunk);
      this.#request.pause();
    }
  }

  #end(): void {
    if (this.#state !== "reading") return;
    this.#state = "ended";
    this.#waiting?.resolve({ done: true, value: undefined });
    this.#waiting = undefined;
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    const queued = this.#queue.shift();
    if (queued) return Promise.resolve({ done: false, value: queued });
    if (this.#state === "ended") return Promise.resolve({ done: true, value: undefined });
    if (this.#lost) return Promise.reject(this.#lost);
    this.#waiting = Promise.withResolvers();
    this.#request.resume();
    return this.#waiting.promise;
  }
}

/** Lets a sender that was refused go on a little, so that it reads the answer and not a reset. */
export async function discard(body: RequestBody, mostBytes = 4 << 20, mostMs = 1000): Promise<void> {
  const deadline = setTimeout(() => body.lose("stalled"), mostMs);
  let count = 0;
  try {
    for await (const chunk of body) {
      count += chunk.length;
      if (count > mostBytes) break;
    }
  } catch {
    // Gone, or too slow: either way enough was done for it.
  } finally {
    clearTimeout(deadline);
  }
}
