import { seededEntropy } from "../../lib/base/entropy.ts";
import { ok, fail } from "../../lib/base/result.ts";
import { asUnixMs } from "../../lib/base/time.ts";
import { ntHash } from "../../lib/crypto/nt-hash.ts";
import { SmbConversation } from "../../lib/gate/smb/conversation.ts";
import { SmbHouse } from "../../lib/gate/smb/house.ts";
import type { Share, SmbNeeds } from "../../lib/gate/smb/needs.ts";
import { systemClock } from "../../lib/host/clock.ts";
import { converse } from "../../lib/host/conversation.ts";
import { listenTcp, type TcpListener } from "../../lib/host/tcp.ts";
import type { SmbSettings } from "../../lib/proto/smb/negotiation.ts";
import type { User } from "../../lib/rules/identity.ts";
import type { Files } from "../../lib/store/files.ts";
import { memoryFiles } from "../../lib/store/memory-files.ts";
import { silentLog, type Log } from "../../lib/watch/log.ts";

export const trialPassword = "correct horse";
/** Who may sign in to a trial server. */
export const trialUsers: readonly string[] = ["alice", "bob"];

export interface TrialOptions {
  readonly port?: number;
  readonly log?: Log;
  readonly files?: Files;
  readonly shares?: readonly Share[];
  readonly settings?: Partial<SmbSettings>;
}

export const trialShare: Share = {
  name: "home",
  comment: "The trial's files",
  readOnly: false,
  hidden: false,
  encrypt: false,
};

export const trialSettings: SmbSettings = {
  serverGuid: Uint8Array.from({ length: 16 }, (_, i) => i + 1),
  name: { netbios: "HOLDFAST", dns: "holdfast.local" },
  minDialect: 0x0202,
  requireSigning: true,
  encrypt: false,
  leases: true,
};

const userNamed = (name: string): User => ({
  id: `u-${name}`,
  tenant: "house",
  name,
  role: "user",
  groups: [],
  home: { bucket: "home", prefix: "" },
  disabled: false,
  expiresAt: undefined,
  createdAt: asUnixMs(0),
});

/** What a gate needs, over files in memory and two users. */
export function trialNeeds(options: TrialOptions = {}): SmbNeeds {
  const clock = systemClock();
  const made = new Map<string, Files>();
  const filesFor = (share: string): Files => {
    const known = options.files ?? made.get(share);
    const files = known ?? memoryFiles({ clock, capacityBytes: 2 ** 32 });
    made.set(share, files);
    return files;
  };
  return {
    clock,
    entropy: seededEntropy(1),
    log: options.log ?? silentLog,
    later: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    ntHash: async (name) => {
      const known = trialUsers.find((one) => one.toLowerCase() === name.toLowerCase());
      if (!known) return fail("not-found", "no such user");
      return ok({ user: userNamed(known), hash: ntHash(trialPassword) });
    },
    shares: async () => options.shares ?? [trialShare],
    files: async (_user, share) => {
      const files = filesFor(share.name);
      const shelf = { files, place: `trial/${share.name} shelf`, root: [] };
      return ok({ files, place: `trial/${share.name}`, shelf });
    },
    people: async () => ({ users: trialUsers.map(userNamed), groups: ["staff"] }),
    told: () => {},
  };
}

/** A whole SMB server on 127.0.0.1. */
export async function trialServer(options: TrialOptions = {}): Promise<TcpListener & { house: SmbHouse }> {
  const needs = trialNeeds(options);
  const house = new SmbHouse(needs, trialSettings.serverGuid);
  const settings = { ...trialSettings, ...options.settings };
  let session = 1n;
  const ambience = {
    entropy: needs.entropy,
    wall: () => needs.clock.wall(),
    nextSessionId: () => session++,
  };
  const listener = await listenTcp(
    { host: "127.0.0.1", port: options.port ?? 0 },
    (socket) =>
      converse(socket, new SmbConversation(house, settings, ambience, socket.remoteAddress ?? ""), {
        clock: needs.clock,
        log: needs.log,
        openAsks: 1024,
        endsWithPeer: true,
      }),
    { log: needs.log },
  );
  return Object.assign(listener, { house });
}
