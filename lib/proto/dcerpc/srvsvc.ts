import { readNdrString, readNdrText, readNdrU32, type NdrWriter } from "./ndr.ts";
import { version, werror, type Operation, type RpcHost, type RpcShare, type Service } from "./service.ts";

export const shareKind = { disk: 0, ipc: 0x80000003 } as const;

/** MS-SRVS §2.2.4.22 and on: the fixed part of a share's entry, by level. */
const shareEntries = new Map<number, (out: NdrWriter, share: RpcShare) => void>([
  [0, (out, share) => out.text(share.name)],
  [1, entry1],
  [2, entry2],
  [501, (out, share) => (entry1(out, share), out.u32(0))],
  [1005, (out) => out.u32(0)],
]);

function entry1(out: NdrWriter, share: RpcShare): void {
  out.text(share.name);
  out.u32(share.type);
  out.text(share.comment);
}

function entry2(out: NdrWriter, share: RpcShare): void {
  entry1(out, share);
  out.u32(0);
  out.u32(0xffffffff);
  out.u32(0);
  out.text(`C:\\${share.name}`);
  out.text(undefined);
}

/** MS-SRVS §3.1.4.8: server name, level, container of the same level, preferred length, resume handle. */
const shareEnumAll: Operation = (r, out, host) => {
  readNdrText(r);
  const level = readNdrU32(r);
  const write = shareEntries.get(level);
  out.u32(level);
  out.u32(level);
  const { shares } = host;
  out.pointer(() => {
    out.u32(write ? shares.length : 0);
    out.pointer(write ? () => array(out, shares, write) : undefined);
  });
  out.settle();
  out.u32(write ? shares.length : 0);
  out.pointer(() => out.u32(0));
  out.settle();
  out.u32(write ? werror.ok : werror.invalidLevel);
};

function array(
  out: NdrWriter,
  shares: readonly RpcShare[],
  write: (out: NdrWriter, one: RpcShare) => void,
): void {
  out.u32(shares.length);
  for (const share of shares) write(out, share);
}

/** MS-SRVS §3.1.4.10: server name, share name, level. */
const shareGetInfo: Operation = (r, out, host) => {
  readNdrText(r);
  const name = readNdrString(r).toUpperCase();
  const level = readNdrU32(r);
  const share = host.shares.find((one) => one.name.toUpperCase() === name);
  const write = shareEntries.get(level);
  out.u32(level);
  out.pointer(share && write ? () => write(out, share) : undefined);
  out.settle();
  out.u32(share ? (write ? werror.ok : werror.invalidLevel) : werror.noSuchShare);
};

/** Workstation, server, NT, server NT. */
const serverType = 0x1 | 0x2 | 0x1000 | 0x8000;

/** MS-SRVS §3.1.4.17: server name, level. */
const serverGetInfo: Operation = (r, out, host) => {
  readNdrText(r);
  const level = readNdrU32(r);
  const known = level === 100 || level === 101;
  out.u32(level);
  out.pointer(known ? () => server(out, host, level) : undefined);
  out.settle();
  out.u32(known ? werror.ok : werror.invalidLevel);
};

function server(out: NdrWriter, host: RpcHost, level: number): void {
  out.u32(version.platform);
  out.text(host.netbios);
  if (level === 100) return;
  out.u32(version.major);
  out.u32(version.minor);
  out.u32(serverType);
  out.text(host.comment);
}

export const srvsvc: Service = {
  pipe: "srvsvc",
  interface: { uuid: "c84f324b7016d30112785a47bf6ee188", version: 3 },
  operations: new Map<number, Operation>([
    [15, shareEnumAll],
    [16, shareGetInfo],
    [21, serverGetInfo],
    [36, shareEnumAll],
  ]),
};
