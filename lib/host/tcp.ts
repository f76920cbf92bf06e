import { readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { Endpoint } from "../base/endpoint.ts";
import { ipText, parseIp } from "../base/ip.ts";
import type { Log } from "../watch/log.ts";
import { unwrapProxied } from "./proxied.ts";

export interface TcpLimits {
  /** Connections in all. */
  readonly total: number;
  /** Connections of one IPv4 address, or of one IPv6 /64. */
  readonly perAddress: number;
}

export const defaultTcpLimits: TcpLimits = { total: 10_000, perAddress: 256 };

export interface TcpOptions {
  readonly limits?: TcpLimits;
  readonly log: Log;
  /** Why an address may not come, or undefined where it may. */
  readonly refuses?: (address: string) => string | undefined;
  /** Whether an address is a load balancer of ours, which says who calls before anything else (PROXY). */
  readonly isProxy?: (address: string) => boolean;
  /** Sent to a connection over a limit before it is closed. */
  readonly refusal?: Uint8Array;
}

/** What a door makes of an accepted socket. `leave` asks it to finish what it does and close by itself. */
export interface Served {
  leave(): void;
}

export interface TcpListener extends AsyncDisposable {
  /** The endpoint in use, with the port the system chose. */
  readonly endpoint: Endpoint;
  readonly connections: number;
  /** Accepts no more, lets what is connected finish for at most `drainMs`, then cuts it. */
  stop(drainMs: number): Promise<void>;
}

/** Descriptors kept free of connections, for files and the catalog. */
export const reserveDescriptors = 64;

/** Listens for TCP connections, each handed to `accept` once, half-open allowed, its errors swallowed: a
 *  broken connection closes, nothing more. Rejects where the endpoint cannot be bound. */
export async function listenTcp(
  endpoint: Endpoint,
  accept: (socket: Socket) => Served,
  options: TcpOptions,
): Promise<TcpListener> {
  const crowd = new Crowd(options.limits ?? defaultTcpLimits, descriptorLimit() - reserveDescriptors);
  const welcome = (socket: Socket): void => {
    const refused = crowd.refusalFor(socket) ?? options.refuses?.(plainAddress(socket.remoteAddress ?? ""));
    if (!refused) return crowd.enter(socket, accept(socket));
    options.log.debug("connection refused", { why: refused, peer: socket.remoteAddress });
    if (options.refusal) socket.write(options.refusal);
    socket.destroySoon();
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    if (!options.isProxy?.(plainAddress(socket.remoteAddress ?? ""))) return welcome(socket);
    crowd.await(socket);
    return void unwrapProxied(socket).then((named) => {
      if (named) {
        welcome(socket);
        socket.resume();
      } else options.log.warn("no PROXY header came from a load balancer", { peer: socket.remoteAddress });
    });
  });
  await new Promise<void>((yes, no) => {
    server.once("error", no);
    server.listen({ ...endpoint, exclusive: true }, () => {
      server.off("error", no);
      server.on("error", (error) => options.log.error("listener failed", { what: error.message }));
      yes();
    });
  });
  const stop = (drainMs: number): Promise<void> => stopServer(server, crowd, drainMs);
  return {
    endpoint: { host: endpoint.host, port: (server.address() as AddressInfo).port },
    get connections() {
      return crowd.size;
    },
    stop,
    [Symbol.asyncDispose]: () => stop(3000),
  };
}

async function stopServer(server: Server, crowd: Crowd, drainMs: number): Promise<void> {
  const closed = new Promise<void>((yes) => server.close(() => yes()));
  crowd.leave();
  const cut = setTimeout(() => crowd.cut(), drainMs);
  await closed;
  await crowd.empty();
  clearTimeout(cut);
}

/** Who is connected, and whether one more may be. */
class Crowd {
  readonly #limits: TcpLimits;
  readonly #lastDescriptor: number;
  readonly #inside = new Map<Socket, Served>();
  readonly #byAddress = new Map<string, number>();
  readonly #nameless = new Set<Socket>();
  #onEmpty: () => void = () => {};

  constructor(limits: TcpLimits, lastDescriptor: number) {
    this.#limits = limits;
    this.#lastDescriptor = lastDescriptor;
  }

  get size(): number {
    return this.#inside.size;
  }

  refusalFor(socket: Socket): string | undefined {
    if (socket.remoteAddress === undefined) return "gone already";
    if (this.#inside.size >= this.#limits.total) return "too many connections";
    // The system gives the lowest free number: it tells how many are in use.
    if (descriptorOf(socket) >= this.#lastDescriptor) return "too few descriptors";
    const ofAddress = this.#byAddress.get(networkOf(socket.remoteAddress)) ?? 0;
    return ofAddress >= this.#limits.perAddress ? "too many connections of one address" : undefined;
  }

  /** Somebody who has not said yet who they are: cut with the others. */
  await(socket: Socket): void {
    this.#nameless.add(socket);
    socket.once("close", () => this.#nameless.delete(socket));
  }

  enter(socket: Socket, served: Served): void {
    this.#nameless.delete(socket);
    const network = networkOf(socket.remoteAddress ?? "");
    this.#inside.set(socket, served);
    this.#byAddress.set(network, (this.#byAddress.get(network) ?? 0) + 1);
    socket.once("close", () => {
      this.#inside.delete(socket);
      const left = (this.#byAddress.get(network) ?? 1) - 1;
      if (left > 0) this.#byAddress.set(network, left);
      else this.#byAddress.delete(network);
      if (this.#inside.size === 0) this.#onEmpty();
    });
  }

  /** Resolves once everybody is gone. */
  async empty(): Promise<void> {
    if (this.#inside.size > 0) await new Promise<void>((yes) => (this.#onEmpty = yes));
  }

  leave(): void {
    for (const socket of this.#nameless) socket.destroy();
    for (const served of this.#inside.values()) served.leave();
  }

  cut(): void {
    for (const socket of this.#inside.keys()) socket.destroy();
  }
}

/** The address itself for IPv4 (also where IPv6 carries it), the /64 for IPv6: what one customer has. */
export function networkOf(address: string): string {
  const ip = parseIp(address.split("%")[0]!);
  if (!ip) return address;
  return ip.length === 4 ? ipText(ip) : `${ipText(ip.map((byte, i) => (i < 8 ? byte : 0)))}/64`;
}

/** "::ffff:192.0.2.1" is 192.0.2.1. */
export const plainAddress = (address: string): string =>
  /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice(7) : address;

const descriptorOf = (socket: Socket): number =>
  (socket as Socket & { _handle?: { fd?: number } })._handle?.fd ?? -1;

/** How many descriptors the process may have; 1024 where the system does not say. */
export function descriptorLimit(): number {
  try {
    const text = readFileSync("/proc/self/limits", "utf8");
    return Number(/^Max open files\s+(\d+)/m.exec(text)?.[1] ?? 1_048_576);
  } catch {
    return 1024;
  }
}
