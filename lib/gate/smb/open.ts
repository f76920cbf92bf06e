import type { Path } from "../../base/path.ts";
import type { DirectoryRow } from "../../proto/smb/directory-info.ts";
import type { User } from "../../rules/identity.ts";
import { access } from "../../proto/smb/create.ts";
import type { FileId } from "../../proto/smb/header.ts";
import type { Files } from "../../store/files.ts";
import type { HoldingOpen } from "./hold.ts";
import type { Handle, Node } from "./node.ts";
import type { Share } from "./needs.ts";

/** A share as one user's tree connect sees it. */
export interface Room {
  readonly share: Share;
  readonly files: Files;
  readonly place: string;
  readonly user: User;
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

/** One handle. */
export interface Open extends Handle, HoldingOpen {
  readonly id: FileId;
  readonly session: bigint;
  readonly tree: number;
  readonly room: Room;
  readonly node: Node;
  readonly mode: number;
  /** Set by the option or, on the handle, by disposition. */
  deleteOnClose: boolean;
  position: bigint;
  listing: Listing | undefined;
}

const writing = access.writeData | access.appendData;
export const mayWriteData = (open: Pick<Open, "access">): boolean => (open.access & writing) !== 0;
export const mayReadData = (open: Pick<Open, "access">): boolean =>
  (open.access & (access.readData | access.execute)) !== 0;
export const holds = (open: Pick<Open, "access">, right: number): boolean => (open.access & right) !== 0;
