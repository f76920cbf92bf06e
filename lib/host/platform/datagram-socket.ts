import { read } from "bun:ffi";
import { fail, ok, type Result } from "../../base/result.ts";
import { parseIp, type Ip } from "../../base/ip.ts";
import { cText, memory, openLibc, type Memory } from "./libc.ts";
import type { Realtime } from "./realtime.ts";

export interface DatagramOptions {
  /** An address of ours, or "::" (which serves IPv4 too) or "0.0.0.0". */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Serves through this network interface alone. */
  readonly device?: string | undefined;
  /** Differentiated services code point of what is sent, 0–63. */
  readonly dscp?: number | undefined;
  /** Several sockets of this process share the port; the kernel spreads the clients over them. */
  readonly share?: boolean | undefined;
}

/** How many datagrams one system call moves. */
const batch = 64;
/** Longest datagram told whole; a longer one is told as this many bytes, which no protocol here accepts. */
export const datagramBytes = 2052;

const nameBytes = 28; // struct sockaddr_in6
const controlBytes = 192;
const mostAwaited = 1024;

/** struct mmsghdr: name 0, namelen 8, iov 16, iovlen 24, control 32, controllen 40, flags 48, length 56. */
const headerBytes = 64;

const symbols = {
  __errno_location: { args: [], returns: "ptr" },
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  recvmmsg: { args: ["i32", "ptr", "u32", "i32", "ptr"], returns: "i32" },
  sendmmsg: { args: ["i32", "ptr", "u32", "i32"], returns: "i32" },
  recvmsg: { args: ["i32", "ptr", "i32"], returns: "i64" },
} as const;

const openSymbols = () => openLibc(symbols);
type Libc = NonNullable<ReturnType<typeof openSymbols>>;

/** A UDP socket of Linux that moves many datagrams a call, each with the kernel's receive stamp, and answers
 *  from the address that was asked. `receive` blocks: for a worker alone.
 *  Faults of `open`: unsupported (not Linux), exists (port in use), denied (privileged port), io. */
export class DatagramSocket<Name = never> {
  readonly #c: Libc;
  readonly #fd: number;
  readonly #in: Messages;
  readonly #out: Messages;
  #queued = 0;
  /** Replies whose transmit stamp is to come, by the number the kernel gives them: it counts them from 0. */
  readonly #awaited = new Map<number, Name>();
  #nextKey = 0;
  readonly port: number;

  static open<Name = never>(options: DatagramOptions): Result<DatagramSocket<Name>> {
    const c = openSymbols();
    if (!c) return fail("unsupported", "this system has no recvmmsg");
    const ip = parseIp(options.host);
    if (!ip) return fail("invalid", "not an address to listen on", { where: options.host });
    const fd = c.socket(ip.length === 4 ? 2 : 10, 2 | 0o2000000, 0); // AF_INET(6), SOCK_DGRAM | SOCK_CLOEXEC
    if (fd < 0) return systemFault(read.i32(c.__errno_location()!, 0), "no socket", options);
    const refused = prepare(c, fd, ip, options);
    if (refused) {
      c.close(fd);
      return refused;
    }
    return ok(new DatagramSocket<Name>(c, fd));
  }

  private constructor(c: Libc, fd: number) {
    this.#c = c;
    this.#fd = fd;
    this.#in = new Messages();
    this.#out = new Messages();
    const name = memory(nameBytes);
    const size = memory(4);
    size.view.setUint32(0, nameBytes, true);
    c.getsockname(fd, name.pointer, size.pointer);
    this.port = name.view.getUint16(2);
  }

  /** Waits for datagrams, at most a quarter of a second; returns how many came. */
  receive(): number {
    this.#in.readyToReceive();
    this.#queued = 0;
    const waitForOne = 0x10000;
    const count = this.#c.recvmmsg(this.#fd, this.#in.headers.pointer, batch, waitForOne, null);
    // Below zero: the wait is over, or an ICMP error of an earlier reply, which says nothing of what comes
    // next.
    return Math.max(0, count);
  }

