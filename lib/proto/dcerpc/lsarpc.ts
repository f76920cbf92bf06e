import { lookupNames, lookupSids, lsaString, ndrSid } from "./lsa-lookup.ts";
import { type Operation, type Service } from "./service.ts";

/** A policy handle: any twenty bytes, the same for everybody, for nothing is kept behind it. */
const handle = Uint8Array.from({ length: 20 }, (_, i) => (i < 4 ? 0 : i));

const open: Operation = (_r, out) => {
  out.w.bytes(handle);
  out.u32(0);
};

const close: Operation = (_r, out) => {
  out.w.zeros(20);
  out.u32(0);
};

/** MS-LSAT §3.1.4.4: who the caller is. */
const getUserName: Operation = (_r, out, host) => {
  out.pointer(() => lsaString(out, host.user));
  out.settle();
  out.pointer(() => out.pointer(() => lsaString(out, host.netbios)));
  out.settle();
  out.u32(0);
};

/** MS-LSAD §3.1.4.4.4: the domain that accounts are of, which is the house itself. */
const queryInfo: Operation = (r, out, host) => {
  r.skip(20);
  const level = r.u16le();
  const known = level === primaryDomain || level === accountDomain;
  const write = (): void => {
    out.u16(level);
    out.u16(0);
    lsaString(out, host.domain.name);
    out.pointer(() => ndrSid(out, host.domain.sid));
  };
  out.pointer(known ? write : undefined);
  out.settle();
  out.u32(known ? 0 : invalidParameter);
};

const [primaryDomain, accountDomain, invalidParameter] = [3, 5, 0xc000000d];

export const lsarpc: Service = {
  pipe: "lsarpc",
  interface: { uuid: "785734123412cdabef000123456789ab", version: 0 },
  operations: new Map<number, Operation>([
    [0, close],
    [6, open],
    [7, queryInfo],
    [14, lookupNames({ flags: false })],
    [15, lookupSids({ flags: false })],
    [44, open],
    [45, getUserName],
    [46, queryInfo],
    [57, lookupSids({ flags: true })],
    [58, lookupNames({ flags: true })],
    [68, lookupNames({ flags: true, wholeSid: true })],
  ]),
};
