import type { Path } from "../../base/path.ts";
import type { CreateFacts, GateEvent } from "../../proto/smb/ask.ts";
import type { DirectoryRow } from "../../proto/smb/directory-info.ts";
import type { User } from "../../rules/identity.ts";
import { access } from "../../proto/smb/create.ts";
import type { FileId } from "../../proto/smb/header.ts";
import type { Files } from "../../store/files.ts";
import type { ChannelSequence } from "./channel-sequence.ts";
import type { Away, HoldingOpen } from "./hold.ts";
import type { LockReplay } from "./lock-replay.ts";
import type { Handle, Node } from "./node.ts";
import type { Past, Share, Shelf } from "./needs.ts";

/** A share as one user's tree connect sees it. */
export interface Room {
  readonly share: Share;
  readonly files: Files;
  readonly place: string;
  readonly user: User;
  readonly shelf: Shelf;
  readonly past?: Past;
  /** Of a stream: the room of its file. */
  readonly of?: Room;
}

/** Where one handle is in a folder's listing. */
export interface Listing {
  readonly fits: (name: string) => boolean;
  /** Rows read and not yet given. */
  rows: DirectoryRow[];
  /** Undefined once the store has no more. */
  after: string | undefined;
  /** Names that only this daemon knows yet, given last. */
  fresh: Path[];
  given: boolean;
}

/** The promise that a handle outlives its connection (MS-SMB2 §3.3.1.10, IsDurable). */
export interface Durable {
  readonly version: 1 | 2;
  /** How long it waits for its client. */
  readonly timeoutMs: number;
  /** Asked for by itself, whatever the handle holds (MS-SMB2 §3.3.5.15.9). */
  readonly resilient: boolean;
}

/** One handle. */
export interface Open extends Handle, HoldingOpen {
  /** Its volatile half, session, tree and room change when a durable handle's client comes back. */
  id: FileId;
  session: bigint;
  tree: number;
  room: Room;
  tell(event: GateEvent): void;
  away: Away | undefined;
  readonly node: Node;
  readonly mode: number;
  /** Set by the option or, on the handle, by disposition. */
  deleteOnClose: boolean;
  position: bigint;
  listing: Listing | undefined;
  durable: Durable | undefined;
  /** Whose it is: the client's GUID, its own name for this CREATE and for the program that asked, "" for
   *  none. */
  readonly client: string;
  readonly createGuid: string;
  readonly appInstance: string;
  readonly channel: ChannelSequence;
  readonly lockReplay: LockReplay;
  /** What CREATE was answered, for who asks again. */
  answered: CreateFacts | undefined;
  /** Nothing has been asked of it yet: the client may not have heard that it is there. */
  replayable: boolean;
}

/** A share's room for what is attached to its files. */
export const streamRoom = (room: Room): Room => ({
  ...room,
  files: room.shelf.files,
  place: room.shelf.place,
  of: room,
});

/** What a handle is about beside its bytes: of a stream its file. */
export function fileOf({ node, room }: { readonly node: Node; readonly room: Room }): {
  readonly node: Node;
  readonly room: Room;
} {
  return node.base && room.of ? { node: node.base.node, room: room.of } : { node, room };
}

const writing = access.writeData | access.appendData;
export const mayWriteData = (open: Pick<Open, "access">): boolean => (open.access & writing) !== 0;
export const mayReadData = (open: Pick<Open, "access">): boolean =>
  (open.access & (access.readData | access.execute)) !== 0;
export const holds = (open: Pick<Open, "access">, right: number): boolean => (open.access & right) !== 0;
