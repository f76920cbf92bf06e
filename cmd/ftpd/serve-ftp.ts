import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
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
import { upgrade, type TlsKeeper } from "../../lib/host/tls.ts";
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
    const options = { limits, log: needs.log, refuses: service.refuses, ...(implicit ? {} : { refusal }) };
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
  const { keeper, needs, sessions } = service;
  const { clock, log } = needs;
  let own: SecureContext | undefined;
  const context = (): SecureContext => (own ??= keeper.context());
  const secure = () => upgrade(socket, context(), { handshakeMs, protocol: "ftp" });
  const address = plainAddress(socket.remoteAddress ?? "");
  const data = new DataDoor(socket, context, options);
  const caller = { address, secured: implicit, data };
  const control = implicit ? secure() : socket;
  const conversation = new FtpConversation(needs, settings, caller);
  const served = converse(control, conversation, { clock, log, secure });
  sessions.enter(conversation, () => served.leave());
  control.once("close", () => sessions.left(conversation));
  return served;
}

function settingsOf(config: FtpdConfig["ftp"], needs: FtpNeeds): FtpSettings {
  return {
    greeting: config.greeting,
    tls: config.tls,
    clearData: config.clearData,
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
    return peer === control || (ip !== undefined && config.dataNetworks.some((net) => contains(net, ip)));
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
