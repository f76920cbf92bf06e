import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { concat, empty } from "../base/bytes.ts";

/** A socket's ciphertext as a stream of its own: so TLS can begin on bytes that are here already (behind a
 *  PROXY header), and end without ending TCP (CCC). Slower than TLS on the socket itself. */
export class TlsPipe extends Duplex {
  readonly #socket: Socket;
  #leaving = false;
  #held: Uint8Array = empty;
  #left: () => void = () => {};

  constructor(socket: Socket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    socket.on("data", this.#onData);
    socket.once("end", () => this.push(null));
    socket.once("close", () => {
      this.destroy();
      this.#left();
    });
  }

  override _read(): void {
    if (!this.#leaving) this.#socket.resume();
  }

  override _write(chunk: Uint8Array, _: string, then: () => void): void {
    this.#socket.write(chunk, () => then());
  }

  override _final(then: () => void): void {
    if (!this.#leaving) this.#socket.end();
    then();
  }

  override _destroy(_: Error | null, then: (error: Error | null) => void): void {
    if (!this.#leaving) this.#socket.destroy();
    then(null);
  }

  /** From now on the end of TLS is not the end of the socket. Resolves when the peer's TLS has ended too,
   *  with its clear bytes ready to be read from the socket, which stands still. */
  leave(): Promise<void> {
    this.#leaving = true;
    return new Promise((yes) => {
      this.#left = yes;
      this.#socket.resume();
    });
  }

  readonly #onData = (chunk: Uint8Array): void => {
    if (!this.#leaving) {
      if (!this.push(chunk)) this.#socket.pause();
      return;
    }
    this.#held = concat([this.#held, chunk]);
    while (isRecord(this.#held)) {
      if (this.#held.length < 5) return;
      const end = 5 + this.#held[3]! * 256 + this.#held[4]!;
      if (this.#held.length < end) return;
      this.push(this.#held.subarray(0, end));
      this.#held = this.#held.subarray(end);
    }
    if (this.#held.length === 0) return;
    this.#socket.off("data", this.#onData);
    this.#socket.pause();
    this.#socket.unshift(this.#held);
    this.#left();
  };
}

/** RFC 8446 §5.1: content type 20–23, version 3.x; no command begins so. */
const isRecord = (bytes: Uint8Array): boolean =>
  bytes.length > 0 && bytes[0]! >= 20 && bytes[0]! <= 23 && (bytes.length < 5 || bytes[1] === 3);
