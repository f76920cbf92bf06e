import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { concat } from "../base/bytes.ts";

export interface Dialling {
  readonly host: string;
  readonly port: number;
  /** PEM texts of authorities beside the system's own; undefined: no TLS. */
  readonly tls: { readonly ca: string | undefined } | undefined;
  /** For connecting, and for each answer waited for. */
  readonly timeoutMs: number;
}

/** Takes what it can from the buffer's beginning; undefined: more is needed. */
export type Take<T> = (bytes: Uint8Array) => { readonly value: T; readonly size: number } | undefined;

/** A connection out of the house, by questions and answers. */
export interface Dialled extends Disposable {
  send(bytes: Uint8Array): void;
  /** What `read` takes next. Rejects when the other side is gone, silent for too long, or says more than
   *  1 MiB at once. */
  take<T>(read: Take<T>): Promise<T>;
  readonly closed: boolean;
}

const mostBytes = 1 << 20;

/** Connects. Rejects with an error whose message names no secret. */
export function dial(how: Dialling): Promise<Dialled> {
  return new Promise((yes, no) => {
    const { host, port, tls, timeoutMs } = how;
    const plainHost = host.replace(/^\[|\]$/g, "");
    const socket = tls
      ? connectTls({ host: plainHost, port, servername: plainHost, ...(tls.ca ? { ca: tls.ca } : {}) })
      : connectTcp({ host: plainHost, port });
    const late = setTimeout(() => fail("no answer in time"), timeoutMs);
    const fail = (why: string): void => {
      clearTimeout(late);
      socket.destroy();
      no(new Error(why));
    };
    socket.once("error", (error: Error & { code?: string }) => fail(error.code ?? error.message));
    socket.once(tls ? "secureConnect" : "connect", () => {
      clearTimeout(late);
      socket.setNoDelay(true);
      yes(new Line(socket, timeoutMs));
    });
  });
}

class Line implements Dialled {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  #held: Uint8Array = new Uint8Array();
  #closed = false;
  #wake: () => void = () => {};

  constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.on("data", (chunk: Buffer) => {
      this.#held = concat([this.#held, chunk]);
      if (this.#held.length > mostBytes) socket.destroy();
      this.#wake();
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  send(bytes: Uint8Array): void {
    if (!this.#closed) this.#socket.write(bytes);
  }

  async take<T>(read: Take<T>): Promise<T> {
    const late = setTimeout(() => {
      this.#socket.destroy();
      this.#wake();
    }, this.#timeoutMs);
    try {
      for (;;) {
        const taken = read(this.#held);
        if (taken) {
          this.#held = this.#held.slice(taken.size);
          return taken.value;
        }
        if (this.#closed || this.#socket.destroyed) throw new Error("the connection ended");
        await new Promise<void>((go) => (this.#wake = go));
      }
    } finally {
      clearTimeout(late);
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
