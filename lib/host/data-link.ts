import type { Socket } from "node:net";
import { concat, empty } from "../base/bytes.ts";
import { fail, ok, type Result } from "../base/result.ts";

/** Received bytes that may wait before the peer is slowed down. */
const highWater = 2 << 20;
/** How long a peer may take to close after us. */
const lingerMs = 10_000;

/** One connection that carries bulk data: promises over a socket, with its back-pressure. One reader and one
 *  writer at a time. Faults: cancelled (cut by us), truncated (broken by the peer), timeout (stalled). */
export class SocketLink {
  readonly #socket: Socket;
  #chunks: Uint8Array[] = [];
  #queued = 0;
  #ended = false;
  #broken: Result<never> | undefined;
  #wanted = 0;
  #wake: () => void = () => {};
  #waiting = false;
  #stood = false;
  #progress = 0;
  /** Bytes received, and handed over to be sent. */
  #moved = 0;

  constructor(socket: Socket, stallMs: number) {
    this.#socket = socket;
    // The socket's own time-out does not fire while bytes wait to be sent.
    const watch = setInterval(() => this.#checkProgress(), stallMs / 2);
    socket.once("close", () => clearInterval(watch));
    socket.on("error", () => this.#break(fail("truncated", "the data connection broke")));
    socket.on("close", () => this.#break(fail("truncated", "the data connection was closed")));
    socket.on("drain", () => this.#wake());
  }

  /** Twice without progress while somebody waits for it: the peer stalls. */
  #checkProgress(): void {
    const progress = this.#moved - this.#socket.writableLength;
    const stands = this.#waiting && progress === this.#progress;
    if (stands && this.#stood) this.#break(fail("timeout", "the data connection stalled"));
    this.#stood = stands;
    this.#progress = progress;
  }

  /** Begins to read. What came before stays in the system's buffers until then. */
  #startReading(): void {
    if (this.#socket.listenerCount("data") > 0) return;
    this.#socket.on("data", (chunk: Uint8Array) => {
      this.#chunks.push(chunk);
      this.#queued += chunk.length;
      this.#moved += chunk.length;
      if (this.#queued >= highWater) this.#socket.pause();
      if (this.#queued >= this.#wanted) this.#wake();
    });
    this.#socket.on("end", () => {
      // Destroying a socket may end it too: that is no end of the peer's.
      this.#ended = this.#broken === undefined;
      this.#wake();
    });
    this.#socket.resume();
  }

  /** At least `least` bytes, fewer only at the end, none after it. */
  async read(least: number): Promise<Result<Uint8Array>> {
    this.#startReading();
    this.#wanted = least;
    while (this.#queued < least && !this.#ended && !this.#broken) await this.#news();
    if (this.#broken && !this.#ended) return this.#broken;
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#queued = 0;
    if (!this.#ended) this.#socket.resume();
    if (chunks.length === 0) return ok(empty);
    return ok(chunks.length === 1 ? chunks[0]! : concat(chunks));
  }

  /** Resolves once there is room for more. */
  async write(bytes: Uint8Array): Promise<Result<void>> {
    if (this.#broken) return this.#broken;
    this.#moved += bytes.length;
    if (this.#socket.write(bytes)) return ok();
    while (this.#socket.writableNeedDrain && !this.#broken) await this.#news();
    return this.#broken ?? ok();
  }

  /** Says that nothing more comes; resolves once all is with the system. */
  async end(): Promise<Result<void>> {
    if (this.#broken) return this.#broken;
    const out = new Promise<void>((yes) => this.#socket.end(() => yes()));
    this.#socket.resume();
    while (!this.#broken && !this.#socket.writableFinished) await Promise.race([out, this.#news()]);
    const patience = setTimeout(() => this.#socket.destroy(), lingerMs);
    this.#socket.once("close", () => clearTimeout(patience));
    return this.#socket.writableFinished ? ok() : (this.#broken ?? ok());
  }

  /** At once, both ways. */
  cut(): void {
    this.#ended = false;
    this.#break(fail("cancelled", "the transfer was aborted"));
  }

  async #news(): Promise<void> {
    this.#waiting = true;
    await new Promise<void>((yes) => (this.#wake = yes));
    this.#waiting = false;
  }

  #break(why: Result<never>): void {
    this.#broken ??= why;
    this.#socket.destroy();
    this.#wake();
  }
}
