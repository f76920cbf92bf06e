import { wellKnown, type Sid } from "../../proto/smb/security-descriptor.ts";
import type { User } from "../../rules/identity.ts";

/** The house as Windows names it: S-1-5-21 and three numbers that other houses have not. */
export const houseSid = (serverGuid: Uint8Array): Sid => {
  const view = new DataView(serverGuid.buffer, serverGuid.byteOffset, serverGuid.length);
  const numbers = [0, 4, 8].map((at) => view.getUint32(at, true));
  return { authority: 5, parts: [21, ...numbers] };
};

const firstOwn = 1000; // below are Windows's own accounts
const span = 0x3fff_0000;

/** The house's users and groups by number: their ids hashed (FNV-1a), so that nothing has to be kept. */
function numberOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193) >>> 0;
  return firstOwn + (hash % span);
}

export const userSid = (house: Sid, user: Pick<User, "id">): Sid => ({
  ...house,
  parts: [...house.parts, numberOf(`user ${user.id}`)],
});
export const groupSid = (house: Sid, group: string): Sid => ({
  ...house,
  parts: [...house.parts, numberOf(`group ${group}`)],
});
/** Everybody of the house: "Domain Users". */
export const everybodySid = (house: Sid): Sid => ({ ...house, parts: [...house.parts, 513] });

/** Everything that a user is, most of their own first. */
export function tokenOf(house: Sid, user: User): Sid[] {
  const { everyone, authenticated, network, users, administrators } = wellKnown;
  return [
    userSid(house, user),
    everybodySid(house),
    ...user.groups.map((group) => groupSid(house, group)),
    everyone,
    authenticated,
    network,
    users,
    ...(user.role === "admin" ? [administrators] : []),
  ];
}
