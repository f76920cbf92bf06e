import type { Chain } from "./chain.ts";
import type { Command } from "./commands.ts";
import { command, headerFlag } from "./header.ts";
import type { SmbSession } from "./session.ts";
import { isSigned } from "./signing.ts";
import { ntStatus } from "./status.ts";
import { drop, refuse, type Call, type Spoken, type Step } from "./step.ts";

/** What a connection has that a request may name. */
export interface Rooms {
  readonly commands: ReadonlyMap<number, Command>;
  readonly sessions: ReadonlyMap<bigint, SmbSession>;
  spoken(): Spoken | undefined;
}

/** Begins the chain's current request: finds what its header names, checks who sent it, runs it. */
export function beginRequest(chain: Chain, rooms: Rooms, signal: AbortSignal): Step {
  const { header, bytes } = chain.current;
  const related = (header.flags & headerFlag.related) !== 0;
  if (related && chain.at === 0) return refuse(ntStatus.invalidParameter);
  if (!related) chain.turnTo(header);
  if (related && chain.sessionId === 0n) return refuse(ntStatus.invalidParameter);
  const entry = rooms.commands.get(header.command);
  if (!entry) return header.command === command.negotiate ? drop : refuse(ntStatus.invalidParameter);
  const session = rooms.sessions.get(chain.sessionId);
  const refusal = proofRefusal(chain, session, entry);
  if (refusal !== undefined) {
    if (refusal === ntStatus.userSessionDeleted) chain.sessionId = 0n;
    return refuse(refusal);
  }
  const tree = session?.trees.get(chain.treeId);
  if (entry.needs === "tree") {
    if (!tree) return refuse(ntStatus.networkNameDeleted);
    if (tree.encrypt && !chain.sealedBy) return refuse(ntStatus.accessDenied);
  }
  const lacksFile = related && !chain.lastFile && chain.lastRefusal !== ntStatus.success;
  if (lacksFile && header.command > command.create) return refuse(chain.lastRefusal);
  const lastFile = related ? chain.lastFile : undefined;
  const call: Call = { header, element: bytes, session, tree, lastFile, signal, spoken: rooms.spoken() };
  return entry.serve(call);
}

/** Whether the request comes from whom it says (MS-SMB2 §3.3.5.2.4 and §3.3.5.2.9). */
function proofRefusal(chain: Chain, session: SmbSession | undefined, entry: Command): number | undefined {
  const { header, bytes } = chain.current;
  if (entry.needs !== "nothing" && !session?.isValid) return ntStatus.userSessionDeleted;
  if (chain.sealedBy) return session && chain.sealedBy !== session ? ntStatus.accessDenied : undefined;
  if (!session?.sign) return undefined;
  if (session.encrypt && header.command !== command.sessionSetup) return ntStatus.accessDenied;
  if ((header.flags & headerFlag.signed) === 0) {
    return entry.needs === "nothing" || !session.mustSign ? undefined : ntStatus.accessDenied;
  }
  return isSigned(session.sign, bytes) ? undefined : ntStatus.accessDenied;
}