  /** The i-th datagram of the last `receive`: valid until the next. */
  datagram(i: number): Uint8Array {
    return this.#in.payload(i);
  }
  ip(i: number): Ip {
    return this.#in.ip(i);
  }
  portOf(i: number): number {
    return this.#in.names.view.getUint16(i * nameBytes + 2);
  }
  /** When the kernel took it from the wire; undefined where it did not say. */
  stamp(i: number): Realtime | undefined {
    return this.#in.stamp(i);
  }

  /** Queues `bytes` for whoever sent the i-th datagram; `send` lets them go. With a name, `eachSent` tells
   *  when it truly left. */
  reply(i: number, bytes: Uint8Array, name?: Name): void {
    if (name !== undefined) this.#awaited.set(this.#nextKey, name);
    this.#out.fill(this.#queued++, this.#in, i, bytes, name !== undefined);
    if (name !== undefined) this.#nextKey = (this.#nextKey + 1) >>> 0;
  }

  /** Sends what is queued. What the kernel does not take is lost, as on any network. */
  send(): void {
    for (let at = 0; at < this.#queued;) {
      const pointer = (Number(this.#out.headers.pointer) + at * headerBytes) as Memory["pointer"];
      const sent = this.#c.sendmmsg(this.#fd, pointer, this.#queued - at, 0);
      at += Math.max(1, sent); // one that cannot be sent is passed over
    }
    this.#queued = 0;
  }

  /** The kernel's transmit stamps that have come since, each under its reply's name. */
  eachSent(tell: (name: Name, at: Realtime) => void): void {
    while (this.#awaited.size > 0) {
      this.#in.readyToReceive();
      const errorQueue = 0x2000 | 0x40; // MSG_ERRQUEUE | MSG_DONTWAIT
      if (this.#c.recvmsg(this.#fd, this.#in.headers.pointer, errorQueue) < 0) break;
      const sent = this.#in.sentStamp();
      const name = sent && this.#awaited.get(sent.key);
      if (sent && name !== undefined) tell(name, sent.at);
      if (sent) this.#awaited.delete(sent.key);
    }
    // A stamp that did not come at once will hardly come, and its client has asked again meanwhile.
    if (this.#awaited.size > mostAwaited) this.#awaited.clear();
  }

  close(): void {
    this.#c.close(this.#fd);
  }
}

function prepare(c: Libc, fd: number, ip: Ip, options: DatagramOptions): Result<never> | undefined {
  const value = memory(16);
  const failed = (): number => read.i32(c.__errno_location()!, 0);
  const set = (level: number, option: number, to: number): boolean => {
    value.view.setInt32(0, to, true);
    return c.setsockopt(fd, level, option, value.pointer, 4) === 0;
  };
  const v6 = ip.length === 16;
  set(1, 35, 1); // SO_TIMESTAMPNS
  set(1, 37, 16 | 128 | 2048); // SO_TIMESTAMPING: SOFTWARE, OPT_ID, OPT_TSONLY; which datagrams, each says
  if (v6) set(41, 26, 0); // IPV6_V6ONLY off: "::" serves IPv4 too
  // Which of our addresses was asked matters only where there are several.
  const isAny = ip.every((byte) => byte === 0);
  if (isAny && v6) set(41, 49, 1); // IPV6_RECVPKTINFO
  else if (isAny) set(0, 8, 1); // IP_PKTINFO
  if (options.dscp) {
    set(0, 1, options.dscp << 2); // IP_TOS
    if (v6) set(41, 67, options.dscp << 2); // IPV6_TCLASS
  }
  if (options.share && !set(1, 15, 1)) return systemFault(failed(), "the port cannot be shared", options);
  if (options.device !== undefined) {
    const name = cText(options.device);
    const bound = c.setsockopt(fd, 1, 25, name.pointer, name.u8.length) === 0; // SO_BINDTODEVICE
    if (!bound) return systemFault(failed(), `cannot use the interface ${options.device}`, options);
  }
  value.view.setBigInt64(0, 0n, true);
  value.view.setBigInt64(8, 250_000n, true);
  c.setsockopt(fd, 1, 20, value.pointer, 16); // SO_RCVTIMEO, so that the loop can be told to stop
  const name = socketName(ip, options.port);
  if (c.bind(fd, name.pointer, name.u8.length) === 0) return undefined;
  return systemFault(failed(), "cannot listen", options);
}

/** struct sockaddr_in: family, port (big-endian), address @4; sockaddr_in6: address @8. */
function socketName(ip: Ip, port: number): Memory {
  const name = memory(ip.length === 4 ? 16 : nameBytes);
  name.view.setUint16(0, ip.length === 4 ? 2 : 10, true);
  name.view.setUint16(2, port);
  name.u8.set(ip, ip.length === 4 ? 4 : 8);
  return name;
}

function systemFault(errno: number, what: string, options: DatagramOptions): Result<never> {
  const where = `udp ${options.host.includes(":") ? `[${options.host}]` : options.host}:${options.port}`;
  if (errno === 98) return fail("exists", `${what}: the port is in use`, { where });
  if (errno === 13 || errno === 1) {
    const mend = "a port from 1024 up, or the capability CAP_NET_BIND_SERVICE";
    return fail("denied", `${what}: not permitted`, { where, mend });
  }
  if (errno === 99) return fail("not-found", `${what}: this host has no such address`, { where });
  if (errno === 97) return fail("unsupported", `${what}: this host has no such address family`, { where });
  return fail("io", `${what}: system error ${errno}`, { where });
}

/** The arrays that recvmmsg and sendmmsg take: a header, a name, a payload and control data a datagram. */
class Messages {
  readonly headers = memory(batch * headerBytes);
  readonly names = memory(batch * nameBytes);
  readonly #payloads = memory(batch * datagramBytes);
  readonly #controls = memory(batch * controlBytes);
  readonly #vectors = memory(batch * 16); // struct iovec: base, length
  readonly #headerWords = new Uint32Array(this.headers.u8.buffer);
  readonly #vectorWords = new Uint32Array(this.#vectors.u8.buffer);
  readonly #controlWords = new Uint32Array(this.#controls.u8.buffer);
  readonly #nameWords = new Uint32Array(this.names.u8.buffer);

  constructor() {
    const { view } = this.headers;
    const pointer = (m: Memory, at: number): bigint => BigInt(m.pointer) + BigInt(at);
    for (let i = 0; i < batch; i++) {
      this.#vectors.view.setBigUint64(i * 16, pointer(this.#payloads, i * datagramBytes), true);
      view.setBigUint64(i * headerBytes, pointer(this.names, i * nameBytes), true);
      view.setBigUint64(i * headerBytes + 16, pointer(this.#vectors, i * 16), true);
      view.setBigUint64(i * headerBytes + 24, 1n, true);
      view.setBigUint64(i * headerBytes + 32, pointer(this.#controls, i * controlBytes), true);
    }
  }

  /** The kernel shortens what it was offered; offer the whole again. */
  readyToReceive(): void {
    for (let i = 0; i < batch; i++) {
      this.#vectorWords[i * 4 + 2] = datagramBytes;
      this.#headerWords[i * 16 + 2] = nameBytes;
      this.#headerWords[i * 16 + 10] = controlBytes;
    }
  }

  payload(i: number): Uint8Array {
    const at = i * datagramBytes;
    return this.#payloads.u8.subarray(at, at + this.#headerWords[i * 16 + 14]!);
  }

  ip(i: number): Ip {
    const at = i * nameBytes;
    const { u8 } = this.names;
    if (u8[at] === 2) return u8.slice(at + 4, at + 8); // AF_INET
    const w = at >> 2;
    const words = this.#nameWords;
    const isMapped = words[w + 2] === 0 && words[w + 3] === 0 && words[w + 4] === 0xffff0000;
    return isMapped ? u8.slice(at + 20, at + 24) : u8.slice(at + 8, at + 24);
  }

  stamp(i: number): Realtime | undefined {
    const at = this.#findControl(i, 1, 35);
    if (at < 0) return undefined;
    const seconds = this.#controlWords[at]! + this.#controlWords[at + 1]! * 2 ** 32;
    return { seconds, nanoseconds: this.#controlWords[at + 2]! };
  }

  fill(i: number, from: Messages, j: number, bytes: Uint8Array, stamped: boolean): void {
    this.#payloads.u8.set(bytes, i * datagramBytes);
    this.#vectorWords[i * 4 + 2] = bytes.length;
    const [to, of] = [(i * nameBytes) >> 2, (j * nameBytes) >> 2];
    for (let k = 0; k < nameBytes >> 2; k++) this.#nameWords[to + k] = from.#nameWords[of + k]!;
    this.#headerWords[i * 16 + 2] = from.#headerWords[j * 16 + 2]!;
    const length = this.#sendFrom(i, from, j);
    this.#headerWords[i * 16 + 10] = stamped ? this.#askStamp(i, length) : length;
  }

  /** Asks for the transmit stamp of this datagram (SO_TIMESTAMPING: TX_SOFTWARE). */
  #askStamp(i: number, length: number): number {
    this.#controlWords.set([20, 0, 1, 37, 2, 0], (i * controlBytes + length) / 4);
    return length + 24;
  }

  /** What the error queue told of datagram 0: SCM_TIMESTAMPING and sock_extended_err (origin @4, data @12).
   *  */
  sentStamp(): { key: number; at: Realtime } | undefined {
    const words = this.#controlWords;
    const time = this.#findControl(0, 1, 37);
    const v6 = this.#findControl(0, 41, 25); // IPV6_RECVERR
    const error = v6 >= 0 ? v6 : this.#findControl(0, 0, 11); // IP_RECVERR
    if (time < 0 || error < 0 || (words[error + 1]! & 255) !== 4) return undefined; // of timestamping
    const seconds = words[time]! + words[time + 1]! * 2 ** 32;
    return { key: words[error + 3]!, at: { seconds, nanoseconds: words[time + 2]! } };
  }

  /** Control data that makes the reply leave from the address that was asked; returns its length. */
  #sendFrom(i: number, from: Messages, j: number): number {
    const to = i * (controlBytes / 4);
    const v6 = from.#findControl(j, 41, 50); // IPV6_PKTINFO: address 16, interface
    if (v6 >= 0) {
      this.#controlWords.set([36, 0, 41, 50], to);
      this.#controlWords.set(from.#controlWords.subarray(v6, v6 + 5), to + 4);
      // The way back is the routing table's choice, except where the address means one link only.
      if ((this.#controlWords[to + 4]! & 0xc0ff) !== 0x80fe) this.#controlWords[to + 8] = 0;
      return 40;
    }
    const v4 = from.#findControl(j, 0, 8); // IP_PKTINFO: interface, local address, destination
    if (v4 < 0) return 0;
    this.#controlWords.set([28, 0, 0, 8, 0, from.#controlWords[v4 + 1]!, 0], to);
    return 32;
  }

  /** struct cmsghdr: length u64, level i32, type i32, data. Where the data of one begins, in words; −1:
   *  none. */
  #findControl(i: number, level: number, type: number): number {
    const words = this.#controlWords;
    let at = i * (controlBytes / 4);
    const end = at + (this.#headerWords[i * 16 + 10]! >> 2);
    while (at + 4 <= end) {
      const length = words[at]!;
      if (words[at + 2] === level && words[at + 3] === type) return at + 4;
      if (length < 16) return -1;
      at += ((length + 7) & ~7) >> 2;
    }
    return -1;
  }
}
