import { empty } from "../../base/bytes.ts";
import { ok, type Result } from "../../base/result.ts";
import { done, refused, type AskOf, type Outcome } from "../../proto/smb/ask.ts";
import { access } from "../../proto/smb/create.ts";
import {
  changedAttributes,
  eaLimits,
  eaNamesIn,
  extendedAttributesBytes,
  extendedAttributesIn,
  type ExtendedAttribute,
} from "../../proto/smb/extended-attributes.ts";
import { notifyAction, notifyFilter } from "../../proto/smb/notify.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { readAttached, writeAttached } from "./attached.ts";
import { attachment, readAttachment } from "./attachments.ts";
import type { SmbHouse } from "./house.ts";
import type { Node } from "./node.ts";
import { fileOf, holds, type Open, type Room } from "./open.ts";
import { refusedFor } from "./status.ts";

async function attributesOf(room: Room, node: Node): Promise<Result<ExtendedAttribute[]>> {
  const kept = await readAttached(room, node, attachment.attributes);
  return kept.ok ? ok(extendedAttributesIn(kept.value ?? empty) ?? []) : kept;
}

/** How many bytes they take as a list; `tag` names what is attached to the file. */
export async function eaBytesOf(room: Room, tag: string): Promise<number> {
  const kept = tag === "" ? undefined : await readAttachment(room.shelf.files, tag, attachment.attributes);
  return kept?.ok ? (kept.value?.length ?? 0) : 0;
}

/** QUERY_INFO of extended attributes (MS-FSA §2.1.5.12.10). A name that is not there is told without
 *  value. */
export async function queryAttributes(open: Open, ask: AskOf<"query-ea">): Promise<Outcome<Uint8Array>> {
  if (!holds(open, access.readEa)) return refused(ntStatus.accessDenied);
  const names = eaNamesIn(ask.names);
  if (!names) return refused(ntStatus.invalidParameter);
  const file = fileOf(open);
  const all = await attributesOf(file.room, file.node);
  if (!all.ok) return refusedFor(all.fault);
  const find = (name: string): ExtendedAttribute =>
    all.value.find((one) => one.name.toUpperCase() === name.toUpperCase()) ?? {
      flags: 0,
      name,
      value: empty,
    };
  const told = names.length > 0 ? names.map(find) : all.value;
  if (told.length === 0) return refused(ntStatus.noEasOnFile);
  return done(extendedAttributesBytes(told));
}

/** SET_INFO of extended attributes (MS-FSA §2.1.5.15.5): an empty value removes one. */
export async function setAttributes(
  house: SmbHouse,
  open: Open,
  changes: readonly ExtendedAttribute[],
): Promise<Outcome<undefined>> {
  if (!holds(open, access.writeEa)) return refused(ntStatus.accessDenied);
  const { room, node } = fileOf(open);
  const kept = await keepAttributes(house, room, node, changes);
  if (!kept.ok) return kept;
  house.tellOf(node, notifyAction.modified, notifyFilter.ea);
  return done(undefined);
}

/** Also for what is made with attributes (MS-SMB2 §2.2.13.2.1). */
export async function keepAttributes(
  house: SmbHouse,
  room: Room,
  node: Node,
  changes: readonly ExtendedAttribute[],
): Promise<Outcome<undefined>> {
  const before = await attributesOf(room, node);
  if (!before.ok) return refusedFor(before.fault);
  const bytes = extendedAttributesBytes(changedAttributes(before.value, changes));
  if (bytes.length > eaLimits.bytes) return refused(ntStatus.eaTooLarge);
  const kept = await writeAttached(house, room, node, attachment.attributes, bytes);
  return kept.ok ? done(undefined) : refusedFor(kept.fault);
}
