import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpAnswer, HttpStream } from "../base/http.ts";

/** One answer on its way out, at the reader's pace. */
export class Sending {
  /** Bytes of the body handed to the socket so far. */
  sent = 0;
  /** The reader is slower than we are: what the stall watch looks at. */
  waiting = false;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
  }

  /** Sends it. `last`: the connection closes behind it. `hold` runs between the answer's last byte and its
   *  end, where the connection is to stay a moment. */
  async send(answer: HttpAnswer, last: boolean, hold?: () => Promise<void>): Promise<void> {
    const response = this.#response;
    const { body } = answer;
    const stream = typeof body === "object" && "chunks" in body ? body : undefined;
    if (response.destroyed) return await stream?.close();
    const headers: Record<string, string | number> = { ...answer.headers };
    if (last) headers["connection"] = "close";
    const bare = this.#request.method === "HEAD" || answer.status === 204 || answer.status === 304;
    const size = sizeOf(body);
    if (size !== undefined && !bare) headers["content-length"] = size;
    response.writeHead(answer.status, headers);
    if (stream) await this.#pump(stream, bare);
    else if (!bare && body !== undefined && !hold) return void response.end(body);
    else if (!bare && body !== undefined) response.write(body);
    await hold?.();
    response.end();
  }

  /** A source that fails cuts the connection: the reader sees a body shorter than announced. */
  async #pump(stream: HttpStream, bare: boolean): Promise<void> {
    try {
      if (bare) return;
      for await (const chunk of stream.chunks) {
        if (this.#response.destroyed) return;
        this.sent += chunk.length;
        if (!this.#response.write(chunk)) await this.#drained();
      }
    } finally {
      await stream.close();
    }
  }

  #drained(): Promise<void> {
    const response = this.#response;
    this.waiting = true;
    return new Promise((done) => {
      const go = (): void => {
        response.off("drain", go);
        response.off("close", go);
        this.waiting = false;
        done();
      };
      response.on("drain", go);
      response.on("close", go);
    });
  }

  destroy(): void {
    this.#request.socket.destroy();
  }
}

function sizeOf(body: HttpAnswer["body"]): number | undefined {
  if (body === undefined) return 0;
  if (typeof body === "string") return Buffer.byteLength(body);
  return "chunks" in body ? body.size : body.length;
}
