import { contains, type Ip, type Prefix } from "../../base/ip.ts";

/** Who may ask. A denied prefix is denied whatever else is said; otherwise one allowed prefix suffices. */
export interface AccessList {
  readonly allow: readonly Prefix[];
  readonly deny: readonly Prefix[];
}

export const allows = (list: AccessList, ip: Ip): boolean =>
  !list.deny.some((prefix) => contains(prefix, ip)) && list.allow.some((prefix) => contains(prefix, ip));
