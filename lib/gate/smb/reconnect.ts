import { done, refused, type CreateFacts, type Outcome } from "../../proto/smb/ask.ts";
import { contextName, leaseBytes, type CreateContext } from "../../proto/smb/create-context.ts";
import { createAction, oplock } from "../../proto/smb/create.ts";
import type { DurableAsk } from "../../proto/smb/durable-context.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { comeBack } from "./away.ts";
import type { Caller } from "./caller.ts";
import { grantContext, mayBeDurable } from "./durable.ts";
import { leaseOf } from "./grant.ts";
import { oplockOfBits } from "./hold.ts";
import { folded } from "./name.ts";
import { fileOf, type Open } from "./open.ts";
import { shownOf } from "./shown.ts";
import { refusedFor } from "./status.ts";

const notFound = refused(ntStatus.objectNameNotFound);

/** CREATE by who lost the connection and comes for the handle (MS-SMB2 §3.3.5.9.7 and §3.3.5.9.12). Its other
 *  fields say nothing. */
export async function reconnect(
  caller: Caller,
  name: readonly string[],
  asked: Extract<DurableAsk, { kind: "again" }>,
): Promise<Outcome<CreateFacts>> {
  const { house, room, ask, tell } = caller;
  const open = house.awayOpen(asked.file.persistent);
  if (!open?.away || !open.durable) return notFound;
  const isOther = asked.version === 2 && open.createGuid !== asked.createGuid;
  if (isOther || fileOf(open).room.place !== room.place) return notFound;
  if (open.room.user.id !== room.user.id) return refused(ntStatus.accessDenied);
  const refusal = leaseRefusal(caller, open, name);
  if (refusal !== undefined) return refused(refusal);
  comeBack(house, open, room, ask, tell);
  const told = await shownOf(open);
  if (!told.ok) return refusedFor(told.fault);
  const contexts: CreateContext[] = [];
  if (caller.lease && open.hold)
    contexts.push({ name: contextName.lease, data: leaseBytes(leaseOf(open.hold, caller.lease.asked)) });
  if (asked.renews) contexts.push(grantContext(open.durable));
  return done({
    file: open.id,
    oplock: levelOf(open),
    action: createAction.opened,
    basics: told.value.basics,
    contexts,
  });
}

/** With a lease its key, the client and the name must be those of the handle; without one neither has it. */
function leaseRefusal({ lease }: Caller, open: Open, name: readonly string[]): number | undefined {
  const held = open.hold?.leaseName ?? "";
  if ((lease?.name ?? "") !== held) return ntStatus.objectNameNotFound;
  if (held === "") return undefined;
  const isSame = name.map(folded).join("/") === fileOf(open).node.path.map(folded).join("/");
  return isSame ? undefined : ntStatus.invalidParameter;
}

const levelOf = ({ hold }: Open): number => {
  if (!hold) return oplock.none;
  return hold.leaseKey ? oplock.lease : oplockOfBits(hold.state);
};

/** CREATE that its client sent before (MS-SMB2 §3.3.5.9.10): undefined where it is a new one. */
export function replayed(
  caller: Caller,
  asked: Extract<DurableAsk, { kind: "new" }>,
): Outcome<CreateFacts> | undefined {
  const { house, ask } = caller;
  const known = house.createdAs(ask.clientGuid.toHex(), asked.createGuid);
  if (!known) return undefined;
  if (!ask.replay) return refused(ntStatus.duplicateObjectId);
  if (known !== "pending" && !known.replayable && !known.away) return undefined;
  if (known === "pending" || known.away || !known.answered) return refused(ntStatus.fileNotAvailable);
  if (known.session !== ask.session) return refused(ntStatus.accessDenied);
  const held = known.hold?.leaseName ?? "";
  if ((caller.lease?.name ?? "") !== held) return refused(ntStatus.accessDenied);
  return done(answeredAgain(known, known.answered, caller));
}

/** As it was answered, but for the oplock level, which is said as it is asked for, and the lease, which is
 *  said as it is now. */
function answeredAgain(open: Open, facts: CreateFacts, { ask, lease }: Caller): CreateFacts {
  const { oplock: level } = ask.request;
  if (open.hold && lease) {
    const now = { name: contextName.lease, data: leaseBytes(leaseOf(open.hold, lease.asked)) };
    return { ...facts, contexts: facts.contexts.map((one) => (one.name === now.name ? now : one)) };
  }
  if (level === facts.oplock) return facts;
  const isDurable = open.durable !== undefined && mayBeDurable(open) && level === oplock.batch;
  const contexts = facts.contexts.filter(({ name }) => name !== contextName.durable2 || isDurable);
  return { ...facts, oplock: level, contexts };
}
