import { hostname } from "node:os";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Socket } from "node:net";
import type { Endpoint } from "../../lib/base/endpoint.ts";
import type { Entropy } from "../../lib/base/entropy.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { SmbConversation } from "../../lib/gate/smb/conversation.ts";
import { followFeed } from "../../lib/gate/smb/follow-feed.ts";
import { journalOfHandles, restoreHandles } from "../../lib/gate/smb/handle-journal.ts";
import { SmbHouse } from "../../lib/gate/smb/house.ts";
import type { SmbNeeds } from "../../lib/gate/smb/needs.ts";
import type { SmbSessionBook } from "../../lib/gate/smb/session-book.ts";
import { converse } from "../../lib/host/conversation.ts";
import { listenTcp, plainAddress, type Served } from "../../lib/host/tcp.ts";
import type { SmbAmbience, SmbSettings } from "../../lib/proto/smb/negotiation.ts";
import type { ChangeFeed } from "../../lib/store/feed.ts";
import { writeWhole } from "../readiness.ts";
import { handleJournalFile } from "./handle-journal-file.ts";
import { dialectNames, type SmbdConfig } from "./config.ts";

const dialectCodes = {
  "2.0.2": 0x0202,
  "2.1": 0x0210,
  "3.0": 0x0300,
  "3.0.2": 0x0302,
  "3.1.1": 0x0311,
} as const;

export interface SmbService {
  readonly needs: SmbNeeds;
  readonly config: SmbdConfig["smb"];
  readonly sessions: SmbSessionBook;
  readonly data: string;
  readonly feed: ChangeFeed;
}

export interface SmbListener extends AsyncDisposable {
  /** The endpoint in use, with the port the system chose. */
  readonly endpoint: Endpoint;
}

/** How long connections may take to leave. */
const drainMs = 1000;

/** Open asks of one connection: watches and locks wait long, and transfers go on beside them. */
const openAsks = 768;

/** Serves SMB. Disposing of it publishes what was being written. Faults: unavailable. */
export async function serveSmb(service: SmbService): Promise<Result<SmbListener>> {
  const { config, needs, data } = service;
  const house = new SmbHouse(needs, serverGuid(data, needs.entropy));
  const settings = settingsOf(service);
  const ambience = ambienceOf(needs);
  const journal = handleJournalFile(data);
  const kept = await restoreHandles(house, journal.take(), "restart");
  if (kept > 0) needs.log.info("open files of the run before wait for their clients", { files: kept });
  const accept = (socket: Socket): Served => answer(socket, service, house, settings, ambience);
  const limits = { total: config.connections, perAddress: config.connectionsPerAddress };
  try {
    const listener = await listenTcp(config.listen, accept, { limits, log: needs.log });
    const stop = new AbortController();
    followFeed(house, service.feed, stop.signal).catch((error: Error) =>
      needs.log.error("the change feed cannot be followed", { what: error.message }),
    );
    return ok({
      endpoint: listener.endpoint,
      async [Symbol.asyncDispose]() {
        stop.abort();
        await listener.stop(drainMs);
        await house.emptied();
        journal.keep(await journalOfHandles(house));
      },
    });
  } catch (error) {
    return fail("unavailable", `SMB cannot listen: ${(error as Error).message}`, {
      where: `${config.listen.host} ${config.listen.port}`,
      mend: "end what uses the port, or set smb.listen",
    });
  }
}

function answer(
  socket: Socket,
  { needs, sessions }: SmbService,
  house: SmbHouse,
  settings: SmbSettings,
  ambience: SmbAmbience,
): Served {
  const address = plainAddress(socket.remoteAddress ?? "");
  const conversation = new SmbConversation(house, settings, ambience, address);
  const { clock, log } = needs;
  const served = converse(socket, conversation, { clock, log, openAsks, endsWithPeer: true });
  sessions.enter(conversation, () => served.leave());
  socket.once("close", () => sessions.left(conversation));
  return served;
}

function settingsOf({ config, data, needs }: SmbService): SmbSettings {
  const host = hostname();
  const name = config.name ?? host.split(".")[0]!;
  const required = config.encryption === "required";
  const least = dialectCodes[config.minDialect satisfies (typeof dialectNames)[number]];
  return {
    serverGuid: serverGuid(data, needs.entropy),
    name: { netbios: name.toUpperCase().slice(0, 15), dns: host },
    minDialect: required ? Math.max(least, dialectCodes["3.0"]) : least,
    requireSigning: config.signing === "required",
    encrypt: required,
    leases: true,
  };
}

/** The house's 16 bytes, made once and kept beside its data. */
function serverGuid(data: string, entropy: Entropy): Uint8Array {
  const file = join(data, "smb-server-guid");
  if (existsSync(file)) {
    const kept = readFileSync(file, "utf8").trim();
    if (/^[0-9a-f]{32}$/.test(kept)) return Uint8Array.fromHex(kept);
  }
  const made = entropy(16);
  writeWhole(file, `${made.toHex()}\n`, 0o600);
  return made;
}

/** Session ids cannot be guessed from one another, and never come twice. */
function ambienceOf(needs: SmbNeeds): SmbAmbience {
  const counter = { next: 1n };
  return {
    entropy: needs.entropy,
    wall: () => needs.clock.wall(),
    nextSessionId() {
      const [a, b, c, d] = needs.entropy(4);
      const high = BigInt(((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0);
      return (high << 32n) | (counter.next++ & 0xffffffffn);
    },
  };
}
