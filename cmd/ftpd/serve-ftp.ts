import type { Socket } from "node:net";
import type { SecureContext, TLSSocket } from "node:tls";
import { utf8 } from "../../lib/base/bytes.ts";
import type { Endpoint } from "../../lib/base/endpoint.ts";
import { contains, parseIp } from "../../lib/base/ip.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { FtpConversation, type FtpSettings } from "../../lib/gate/ftp/conversation.ts";
import type { FtpNeeds } from "../../lib/gate/ftp/needs.ts";
import type { FtpSessionBook } from "../../lib/gate/ftp/session-book.ts";
import { converse } from "../../lib/host/conversation.ts";
import { DataDoor, type DataDoorOptions } from "../../lib/host/data-door.ts";
import { listenTcp, plainAddress, type Served, type TcpListener } from "../../lib/host/tcp.ts";
import { certifiedNames, upgrade, upgradeDetachable, type TlsKeeper } from "../../lib/host/tls.ts";
import type { FtpdConfig } from "./config.ts";

const handshakeMs = 10_000;
const meetMs = 30_000;

export interface FtpService {
  readonly needs: FtpNeeds;
  readonly config: FtpdConfig["ftp"];
  readonly keeper: TlsKeeper;
  readonly sessions: FtpSessionBook;
  /** Why an address may not connect, or undefined where it may. */
  readonly refuses: (address: string) => string | undefined;
  /** Whether an address is a load balancer that says who calls. */
  readonly isProxy: (address: string) => boolean;
}

/** Serves FTP at `listen`; with `implicit` TLS comes before the first byte. Faults: unavailable. */
export async function serveFtp(
  listen: Endpoint,
  implicit: boolean,
  service: FtpService,
): Promise<Result<TcpListener>> {
  const { config, needs } = service;
  const settings = settingsOf(config, needs);
  const data = dataOptions(config, needs);
  const accept = (socket: Socket): Served => answer(socket, implicit, service, settings, data);
  const limits = { total: config.connections, perAddress: config.connectionsPerAddress };
  const refusal = utf8("421 Too many connections; try again later\r\n");
  try {
    const { refuses, isProxy } = service;
    const options = { limits, log: needs.log, refuses, isProxy, ...(implicit ? {} : { refusal }) };
    return ok(await listenTcp(listen, accept, options));
  } catch (error) {
    return fail("unavailable", `FTP cannot listen: ${(error as Error).message}`, {
      where: `${listen.host} ${listen.port}`,
      mend: "end what uses the port, or set ftp.listen and ftps.listen",
    });
  }
}

function answer(
  socket: Socket,
  implicit: boolean,
  service: FtpService,
  settings: FtpSettings,
  options: DataDoorOptions,
): Served {
  const { config, keeper, needs, sessions } = service;
  const { clock, log } = needs;
  let own: SecureContext | undefined;
  const context = (): SecureContext => (own ??= keeper.context());
  const control = new ControlTls(socket, context, config.clearControl, keeper.asksClients);
  const address = plainAddress(socket.remoteAddress ?? "");
  const data = new DataDoor(socket, context, options);
  const caller = { address, secured: implicit, certified: () => control.certified(), data };
  const first = implicit ? control.secure() : socket;
  const conversation = new FtpConversation(needs, settings, caller);
  const served = converse(first, conversation, {
    clock,
    log,
    secure: () => control.secure(),
    clear: () => control.clear(),
  });
  sessions.enter(conversation, () => served.leave());
  socket.once("close", () => sessions.left(conversation));
  return served;
}

/** TLS on a control connection, which can be left again where that is allowed. */
class ControlTls {
  readonly #socket: Socket;
  readonly #context: () => SecureContext;
  readonly #detachable: boolean;
  readonly #asksClient: boolean;
  #secured: TLSSocket | undefined;
  #detach: (() => Promise<Socket>) | undefined;

  constructor(socket: Socket, context: () => SecureContext, detachable: boolean, asksClient: boolean) {
    this.#asksClient = asksClient;
    this.#socket = socket;
    this.#context = context;
    this.#detachable = detachable;
  }

  secure(): TLSSocket {
    const options = { handshakeMs, protocol: "ftp", asksClient: this.#asksClient };
    if (!this.#detachable) return (this.#secured = upgrade(this.#socket, this.#context(), options));
    const detachable = upgradeDetachable(this.#socket, this.#context(), options);
    this.#detach = () => detachable.detach();
    return (this.#secured = detachable.secure);
  }

  /** Whom the client's certificate names. */
  certified(): readonly string[] {
    return this.#asksClient && this.#secured ? certifiedNames(this.#secured) : [];
  }

  async clear(): Promise<Socket> {
    return (await this.#detach?.()) ?? this.#socket.destroy();
  }
}

function settingsOf(config: FtpdConfig["ftp"], needs: FtpNeeds): FtpSettings {
  return {
    greeting: config.greeting,
    tls: config.tls,
    clearData: config.clearData,
    clientCertificates: config.clientCertificates,
    clearControl: config.clearControl,
    siteToSite: config.siteToSite,
    idleMs: config.idleTimeout,
    loginMs: config.loginTimeout,
    loginTries: config.loginTries,
    digestBytes: config.digestLimit,
    partialUploads: config.partialUploads,
    wall: () => needs.clock.wall(),
  };
}

function dataOptions(config: FtpdConfig["ftp"], needs: FtpNeeds): DataDoorOptions {
  const mayCome = (peer: string, control: string): boolean => {
    const ip = parseIp(peer);
    return (
      peer === control ||
      config.siteToSite ||
      (ip !== undefined && config.dataNetworks.some((net) => contains(net, ip)))
    );
  };
  return {
    ports: { first: config.passiveFirst, last: Math.max(config.passiveFirst, config.passiveLast) },
    announce: config.passiveAddress,
    mayCome,
    reuse: config.sessionReuse,
    meetMs,
    handshakeMs,
    stallMs: config.stallTimeout,
    entropy: needs.entropy,
    log: needs.log,
  };
}
