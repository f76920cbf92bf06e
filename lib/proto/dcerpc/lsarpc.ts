import type { NdrWriter } from "./ndr.ts";
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

/** Length and size in bytes, without NUL. */
function lsaString(out: NdrWriter, text: string): void {
  out.u16(text.length * 2);
  out.u16(text.length * 2);
  out.pointer(() => out.string(text));
}

export const lsarpc: Service = {
  pipe: "lsarpc",
  interface: { uuid: "785734123412cdabef000123456789ab", version: 0 },
  operations: new Map<number, Operation>([
    [0, close],
    [6, open],
    [44, open],
    [45, getUserName],
  ]),
};
