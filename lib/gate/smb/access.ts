import { access, allAccess } from "../../proto/smb/create.ts";
import { mapGeneric } from "../../proto/smb/access-check.ts";
import type { Share } from "./needs.ts";

const reading =
  access.readData |
  access.readEa |
  access.execute |
  access.readAttributes |
  access.readControl |
  access.synchronize;
const writingData = access.writeData | access.appendData;

/** Everything that may be asked of a file on this share; a file marked read-only keeps its bytes. */
export function allowedAccess(share: Share, fileIsReadOnly: boolean): number {
  if (share.readOnly) return reading;
  return fileIsReadOnly ? allAccess & ~(writingData | access.deleteChild) : allAccess;
}

/** MS-SMB2 §2.2.13.1: generic rights spelled out, "as much as possible" decided; undefined where something is
 *  asked that is not allowed. */
export function grantedAccess(asked: number, allowed: number): number | undefined {
  const wanted = mapGeneric(asked & ~access.maximumAllowed);
  if ((wanted & ~allowed) !== 0) return undefined;
  return (asked & access.maximumAllowed) !== 0 ? wanted | allowed : wanted;
}
