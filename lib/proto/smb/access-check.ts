import { access, allAccess } from "./create.ts";
import {
  aceFlag,
  aceType,
  descriptorControl,
  isSameSid,
  wellKnown,
  type Ace,
  type Descriptor,
  type Sid,
} from "./security-descriptor.ts";

const reads =
  access.readData | access.readEa | access.readAttributes | access.readControl | access.synchronize;
const writes =
  access.writeData |
  access.appendData |
  access.writeEa |
  access.writeAttributes |
  access.readControl |
  access.synchronize;
const executes = access.execute | access.readAttributes | access.readControl | access.synchronize;
const generic = (access.genericAll | access.genericExecute | access.genericWrite | access.genericRead) >>> 0;

/** MS-SMB2 §2.2.13.1: what generic rights mean for files; the others stay. */
export function mapGeneric(mask: number): number {
  let mapped = mask & ~generic;
  if ((mask & access.genericAll) !== 0) mapped |= allAccess;
  if ((mask & access.genericRead) !== 0) mapped |= reads;
  if ((mask & access.genericWrite) !== 0) mapped |= writes;
  if ((mask & access.genericExecute) !== 0) mapped |= executes;
  return mapped;
}

/** Everything that who carries these SIDs may do (MS-DTYP §2.5.3.2): entry by entry, what was decided first
 *  stays decided. The owner reads and changes the rules, unless an entry for "owner rights" says
 *  otherwise. */
export function allowedBy(descriptor: Descriptor, token: readonly Sid[]): number {
  const { owner, dacl } = descriptor;
  if (dacl === undefined || dacl === "everyone") return allAccess;
  const owns = owner !== undefined && carries(token, owner);
  const says = dacl.filter((ace) => (ace.flags & aceFlag.inheritOnly) === 0);
  const limitsOwner = says.some((ace) => isSameSid(ace.sid, wellKnown.ownerRights));
  const whole = owns ? [...token, wellKnown.ownerRights] : token;
  let granted = owns && !limitsOwner ? access.readControl | access.writeDac : 0;
  let denied = 0;
  for (const { type, mask, sid } of says) {
    if (!carries(whole, sid)) continue;
    const rights = mapGeneric(mask);
    if (type === aceType.allow) granted |= rights & ~denied;
    else denied |= rights & ~granted;
  }
  return granted & allAccess;
}

export const carries = (token: readonly Sid[], sid: Sid): boolean => token.some((one) => isSameSid(one, sid));

/** Who makes something. */
export interface Creator {
  readonly owner: Sid;
  readonly group: Sid;
}

/** The rules of something new in a folder with these (MS-DTYP §2.5.3.4). Where nothing is handed down its
 *  owner and the system may do everything. */
export function inheritedFrom(parent: Descriptor, isFolder: boolean, creator: Creator): Descriptor {
  const marks = (parent.control & descriptorControl.autoInherited) !== 0;
  const list = Array.isArray(parent.dacl) ? (parent.dacl as readonly Ace[]) : [];
  const entries = list.flatMap((ace) => handedDown(ace, isFolder, creator, marks));
  const whole: Ace[] = [creator.owner, wellKnown.system].map((sid) => ({
    type: aceType.allow,
    flags: 0,
    mask: allAccess,
    sid,
  }));
  return {
    control: marks && entries.length > 0 ? descriptorControl.autoInherited : 0,
    owner: creator.owner,
    group: creator.group,
    dacl: entries.length > 0 ? entries : whole,
  };
}

function handedDown(ace: Ace, isFolder: boolean, creator: Creator, marks: boolean): Ace[] {
  const has = (flag: number): boolean => (ace.flags & flag) !== 0;
  const reaches = isFolder
    ? has(aceFlag.containerInherit) || (has(aceFlag.objectInherit) && !has(aceFlag.noPropagate))
    : has(aceFlag.objectInherit);
  if (!reaches) return [];
  const mark = marks ? aceFlag.inherited : 0;
  const meant = meantBy(ace.sid, creator);
  if (!isFolder) return [{ ...ace, sid: meant, flags: mark, mask: mapGeneric(ace.mask) }];
  let flags = ace.flags & ~(aceFlag.inheritOnly | aceFlag.inherited);
  if (!has(aceFlag.containerInherit)) flags |= aceFlag.inheritOnly;
  if (has(aceFlag.noPropagate)) flags = 0;
  const isOfCreator = meant !== ace.sid;
  if (isOfCreator && (flags & aceFlag.containerInherit) !== 0) {
    const own = { ...ace, sid: meant, flags: mark, mask: mapGeneric(ace.mask) };
    return [own, { ...ace, flags: flags | aceFlag.inheritOnly | mark }];
  }
  const sid = has(aceFlag.noPropagate) ? meant : ace.sid;
  const mask = (flags & aceFlag.inheritOnly) === 0 ? mapGeneric(ace.mask) : ace.mask;
  return [{ ...ace, sid, flags: flags | mark, mask }];
}

/** "Whoever makes it" becomes who made it. */
function meantBy(sid: Sid, { owner, group }: Creator): Sid {
  if (isSameSid(sid, wellKnown.creatorOwner)) return owner;
  return isSameSid(sid, wellKnown.creatorGroup) ? group : sid;
}
