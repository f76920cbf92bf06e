import { empty } from "../../base/bytes.ts";
import type { AskOf, GateEvent } from "../../proto/smb/ask.ts";
import { contextName, leaseIn, type Lease } from "../../proto/smb/create-context.ts";
import { oplock } from "../../proto/smb/create.ts";
import { appInstanceIn, type DurableAsk } from "../../proto/smb/durable-context.ts";
import { dialect } from "../../proto/smb/negotiate.ts";
import type { SmbHouse } from "./house.ts";
import type { StreamBase } from "./node.ts";
import type { Room } from "./open.ts";

/** Who opens, where, and what they ask for beside the file. */
export interface Caller {
  readonly house: SmbHouse;
  readonly room: Room;
  readonly ask: AskOf<"create">;
  readonly tell: (event: GateEvent) => void;
  readonly lease: { readonly asked: Lease; readonly name: string } | undefined;
  readonly durable: DurableAsk;
  /** It is a stream of this file. */
  readonly base?: StreamBase;
}

/** The lease of a request that asks for one by its oplock level too, but for one that comes back, of which
 *  the level says nothing. 2.0.2 knows none, 2.1 the first kind. */
export function leaseAsked(
  { request, dialect: spoken, clientGuid }: AskOf<"create">,
  durable: DurableAsk,
): Caller["lease"] {
  const context = request.contexts.find((one) => one.name === contextName.lease);
  const asks = request.oplock === oplock.lease || durable.kind === "again";
  if (!asks || !context || spoken < dialect.smb210) return undefined;
  const read = leaseIn(context.data, spoken);
  return read && { asked: read, name: `${clientGuid.toHex()}${read.key.toHex()}` };
}

/** What the program calls itself that asks, "" for nothing. */
export const appInstanceOf = ({ request }: AskOf<"create">): string =>
  appInstanceIn(request.contexts.find(({ name }) => name === contextName.appInstance)?.data ?? empty) ?? "";
