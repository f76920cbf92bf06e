import type { Ip } from "../../base/ip.ts";
import { memory, type Memory } from "./libc.ts";
import type { Realtime } from "./realtime.ts";
import type { TwoClocks } from "./two-clocks.ts";

const payloadBytes = 2048;
const controlBytes = 256;

/** Where a stamp of the system's clock lies on the oscillator, both having been read shortly after. */
export function onOscillator(read: TwoClocks, stamp: Realtime | undefined): number {
  if (!stamp) return read.oscillator;
  const since = read.seconds - stamp.seconds + (read.nanoseconds - stamp.nanoseconds) * 1e-9;
  return since >= 0 && since < 1 ? read.oscillator - since : read.oscillator;
}

/** struct sockaddr_in: family, port (big-endian), address @4; sockaddr_in6: address @8. */
export function socketName(ip: Ip, port: number): Memory {
  const name = memory(ip.length === 4 ? 16 : 28);
  name.view.setUint16(0, ip.length === 4 ? 2 : 10, true);
  name.view.setUint16(2, port);
  name.u8.set(ip, ip.length === 4 ? 4 : 8);
  return name;
}

/** One datagram as recvmsg(2) takes it in. struct msghdr: name 0, namelen 8, iov 16, iovlen 24, control 32,
 *  controllen 40. */
export class ReceivedMessage {
  readonly payload = memory(payloadBytes);
  readonly #control = memory(controlBytes);
  readonly #vector = memory(16);
  readonly #header = memory(56);

  receive(
    recvmsg: (fd: number, header: Memory["pointer"], flags: number) => number | bigint,
    fd: number,
    flags: number,
  ): number | bigint {
    this.#vector.view.setBigUint64(0, BigInt(this.payload.pointer), true);
    this.#vector.view.setBigUint64(8, BigInt(payloadBytes), true);
    this.#header.u8.fill(0);
    this.#header.view.setBigUint64(16, BigInt(this.#vector.pointer), true);
    this.#header.view.setBigUint64(24, 1n, true);
    this.#header.view.setBigUint64(32, BigInt(this.#control.pointer), true);
    this.#header.view.setBigUint64(40, BigInt(controlBytes), true);
    return recvmsg(fd, this.#header.pointer, flags);
  }

  /** SCM_TIMESTAMPING's software stamp, where there is one. */
  stamp(): Realtime | undefined {
    const { view } = this.#control;
    const end = Number(this.#header.view.getBigUint64(40, true));
    for (let at = 0; at + 32 <= end;) {
      const length = Number(view.getBigUint64(at, true));
      if (view.getInt32(at + 8, true) === 1 && view.getInt32(at + 12, true) === 37) {
        const seconds = Number(view.getBigInt64(at + 16, true));
        return seconds === 0 ? undefined : { seconds, nanoseconds: Number(view.getBigInt64(at + 24, true)) };
      }
      if (length < 16) break;
      at += (length + 7) & ~7;
    }
    return undefined;
  }
}
