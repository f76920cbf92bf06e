import type { RpcAccount, RpcDomain } from "../../proto/dcerpc/service.ts";
import { sidBytes, wellKnown, type Sid } from "../../proto/smb/security-descriptor.ts";
import type { People } from "./needs.ts";
import { everybodySid, groupSid, userSid } from "./sids.ts";

/** MS-LSAT §2.2.13. */
const type = { user: 1, group: 2, alias: 4, wellKnown: 5 } as const;

const hex = (sid: Sid): string => sidBytes(sid).toHex();

/** Everybody that names are looked up of: the house's users and groups, and Windows's own. */
export function rpcAccounts(
  house: Sid,
  netbios: string,
  { users, groups }: People,
): { domain: RpcDomain; accounts: ReadonlyMap<string, RpcAccount> } {
  const domain: RpcDomain = { name: netbios, sid: hex(house) };
  const builtin: RpcDomain = { name: "BUILTIN", sid: hex({ authority: 5, parts: [32] }) };
  const authority: RpcDomain = { name: "NT AUTHORITY", sid: hex({ authority: 5, parts: [] }) };
  const bare = (sid: Sid): RpcDomain => ({ name: "", sid: hex({ ...sid, parts: [] }) });
  const of = (name: string, sid: Sid, within: RpcDomain, kind: number): RpcAccount => {
    return { name, domain: within, sid: hex(sid), rid: sid.parts.at(-1) ?? 0, type: kind };
  };
  const own = [
    ...users.map((user) => of(user.name, userSid(house, user), domain, type.user)),
    ...groups.map((group) => of(group, groupSid(house, group), domain, type.group)),
    of("Domain Users", everybodySid(house), domain, type.group),
  ];
  const { everyone, creatorOwner, creatorGroup, ownerRights, network, authenticated, system } = wellKnown;
  const windows = [
    of("Administrators", wellKnown.administrators, builtin, type.alias),
    of("Users", wellKnown.users, builtin, type.alias),
    of("SYSTEM", system, authority, type.wellKnown),
    of("NETWORK", network, authority, type.wellKnown),
    of("Authenticated Users", authenticated, authority, type.wellKnown),
    of("Everyone", everyone, bare(everyone), type.wellKnown),
    of("CREATOR OWNER", creatorOwner, bare(creatorOwner), type.wellKnown),
    of("CREATOR GROUP", creatorGroup, bare(creatorGroup), type.wellKnown),
    of("OWNER RIGHTS", ownerRights, bare(ownerRights), type.wellKnown),
  ];
  return { domain, accounts: new Map([...windows, ...own].map((one) => [one.sid, one])) };
}
