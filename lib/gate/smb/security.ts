import { parentOf, type Path } from "../../base/path.ts";
import { ok, type Result } from "../../base/result.ts";
import { done, refused, type AskOf, type Outcome } from "../../proto/smb/ask.ts";
import { allowedBy, carries, inheritedFrom, mapGeneric } from "../../proto/smb/access-check.ts";
import { access, allAccess } from "../../proto/smb/create.ts";
import { notifyAction, notifyFilter } from "../../proto/smb/notify.ts";
import {
  aceFlag,
  aceType,
  descriptorBytes,
  descriptorControl,
  descriptorIn,
  securityPart,
  wellKnown,
  type Ace,
  type Descriptor,
} from "../../proto/smb/security-descriptor.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { readAttached, writeAttached } from "./attached.ts";
import { attachment } from "./attachments.ts";
import type { SmbHouse } from "./house.ts";
import type { Node } from "./node.ts";
import { fileOf, holds, type Open, type Room } from "./open.ts";
import { everybodySid, tokenOf, userSid } from "./sids.ts";
import { refusedFor } from "./status.ts";

/** The rules that somebody has set for a file, or that it was given by its folder; undefined for none: then
 *  the house's own rules decide alone. What is kept and cannot be read lets nobody in. */
export async function descriptorOf(room: Room, node: Node): Promise<Result<Descriptor | undefined>> {
  const kept = await readAttached(room, node, attachment.security);
  if (!kept.ok || !kept.value) return kept.ok ? ok(undefined) : kept;
  return ok(descriptorIn(kept.value) ?? closed);
}

const closed: Descriptor = { control: 0, owner: wellKnown.administrators, group: undefined, dacl: [] };

/** What the rules of a file let a user do; its folder's rules may let them remove it and see its attributes
 *  (MS-FSA §2.1.5.1.2.1). `tag` names what is attached to it. */
export async function allowedByRules(
  house: SmbHouse,
  room: Room,
  node: Node,
  tag: string,
): Promise<Result<number>> {
  const own = tag === "" ? ok(undefined) : await descriptorOf(room, node);
  if (!own.ok || !own.value) return own.ok ? ok(allAccess) : own;
  const allowed = allowedBy(own.value, tokenOf(house.sid, room.user));
  if (node.path.length === 0) return ok(allowed);
  const parent = await rulesOfFolder(house, room, parentOf(node.path));
  if (!parent.ok) return parent;
  const above = allowedInFolder(house, room, parent.value);
  const removes = (above & access.deleteChild) !== 0 ? access.delete : 0;
  const looks = (above & access.readData) !== 0 ? access.readAttributes : 0;
  return ok(allowed | removes | looks);
}

export const allowedInFolder = (house: SmbHouse, room: Room, rules: Descriptor | undefined): number =>
  rules ? allowedBy(rules, tokenOf(house.sid, room.user)) : allAccess;

/** The rules that were set for a folder, whoever has it open. */
export async function rulesOfFolder(
  house: SmbHouse,
  room: Room,
  path: Path,
): Promise<Result<Descriptor | undefined>> {
  const folder = house.nodeOf(room.place, path, true);
  const rules = await descriptorOf(room, folder);
  house.forgetIfUnused(folder);
  return rules;
}

/** Gives what was just made the rules that came with the request, or those its folder hands down. */
export async function adoptRules(
  house: SmbHouse,
  room: Room,
  node: Node,
  { given, parent }: { given: Descriptor | undefined; parent: Descriptor | undefined },
): Promise<Result<void>> {
  const creator = { owner: userSid(house.sid, room.user), group: everybodySid(house.sid) };
  if (given?.dacl !== undefined) {
    const own = { ...given, owner: given.owner ?? creator.owner, group: given.group ?? creator.group };
    return keepRules(house, room, node, tidied(own));
  }
  if (!parent) return ok();
  return keepRules(house, room, node, inheritedFrom(parent, node.isFolder, creator));
}

function keepRules(house: SmbHouse, room: Room, node: Node, rules: Descriptor): Promise<Result<void>> {
  return writeAttached(house, room, node, attachment.security, descriptorBytes(rules));
}

