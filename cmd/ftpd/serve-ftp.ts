import type { Socket } from "node:net";
import type { SecureContext, TLSSocket } from "node:tls";
import { utf8 } from "../../lib/base/bytes.ts";
import type { Endpoint } from "../../lib/base/endpoint.ts";
import { contains, parseIp } from "../../lib/base/ip.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { FtpConversation, type Caller, type FtpSettings } from "../../lib/gate/ftp/conversation.ts";
import type { FtpNeeds } from "../../lib/gate/ftp/needs.ts";
import type { FtpSessionBook } from "../../lib/gate/ftp/session-book.ts";
import { converse } from "../../lib/host/conversation.ts";
import { DataDoor, type DataDoorOptions } from "../../lib/host/data-door.ts";
import { listenTcp, plainAddress, type Served, type TcpListener } from "../../lib/host/tcp.ts";
import { certifiedNames, upgrade, upgradeDetachable, type TlsKeeper } from "../../lib/host/tls.ts";
import type { Site } from "../../lib/rules/sites.ts";
import type { SiteBook } from "./site-book.ts";
import type { FtpdConfig } from "./config.ts";

const handshakeMs = 10_000;
const meetMs = 30_000;

export interface FtpService {
  readonly needs: FtpNeeds;
  readonly config: FtpdConfig["ftp"];
  readonly keeper: TlsKeeper;
  readonly sessions: FtpSessionBook;
  readonly sites: SiteBook;
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
  const { needs, sessions, sites } = service;
  const { clock, log } = needs;
  const control = new ControlTls(socket, service, () => conversation.site);
  const address = plainAddress(socket.remoteAddress ?? "");
  const data = new DataDoor(socket, () => control.context(), options);
  const site = sites.at(plainAddress(socket.localAddress ?? ""));
  const caller: Caller = {
    address,
    secured: implicit,
    certified: () => control.certified(),
    data,
    site,
    serverName: () => control.serverName,
  };
  const greeted = site?.greeting === undefined ? settings : { ...settings, greeting: site.greeting };
  const conversation = new FtpConversation(needs, greeted, caller);
  const first = implicit ? control.secure() : socket;
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

/** TLS on a control connection: by the certificate of the site that HOST, the address or SNI named, and to be
 *  left again where that is allowed. */
class ControlTls {
  readonly #socket: Socket;
  readonly #service: FtpService;
  readonly #site: () => Site | undefined;
  #context: SecureContext | undefined;
  #secured: TLSSocket | undefined;
  #detach: (() => Promise<Socket>) | undefined;
  /** What SNI asked for. */
  serverName: string | undefined;

  constructor(socket: Socket, service: FtpService, site: () => Site | undefined) {
    this.#socket = socket;
    this.#service = service;
    this.#site = site;
  }

  /** The connection's own: data connections resume what began with it. */
  context(): SecureContext {
    return (this.#context ??= this.#service.sites.keeperOf(this.#site()).context());
  }

  #contextFor(serverName: string): SecureContext {
    this.serverName = serverName;
    const named = this.#service.sites.named(serverName);
    if (this.#site() === undefined && named.ok) {
      this.#context = this.#service.sites.keeperOf(named.value).context();
    }
    return this.context();
  }

  secure(): TLSSocket {
    const { config, keeper } = this.#service;
    const options = {
      handshakeMs,
      protocol: "ftp",
      asksClient: keeper.asksClients,
      contextFor: (name: string) => this.#contextFor(name),
    };
    if (!config.clearControl) return (this.#secured = upgrade(this.#socket, this.context(), options));
    const detachable = upgradeDetachable(this.#socket, this.context(), options);
    this.#detach = () => detachable.detach();
    return (this.#secured = detachable.secure);
  }

  /** Whom the client's certificate names. */
  certified(): readonly string[] {
    return this.#service.keeper.asksClients && this.#secured ? certifiedNames(this.#secured) : [];
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
    compression: config.compression,
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
