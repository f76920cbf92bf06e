import { command } from "./header.ts";
import type { SmbSettings } from "./negotiation.ts";
import { serveBreakAck } from "./serve/break-ack.ts";
import { serveClose } from "./serve/close.ts";
import { serveCreate } from "./serve/create.ts";
import { serveEcho } from "./serve/echo.ts";
import { serveFlush } from "./serve/flush.ts";
import { serveIoctl } from "./serve/ioctl.ts";
import { serveLock } from "./serve/lock.ts";
import { serveLogoff } from "./serve/logoff.ts";
import { serveNotify } from "./serve/notify.ts";
import { serveQueryDirectory } from "./serve/query-directory.ts";
import { serveQueryInfo } from "./serve/query-info.ts";
import { serveRead } from "./serve/read.ts";
import { serveSessionSetup, type SignInHost } from "./serve/session-setup.ts";
import { serveSetInfo } from "./serve/set-info.ts";
import { serveTreeConnect, serveTreeDisconnect } from "./serve/tree.ts";
import { serveWrite } from "./serve/write.ts";
import type { SmbSession } from "./session.ts";
import type { Handler } from "./step.ts";

/** How a command is served, and what its header must name. */
export interface Command {
  readonly needs: "nothing" | "session" | "tree";
  readonly serve: Handler;
}

/** Everything this server does after NEGOTIATE, on one screen. CANCEL is the engine's own. */
export function commandTable(
  host: SignInHost,
  settings: SmbSettings,
  forget: (session: SmbSession) => void,
): ReadonlyMap<number, Command> {
  return new Map<number, Command>([
    [command.sessionSetup, { needs: "nothing", serve: serveSessionSetup(host) }],
    [command.logoff, { needs: "session", serve: serveLogoff(forget) }],
    [command.treeConnect, { needs: "session", serve: serveTreeConnect }],
    [command.treeDisconnect, { needs: "tree", serve: serveTreeDisconnect }],
    [command.create, { needs: "tree", serve: serveCreate }],
    [command.close, { needs: "tree", serve: serveClose }],
    [command.flush, { needs: "tree", serve: serveFlush }],
    [command.read, { needs: "tree", serve: serveRead }],
    [command.write, { needs: "tree", serve: serveWrite }],
    [command.lock, { needs: "tree", serve: serveLock }],
    [command.ioctl, { needs: "tree", serve: serveIoctl(settings) }],
    [command.echo, { needs: "nothing", serve: serveEcho }],
    [command.queryDirectory, { needs: "tree", serve: serveQueryDirectory }],
    [command.changeNotify, { needs: "tree", serve: serveNotify }],
    [command.queryInfo, { needs: "tree", serve: serveQueryInfo }],
    [command.setInfo, { needs: "tree", serve: serveSetInfo }],
    [command.oplockBreak, { needs: "tree", serve: serveBreakAck }],
  ]);
}
