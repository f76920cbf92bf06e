import type { Reader } from "../../wire/reader.ts";
import { readNdrString, readNdrU32, type NdrWriter } from "./ndr.ts";
import type { Operation, RpcAccount, RpcDomain, RpcHost } from "./service.ts";

const status = { ok: 0, someNotMapped: 0x107, noneMapped: 0xc0000073 } as const;
/** MS-LSAT §2.2.13. */
const unknownType = 8;
const none = 0xffff_ffff;
const most = 1000;

/** How the answer tells of each one: later versions of the operation tell more. */
interface Form {
  /** A u32 of flags follows. */
  readonly flags: boolean;
  /** The whole SID stands where the last part of it did. */
  readonly wholeSid?: boolean;
}

/** MS-LSAT §3.1.4.9 and .10: names of SIDs. */
export const lookupSids =
  (form: Form): Operation =>
  (r, out, host) => {
    r.skip(20);
    const found = readSids(r).map((sid) => ({ sid, account: host.accounts.get(sid) }));
    const domains = domainsOf(found.map(({ account }) => account));
    writeDomains(out, domains);
    out.u32(found.length);
    out.pointer(() => {
      out.u32(found.length);
      for (const { sid, account } of found) {
        out.u16(account?.type ?? unknownType);
        out.u16(0);
        lsaString(out, account?.name ?? sidText(sid));
        out.u32(account ? domains.indexOf(account.domain) : none);
        if (form.flags) out.u32(0);
      }
    });
    out.settle();
    finish(out, found.length, found.filter(({ account }) => account).length);
  };

/** MS-LSAT §3.1.4.5 to .8: SIDs of names. */
export const lookupNames =
  (form: Form): Operation =>
  (r, out, host) => {
    r.skip(20);
    const found = readNames(r).map((name) => accountNamed(host, name));
    const domains = domainsOf(found);
    writeDomains(out, domains);
    out.u32(found.length);
    out.pointer(() => {
      out.u32(found.length);
      for (const account of found) {
        out.u16(account?.type ?? unknownType);
        out.u16(0);
        if (form.wholeSid) out.pointer(account && (() => ndrSid(out, account.sid)));
        else out.u32(account?.rid ?? 0);
        out.u32(account ? domains.indexOf(account.domain) : none);
        if (form.flags) out.u32(0);
      }
    });
    out.settle();
    finish(out, found.length, found.filter((account) => account).length);
  };

/** "name", "DOMAIN\name" or "name@domain", whatever their case. */
function accountNamed({ accounts }: RpcHost, text: string): RpcAccount | undefined {
  const [domain, name] = text.includes("\\") ? text.split("\\", 2) : ["", text.split("@")[0]!];
  const isMeant = (one: RpcAccount): boolean =>
    one.name.toUpperCase() === name!.toUpperCase() &&
    (domain === "" || one.domain.name.toUpperCase() === domain!.toUpperCase());
  return [...accounts.values()].find(isMeant);
}

const domainsOf = (accounts: readonly (RpcAccount | undefined)[]): RpcDomain[] => [
  ...new Set(accounts.flatMap((account) => account?.domain ?? [])),
];

/** MS-LSAT §2.2.12, with the pointer to it. */
function writeDomains(out: NdrWriter, domains: readonly RpcDomain[]): void {
  out.pointer(() => {
    out.u32(domains.length);
    out.pointer(() => {
      out.u32(domains.length);
      for (const { name, sid } of domains) {
        lsaString(out, name);
        out.pointer(() => ndrSid(out, sid));
      }
    });
    out.u32(32);
  });
  out.settle();
}

function finish(out: NdrWriter, asked: number, mapped: number): void {
  out.u32(mapped);
  out.u32(mapped === asked ? status.ok : mapped === 0 ? status.noneMapped : status.someNotMapped);
}

/** Length and size in bytes, without NUL. */
export function lsaString(out: NdrWriter, text: string): void {
  out.u16(text.length * 2);
  out.u16(text.length * 2);
  out.pointer(() => out.string(text));
}

/** A SID as NDR has it: its number of parts before it. */
export function ndrSid(out: NdrWriter, sid: string): void {
  const bytes = Uint8Array.fromHex(sid);
  out.u32(bytes[1]!);
  out.w.bytes(bytes);
}

/** MS-LSAT §2.2.17: count, pointer to as many pointers, and what they point to. */
function readSids(r: Reader): string[] {
  const count = readNdrU32(r);
  r.expect(count <= most, "so many SIDs");
  if (readNdrU32(r) === 0) return [];
  r.expect(readNdrU32(r) === count, "count of SIDs");
  for (let i = 0; i < count; i++) r.expect(readNdrU32(r) !== 0, "a SID");
  return Array.from({ length: count }, () => {
    const parts = readNdrU32(r);
    r.expect(parts <= 15, "parts of a SID");
    return r.bytes(8 + parts * 4).toHex();
  });
}

/** Count, the array's own count, heads of strings, strings. */
function readNames(r: Reader): string[] {
  const count = readNdrU32(r);
  r.expect(count <= most && readNdrU32(r) === count, "count of names");
  const given: boolean[] = [];
  for (let i = 0; i < count; i++) {
    r.align(4);
    r.skip(4);
    given.push(readNdrU32(r) !== 0);
  }
  return given.map((isThere) => (isThere ? readNdrString(r) : ""));
}

function sidText(sid: string): string {
  const bytes = Uint8Array.fromHex(sid);
  const view = new DataView(bytes.buffer);
  const parts = Array.from({ length: bytes[1]! }, (_, i) => view.getUint32(8 + i * 4, true));
  return ["S-1", view.getUint32(4), ...parts].join("-");
}
