import { connect, createServer, isIPv6, type AddressInfo, type Server, type Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { Endpoint } from "../base/endpoint.ts";
import type { Entropy } from "../base/entropy.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Log } from "../watch/log.ts";
import { SocketLink } from "./data-link.ts";
import { plainAddress } from "./tcp.ts";
import { upgrade } from "./tls.ts";

export type SessionReuse = "off" | "prefer" | "require";

/** What holds for the data connections of every control connection. */
export interface DataDoorOptions {
  /** Ports offered, both included; one is drawn for each connection. */
  readonly ports: { readonly first: number; readonly last: number };
  /** The IPv4 address to tell clients instead of our own: in front of us a router translates. */
  readonly announce: string | undefined;
  /** Whether a peer other than the control connection's may come. */
  readonly mayCome: (peer: string, control: string) => boolean;
  readonly reuse: SessionReuse;
  /** How long a peer may take to come, or we to reach it. */
  readonly meetMs: number;
  readonly handshakeMs: number;
  /** How long neither side may move anything. */
  readonly stallMs: number;
  readonly entropy: Entropy;
  readonly log: Log;
}

/** The data connections of one control connection: one at a time, each on a port of its own. */
export class DataDoor {
  readonly #context: () => SecureContext;
  readonly #options: DataDoorOptions;
  #waiting: Meeting | undefined;
  #link: SocketLink | undefined;
  #plain: Socket | undefined;
  /** The control connection's own ends, kept: a closed socket forgets them. */
  readonly #here: string;
  readonly #there: string;

  /** `context` gives the control connection's own context: with it alone do data connections resume. */
  constructor(control: Socket, context: () => SecureContext, options: DataDoorOptions) {
    this.#context = context;
    this.#options = options;
    this.#here = plainAddress(control.localAddress ?? "");
    this.#there = plainAddress(control.remoteAddress ?? "");
  }

  /** Opens a port where the client will come. Faults: unsupported (the other protocol), unavailable. */
  async passive(family: 4 | 6 | "same"): Promise<Result<Endpoint>> {
    const own = isIPv6(this.#here) ? 6 : 4;
    if (family !== "same" && family !== own) return fail("unsupported", "use the other network protocol");
    this.#waiting?.close();
    const { meetMs } = this.#options;
    const mayCome = (peer: string): boolean => this.#options.mayCome(peer, this.#there);
    for (const port of this.#drawPorts()) {
      const opened = await openPort(this.#here, port);
      if (!opened) continue;
      this.#waiting = new ComingMeeting(opened, mayCome, meetMs, this.#options.log);
      const host = (own === 4 ? this.#options.announce : undefined) ?? this.#here;
      return ok({ host, port: (opened.address() as AddressInfo).port });
    }
    return fail("unavailable", "no port is free for a data connection");
  }

  /** Ten draws without order: a client cannot guess the next (RFC 2577 §6). */
  #drawPorts(): number[] {
    const { first, last } = this.#options.ports;
    if (first === 0) return [0];
    const bytes = this.#options.entropy(40);
    const view = new DataView(bytes.buffer, bytes.byteOffset, 40);
    return Array.from({ length: 10 }, (_, i) => first + (view.getUint32(i * 4) % (last - first + 1)));
  }

  /** Where the next data connection goes to. */
  active(to: Endpoint): void {
    this.#waiting?.close();
    this.#waiting = new GoingMeeting(this.#here, to, this.#options.meetMs);
  }

  /** The data connection, secured where asked. Faults: unavailable, timeout, denied (TLS). */
  async meet(secure: boolean): Promise<Result<SocketLink>> {
    const meeting = this.#waiting;
    if (!meeting) return fail("unavailable", "there is no data connection: send EPSV or PASV first");
    const met = await meeting.socket();
    if (this.#waiting === meeting) this.#waiting = undefined;
    if (!met.ok) return met;
    this.#plain = met.value;
    const ready = secure ? await this.#secure(met.value) : met;
    if (!ready.ok) return ready;
    this.#link = new SocketLink(ready.value, this.#options.stallMs);
    return ok(this.#link);
  }

  async #secure(plain: Socket): Promise<Result<Socket>> {
    const { handshakeMs, reuse, log } = this.#options;
    const secured = upgrade(plain, this.#context(), { handshakeMs });
    const done = await new Promise<boolean>((yes) => {
      secured.once("secure", () => yes(true));
      secured.once("close", () => yes(false));
      plain.once("close", () => yes(false));
    });
    if (!done) return fail("denied", "the TLS handshake of the data connection failed");
    const resumed = secured.isSessionReused();
    log.debug("data connection secured", { resumed, version: secured.getProtocol() ?? "" });
    if (resumed || reuse !== "require") return ok(secured);
    plain.destroy();
    return fail("denied", "the data connection must resume the control connection's TLS session");
  }

  /** Ends whatever is under way: the control connection is gone, or ABOR came. */
  close(): void {
    this.#waiting?.close();
    this.#waiting = undefined;
    this.#link?.cut();
    this.#plain?.destroy();
    this.#link = undefined;
    this.#plain = undefined;
  }
}

async function openPort(host: string, port: number): Promise<Server | undefined> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
  return await new Promise((yes) => {
    server.once("error", () => yes(undefined));
    server.listen({ host, port, exclusive: true }, () => yes(server));
  });
}

interface Meeting {
  socket(): Promise<Result<Socket>>;
  close(): void;
}

/** Waits for the one peer; strangers are dropped and the waiting goes on. */
class ComingMeeting implements Meeting {
  readonly #server: Server;
  readonly #met = Promise.withResolvers<Result<Socket>>();
  readonly #patience: NodeJS.Timeout;
  #arrived: Socket | undefined;
  #handedOver = false;

  constructor(server: Server, mayCome: (peer: string) => boolean, meetMs: number, log: Log) {
    this.#server = server;
    this.#patience = setTimeout(() => this.#end(fail("timeout", "nobody came to the data port")), meetMs);
    server.on("error", () => this.#end(fail("unavailable", "the data port broke")));
    server.on("connection", (socket) => {
      socket.on("error", () => socket.destroy());
      const peer = plainAddress(socket.remoteAddress ?? "");
      if (this.#arrived || !mayCome(peer)) {
        log.warn("stranger at a data port", { peer });
        socket.destroy();
      } else this.#welcome(socket);
    });
  }

  #welcome(socket: Socket): void {
    this.#arrived = socket;
    this.#server.close();
    clearTimeout(this.#patience);
    this.#met.resolve(ok(socket));
  }

  socket(): Promise<Result<Socket>> {
    this.#handedOver = true;
    return this.#met.promise;
  }

  close(): void {
    this.#end(fail("cancelled", "the data port was closed"));
    if (!this.#handedOver) this.#arrived?.destroy();
  }

  #end(why: Result<never>): void {
    clearTimeout(this.#patience);
    this.#server.close();
    this.#met.resolve(why);
  }
}

/** Goes to the client. */
class GoingMeeting implements Meeting {
  readonly #from: string;
  readonly #to: Endpoint;
  readonly #meetMs: number;
  #socket: Socket | undefined;

  constructor(from: string, to: Endpoint, meetMs: number) {
    this.#from = from;
    this.#to = to;
    this.#meetMs = meetMs;
  }

  async socket(): Promise<Result<Socket>> {
    const { host, port } = this.#to;
    const socket = connect({ host, port, localAddress: this.#from, allowHalfOpen: true, noDelay: true });
    this.#socket = socket;
    return await new Promise((yes) => {
      const patience = setTimeout(() => socket.destroy(), this.#meetMs);
      socket.once("connect", () => {
        clearTimeout(patience);
        yes(ok(socket));
      });
      socket.on("error", () => socket.destroy());
      socket.once("close", () => {
        clearTimeout(patience);
        yes(fail("unavailable", "your data port cannot be reached"));
      });
    });
  }

  close(): void {
    this.#socket?.destroy();
  }
}