/** Generic rights are spelled out where they hold; "inherited" is kept only where it was asked for. */
function tidied({ control, dacl, ...rest }: Descriptor): Descriptor {
  const { autoInherited, autoInheritRequested, protected: isProtected } = descriptorControl;
  const asked = (control & autoInherited) !== 0 && (control & autoInheritRequested) !== 0;
  const mapped = (ace: Ace): Ace =>
    (ace.flags & aceFlag.inheritOnly) !== 0 ? ace : { ...ace, mask: mapGeneric(ace.mask) };
  return {
    ...rest,
    control: (control & isProtected) | (asked ? autoInherited : 0),
    dacl: Array.isArray(dacl) ? (dacl as readonly Ace[]).map(mapped) : dacl,
  };
}

/** What is told where nobody has set rules: who is signed in owns it, and everybody whom the house lets in
 *  may do what the share allows. */
function openRules(house: SmbHouse, room: Room): Descriptor {
  const { objectInherit, containerInherit } = aceFlag;
  const entry: Ace = {
    type: aceType.allow,
    flags: objectInherit | containerInherit,
    mask: room.share.readOnly ? mapGeneric(access.genericRead | access.genericExecute) : allAccess,
    sid: wellKnown.everyone,
  };
  return {
    control: 0,
    owner: userSid(house.sid, room.user),
    group: everybodySid(house.sid),
    dacl: [entry],
  };
}

/** QUERY_INFO of a descriptor (MS-FSA §2.1.5.13). */
export async function querySecurity(
  house: SmbHouse,
  open: Open,
  { parts }: AskOf<"query-security">,
): Promise<Outcome<Uint8Array>> {
  const asks = (part: number): boolean => (parts & part) !== 0;
  const { owner, group, dacl, sacl } = securityPart;
  if (asks(sacl) && !holds(open, access.systemSecurity)) return refused(ntStatus.accessDenied);
  if (asks(owner | group | dacl) && !holds(open, access.readControl)) return refused(ntStatus.accessDenied);
  const file = fileOf(open);
  const kept = await descriptorOf(file.room, file.node);
  if (!kept.ok) return refusedFor(kept.fault);
  const rules = kept.value ?? openRules(house, file.room);
  return done(
    descriptorBytes({
      control: asks(dacl) ? rules.control : 0,
      owner: asks(owner) ? rules.owner : undefined,
      group: asks(group) ? rules.group : undefined,
      dacl: asks(dacl) ? rules.dacl : undefined,
    }),
  );
}

/** SET_INFO of a descriptor (MS-FSA §2.1.5.17). Nobody gives a file to somebody else but who may do
 *  everything in the house. */
export async function setSecurity(
  house: SmbHouse,
  open: Open,
  { parts, descriptor }: AskOf<"set-security">,
): Promise<Outcome<undefined>> {
  const asks = (part: number): boolean => (parts & part) !== 0;
  const { owner, group, dacl, sacl } = securityPart;
  if (asks(sacl) && !holds(open, access.systemSecurity)) return refused(ntStatus.accessDenied);
  if (asks(owner | group) && !holds(open, access.writeOwner)) return refused(ntStatus.accessDenied);
  if (asks(dacl) && !holds(open, access.writeDac)) return refused(ntStatus.accessDenied);
  const set = descriptorIn(descriptor);
  if (!set) return refused(ntStatus.invalidSecurityDescriptor);
  const file = fileOf(open);
  const { room, node } = file;
  if (asks(owner)) {
    const isOwn = set.owner && carries(tokenOf(house.sid, room.user), set.owner);
    if (!isOwn && room.user.role !== "admin") return refused(ntStatus.invalidOwner);
  }
  const before = await descriptorOf(room, node);
  if (!before.ok) return refusedFor(before.fault);
  const rules = before.value ?? openRules(house, room);
  const now = tidied({
    control: asks(dacl) ? set.control : rules.control | keepsInherited(rules),
    owner: asks(owner) ? set.owner : rules.owner,
    group: asks(group) ? set.group : rules.group,
    dacl: asks(dacl) ? (set.dacl ?? "everyone") : rules.dacl,
  });
  const kept = await keepRules(house, room, node, now);
  if (!kept.ok) return refusedFor(kept.fault);
  house.tellOf(node, notifyAction.modified, notifyFilter.security);
  return done(undefined);
}

/** What was inherited stays so when something else is set. */
const keepsInherited = ({ control }: Descriptor): number =>
  (control & descriptorControl.autoInherited) !== 0 ? descriptorControl.autoInheritRequested : 0;
