import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import type { Endpoint } from "../base/endpoint.ts";
import type { HttpExchange, HttpRequest } from "../base/http.ts";
import type { Log } from "../watch/log.ts";
import { discard, RequestBody } from "./http-body.ts";
import { Sending } from "./http-sending.ts";

/** Bounds of a listener. A head has at most 16 KiB and 200 fields, and is whole within 12 s: Bun's own. */
export interface HttpLimits {
  /** Connections at once; further ones are closed at once. */
  readonly connections: number;
  /** A body or an answer moves at least `stallBytes` in every `stallMs`, or its connection ends. */
  readonly stallMs: number;
  readonly stallBytes: number;
  /** A connection without a request ends after this. */
  readonly idleMs: number;
  /** Requests under way get this long when the listener stops. */
  readonly drainMs: number;
}

export const httpLimits: HttpLimits = {
  connections: 10_000,
  stallMs: 20_000,
  stallBytes: 1024,
  idleMs: 65_000,
  drainMs: 4000,
};

export interface HttpListenOptions {
  readonly log: Log;
  readonly limits?: Partial<HttpLimits>;
  /** PEM texts. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
}

export interface HttpListener extends AsyncDisposable {
  /** As bound. */
  readonly endpoint: Endpoint;
  /** Connections open now. */
  readonly connections: number;
}

/** Listens with node:http, which keeps request targets as they were sent (Bun.serve does not). Rejects where
 *  the address is taken. Disposing stops accepting and lets requests under way finish. */
export async function listenHttp(
  listen: Endpoint,
  exchange: HttpExchange,
  options: HttpListenOptions,
): Promise<HttpListener> {
  const limits = { ...httpLimits, ...options.limits };
  const edge = new Edge(exchange, options.log, limits, options.tls !== undefined);
  const server = options.tls ? createTlsServer({ ...options.tls, minVersion: "TLSv1.2" }) : createServer();
  edge.attach(server);
  await new Promise<void>((done, failed) => {
    server.once("error", failed);
    server.listen({ host: listen.host, port: listen.port, backlog: 4096 }, done);
  });
  server.on("error", (error) => options.log.error("listener failed", { error: String(error) }));
  const bound = server.address();
  const port = typeof bound === "object" && bound ? bound.port : listen.port;
  return {
    endpoint: { host: listen.host, port },
    get connections() {
      return edge.sockets.size;
    },
    [Symbol.asyncDispose]: () => edge.stop(server),
  };
}

class Edge {
  readonly sockets = new Set<Socket>();
  readonly #active = new Set<Active>();
  #stopping = false;
  readonly #exchange: HttpExchange;
  readonly #log: Log;
  readonly #limits: HttpLimits;
  readonly #secure: boolean;
  readonly #watch: Timer;

  constructor(exchange: HttpExchange, log: Log, limits: HttpLimits, secure: boolean) {
    this.#exchange = exchange;
    this.#log = log;
    this.#limits = limits;
    this.#secure = secure;
    this.#watch = setInterval(() => this.#watchStalls(), limits.stallMs);
    this.#watch.unref();
  }

  attach(server: Server): void {
    server.keepAliveTimeout = this.#limits.idleMs;
    server.requestTimeout = 0;
    server.timeout = 0;
    server.on("connection", (socket: Socket) => this.#connected(socket));
    server.on("request", (q: IncomingMessage, r: ServerResponse) => void this.#serve(q, r, false));
    server.on("checkContinue", (q: IncomingMessage, r: ServerResponse) => void this.#serve(q, r, true));
    server.on("clientError", (error: Error & { code?: string }, socket: Socket) => {
      const status =
        error.code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request";
      if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      else socket.destroy();
    });
    server.on("tlsClientError", (_error: Error, socket: Socket) => socket.destroy());
  }

  /** Bun tells of a connection when its first bytes are here, at times after the request in them. */
  #connected(socket: Socket): void {
    if (this.sockets.has(socket)) return;
    if (this.sockets.size >= this.#limits.connections) return void socket.destroy();
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  }

  async #serve(request: IncomingMessage, response: ServerResponse, expects: boolean): Promise<void> {
    this.#connected(request.socket);
    if (request.socket.destroyed) return;
    const body = new RequestBody(request, () => {
      if (expects) response.writeContinue();
    });
    const asked = this.#asked(request, body);
    const active = { body, sending: new Sending(request, response), seen: 0, fresh: true };
    this.#active.add(active);
    try {
      const answer = await this.#exchange(asked);
      const left = body.unread ? asked.length !== 0 : !request.complete;
      const hold = left && !expects ? () => discard(body) : undefined;
      await active.sending.send(answer, left || this.#stopping, hold);
    } catch (error) {
      this.#log.error("answer not sent", { error: String(error) });
      request.socket.destroy();
    } finally {
      this.#active.delete(active);
    }
  }

  #asked(request: IncomingMessage, body: RequestBody): HttpRequest {
    const headers = headerMap(request.rawHeaders);
    return {
      method: request.method ?? "",
      target: request.url ?? "",
      headers,
      address: request.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "",
      secure: this.#secure,
      length: lengthOf(headers),
      body,
    };
  }

  #watchStalls(): void {
    for (const active of this.#active) {
      const { body, sending } = active;
      const seen = body.received + sending.sent;
      const slow = seen - active.seen < this.#limits.stallBytes;
      active.seen = seen;
      if (!slow) continue;
      if (active.fresh) active.fresh = false;
      else if (body.waiting) body.lose("stalled");
      else if (sending.waiting) sending.destroy();
    }
  }

  async stop(server: Server): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    const closed = new Promise<void>((done) => void server.close(() => done()));
    server.closeIdleConnections();
    const deadline = Date.now() + this.#limits.drainMs;
    while (this.#active.size > 0 && Date.now() < deadline) await Bun.sleep(10);
    server.closeAllConnections();
    for (const socket of this.sockets) socket.destroy();
    await Promise.race([closed, Bun.sleep(500)]);
  }
}

/** One request under way. */
interface Active {
  readonly body: RequestBody;
  readonly sending: Sending;
  /** What had moved when the stall watch last looked. */
  seen: number;
  /** The stall watch has not looked yet: the first window was not a whole one. */
  fresh: boolean;
}

/** By lower-case name; repeats joined by ",". */
function headerMap(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const before = headers.get(name);
    headers.set(name, before === undefined ? raw[i + 1]! : `${before},${raw[i + 1]!}`);
  }
  return headers;
}

function lengthOf(headers: ReadonlyMap<string, string>): number | undefined {
  if (headers.has("transfer-encoding")) return undefined;
  const text = headers.get("content-length");
  return text === undefined ? 0 : Number(text);
}
