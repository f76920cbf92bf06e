import type { Endpoint } from "../base/endpoint.ts";
import type { HttpExchange } from "../base/http.ts";
import type { Log } from "../watch/log.ts";
import { HeadReader, headLimits } from "../wire/http-head.ts";
import { HttpConnection, smallBytes, type ConnectionLimits, type HttpHouse } from "./http-connection.ts";
import { deepenBacklog } from "./platform/backlog.ts";
import { openFileSender, type FileSender } from "./platform/send-file.ts";
import { descriptorLimit, networkOf, plainAddress, reserveDescriptors } from "./tcp.ts";

/** Bounds of a listener. Those of a head are `headLimits` of wire/http-head.ts. */
export interface HttpLimits extends ConnectionLimits {
  /** Connections at once; further ones are closed at once. */
  readonly connections: number;
  /** Of these, from one IPv4 address or one IPv6 /64. */
  readonly perAddress: number;
  /** Requests under way get this long when the listener stops. */
  readonly drainMs: number;
}

export const httpLimits: HttpLimits = {
  connections: 10_000,
  perAddress: 2000,
  stallMs: 20_000,
  stallBytes: 1024,
  idleMs: 65_000,
  headMs: 12_000,
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

/** Listens for HTTP/1.1 and 1.0 with the house's own reader, which keeps request targets as they were sent
 *  (Bun.serve does not) and costs a third of node:http. Rejects where the address is taken. Disposing stops
 *  accepting and lets requests under way finish. */
export async function listenHttp(
  listen: Endpoint,
  exchange: HttpExchange,
  options: HttpListenOptions,
): Promise<HttpListener> {
  const edge = new Edge(exchange, options);
  const { tls } = options;
  const server = Bun.listen<HttpConnection | undefined>({
    hostname: listen.host,
    port: listen.port,
    allowHalfOpen: true,
    ...(tls ? { tls: { key: tls.key, cert: tls.cert, ALPNProtocols: alpn } } : {}),
    data: undefined,
    socket: {
      binaryType: "uint8array",
      open: (socket) => edge.open(socket as Socket),
      // With a handler of its own a handshake does not hold back `open`: it counts from the first moment.
      ...(tls ? { handshake: () => {} } : {}),
      data: (socket, bytes) => socket.data?.receive(bytes),
      drain: (socket) => socket.data?.drain(),
      end: (socket) => (socket.data ? socket.data.peerEnded() : void socket.end()),
      close: (socket) => edge.close(socket as Socket),
      error(socket, error) {
        options.log.debug("connection failed", { error: String(error) });
        socket.terminate();
      },
    },
  });
  deepenBacklog((server as typeof server & { readonly fd: number }).fd);
  return {
    endpoint: { host: listen.host, port: server.port },
    get connections() {
      return edge.size;
    },
    async [Symbol.asyncDispose]() {
      server.stop();
      await edge.stop();
    },
  };
}

/** A list of one protocol, as the handshake carries it (RFC 7301): Bun.listen wants just that. */
const alpn = Buffer.from("\x08http/1.1", "latin1");

/** Bun's types do not tell of `fd`, which is -1 once the socket is closed. */
type Socket = Bun.Socket<HttpConnection | undefined> & { readonly fd: number };

class Edge implements HttpHouse {
  readonly exchange: HttpExchange;
  readonly log: Log;
  readonly heads = new HeadReader();
  readonly secure: boolean;
  readonly limits: HttpLimits;
  readonly scratch = Buffer.allocUnsafeSlow(smallBytes + headLimits.headBytes);
  readonly files: FileSender | undefined;
  stopping = false;
  readonly #inside = new Map<HttpConnection, string>();
  readonly #byNetwork = new Map<string, number>();
  readonly #lastDescriptor = descriptorLimit() - reserveDescriptors;
  readonly #sweepMs: number;
  #sweep: Timer | undefined;
  #onEmpty: () => void = () => {};
  #dateSecond = 0;
  #date = "";

  constructor(exchange: HttpExchange, options: HttpListenOptions) {
    this.exchange = exchange;
    this.log = options.log;
    this.secure = options.tls !== undefined;
    this.files = this.secure ? undefined : openFileSender();
    this.limits = { ...httpLimits, ...options.limits };
    const { stallMs, idleMs, headMs } = this.limits;
    this.#sweepMs = Math.min(1000, Math.max(10, Math.min(stallMs, idleMs, headMs) / 4));
  }

  get size(): number {
    return this.#inside.size;
  }

  date(): string {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#dateSecond) {
      this.#dateSecond = second;
      this.#date = new Date(second * 1000).toUTCString();
    }
    return this.#date;
  }

  open(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress ?? "");
    const network = networkOf(address);
    const refused = this.#refusalFor(socket, network);
    if (refused !== undefined) {
      this.log.debug("connection refused", { why: refused, peer: address });
      socket.terminate();
      return;
    }
    const connection = new HttpConnection(socket, address, this);
    socket.data = connection;
    this.#inside.set(connection, network);
    this.#byNetwork.set(network, (this.#byNetwork.get(network) ?? 0) + 1);
    this.#sweep ??= setInterval(() => this.#sweepAll(), this.#sweepMs);
  }

  close(socket: Socket): void {
    const connection = socket.data;
    const network = connection && this.#inside.get(connection);
    if (!connection || network === undefined) return;
    this.#inside.delete(connection);
    const left = (this.#byNetwork.get(network) ?? 1) - 1;
    if (left > 0) this.#byNetwork.set(network, left);
    else this.#byNetwork.delete(network);
    connection.closed();
    if (this.#inside.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
    this.#onEmpty();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    for (const connection of this.#inside.keys()) connection.leave();
    if (this.#inside.size === 0) return;
    const empty = new Promise<void>((done) => (this.#onEmpty = done));
    const cut = setTimeout(() => {
      for (const connection of this.#inside.keys()) connection.cut();
    }, this.limits.drainMs);
    await Promise.race([empty, Bun.sleep(this.limits.drainMs + 500)]);
    clearTimeout(cut);
    clearInterval(this.#sweep);
  }

  #refusalFor(socket: Socket, network: string): string | undefined {
    const { connections, perAddress } = this.limits;
    if (this.stopping) return "stopping";
    if (this.#inside.size >= connections) return "too many connections";
    if ((this.#byNetwork.get(network) ?? 0) >= perAddress) return "too many connections of one address";
    // The system gives the lowest free number: it tells how many are in use.
    return socket.fd >= this.#lastDescriptor ? "too few descriptors" : undefined;
  }

  #sweepAll(): void {
    const now = performance.now();
    for (const connection of this.#inside.keys()) connection.sweep(now);
  }
}
