import { isWithin, type Path } from "../../base/path.ts";
import { refused, type AskOf, type CreateFacts, type GateEvent, type Outcome } from "../../proto/smb/ask.ts";
import { access, createOption, disposition, type CreateRequest } from "../../proto/smb/create.ts";
import { durableAsk } from "../../proto/smb/durable-context.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { appInstanceOf, leaseAsked, type Caller } from "./caller.ts";
import { makeNew, openThere } from "./create-node.ts";
import { openOrMakeStream } from "./create-stream.ts";
import { closeOpen } from "./close.ts";
import type { SmbHouse } from "./house.ts";
import { parseName, type SmbName } from "./name.ts";
import { type Room } from "./open.ts";
import { momentAsked, pastRoom } from "./previous-versions.ts";
import { reconnect, replayed } from "./reconnect.ts";
import { resolve } from "./resolve.ts";

const badImpersonation = 0xc00000a5;
/** Bits without a meaning, and those whose meaning is not offered (MS-SMB2 §2.2.13). */
const unknownOptions = 0xff000000;
const refusedOptions = 0x00100080;
const unknownAccess = 0x0ce0fe00;
const unknownAttributes = 0xffff8048;

/** CREATE on a share of files (MS-SMB2 §3.3.5.9, MS-FSA §2.1.5.1). */
export async function createFile(
  house: SmbHouse,
  now: Room,
  ask: AskOf<"create">,
  tell: (event: GateEvent) => void,
): Promise<Outcome<CreateFacts>> {
  const named = parseName(ask.request.name);
  if (!named.ok) return refused(named.status);
  const moment = momentAsked(ask.request, named.name);
  if (moment !== undefined) {
    const past = await pastRoom(now, moment);
    if (!past.ok) return past;
    return createIn(house, past.value, ask, tell, named.name);
  }
  return createIn(house, now, ask, tell, named.name);
}

async function createIn(
  house: SmbHouse,
  room: Room,
  ask: AskOf<"create">,
  tell: (event: GateEvent) => void,
  name: SmbName,
): Promise<Outcome<CreateFacts>> {
  const { path } = name;
  const durable = durableAsk(ask.request.contexts, ask.dialect);
  if (!durable) return refused(ntStatus.invalidParameter);
  const caller: Caller = { house, room, ask, tell, lease: leaseAsked(ask, durable), durable };
  if (durable.kind === "again") return reconnect(caller, path, durable);
  const refusal = requestRefusal(ask.request);
  if (refusal !== undefined) return refused(refusal);
  if (name.data && (ask.request.options & createOption.directory) !== 0)
    return refused(ntStatus.notADirectory);
  if (house.isFull) return refused(ntStatus.tooManyOpenedFiles);
  if (durable.kind === "none" || durable.createGuid === "") return openOrMake(caller, name);
  const client = ask.clientGuid.toHex();
  const before = replayed(caller, durable);
  if (before) return before;
  house.creating(client, durable.createGuid);
  try {
    return await openOrMake(caller, name);
  } finally {
    house.notCreated(client, durable.createGuid);
  }
}

/** Opens or makes the file as soon as nobody stands in the way. */
async function openOrMake(caller: Caller, { path, stream, data }: SmbName): Promise<Outcome<CreateFacts>> {
  const { house, room, ask } = caller;
  await closeEarlierInstances(caller, path);
  for (;;) {
    const tried = await house.alone(room.place, [path], async () => {
      if (stream !== undefined) return openOrMakeStream(caller, path, stream);
      const found = await resolve(house, room, path);
      if (found.kind === "refused") return refused(found.status);
      if (data && found.kind === "there" && found.stat.kind === "folder")
        return refused(ntStatus.fileIsADirectory);
      return found.kind === "there" ? openThere(caller, found) : makeNew(caller, found.path, found.parentTag);
    });
    if ("ok" in tried) return tried;
    await Promise.race([tried.wait, untilAborted(ask.signal)]);
    if (ask.signal.aborted) return refused(ntStatus.cancelled);
  }
}

/** A program that fails over to another host takes its files with it (MS-SMB2 §3.3.5.9.13). */
async function closeEarlierInstances({ house, room, ask }: Caller, path: Path): Promise<void> {
  const instance = appInstanceOf(ask);
  if (instance === "") return;
  const client = ask.clientGuid.toHex();
  const earlier = house.opens(
    (open) =>
      open.appInstance === instance &&
      open.client !== client &&
      open.room.place === room.place &&
      open.room.user.id === room.user.id &&
      isWithin(open.node.path, path) &&
      open.node.path.length === path.length,
  );
  await Promise.all(earlier.map((open) => closeOpen(house, open, false)));
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((yes) => {
    if (signal.aborted) yes();
    else signal.addEventListener("abort", () => yes(), { once: true });
  });

/** What is wrong whatever the name is. */
function requestRefusal(request: CreateRequest): number | undefined {
  const { options, access: wanted, disposition: how } = request;
  if (request.impersonation > 3) return badImpersonation;
  if (wanted === 0 || (wanted & unknownAccess) !== 0) return ntStatus.accessDenied;
  if ((wanted & access.systemSecurity) !== 0) return ntStatus.privilegeNotHeld;
  const option = (bit: number): boolean => (options & bit) !== 0;
  if (how > disposition.overwriteIf) return ntStatus.invalidParameter;
  if (option(createOption.directory) && option(createOption.nonDirectory)) return ntStatus.invalidParameter;
  const replaces =
    how === disposition.overwrite || how === disposition.overwriteIf || how === disposition.supersede;
  if (option(createOption.directory) && replaces) return ntStatus.invalidParameter;
  if (option(unknownOptions) || (request.attributes & unknownAttributes) !== 0)
    return ntStatus.invalidParameter;
  if (option(createOption.byFileId | refusedOptions)) return ntStatus.notSupported;
  const removes = access.delete | access.genericAll | access.maximumAllowed;
  if (option(createOption.deleteOnClose) && (wanted & removes) === 0) return ntStatus.accessDenied;
  if ((request.share & ~7) !== 0) return ntStatus.invalidParameter;
  return undefined;
}
