import { read } from "bun:ffi";
import type { Ip } from "../../base/ip.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { cText, memory, openLibc, type Memory } from "./libc.ts";
import { onOscillator, ReceivedMessage, socketName } from "./received-message.ts";
import type { Realtime } from "./realtime.ts";
import { openTwoClocks, type TwoClocks } from "./two-clocks.ts";

/** A datagram with the moment at which the kernel took it from the wire, by both clocks. */
export interface Stamped {
  readonly bytes: Uint8Array;
  /** Seconds on the oscillator. */
  readonly oscillator: number;
  readonly system: Realtime;
}

export interface MulticastOptions {
  readonly group: Ip;
  /** Below 1024 the capability CAP_NET_BIND_SERVICE is wanted. */
  readonly port: number;
  /** The one interface that is listened on and sent through. */
  readonly device: string;
}

const symbols = {
  __errno_location: { args: [], returns: "ptr" },
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  if_nametoindex: { args: ["ptr"], returns: "u32" },
  sendto: { args: ["i32", "ptr", "usize", "i32", "ptr", "u32"], returns: "i64" },
  recvmsg: { args: ["i32", "ptr", "i32"], returns: "i64" },
  poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
} as const;

const openSymbols = () => openLibc(symbols);
type Libc = NonNullable<ReturnType<typeof openSymbols>>;

const noWait = 0x40; // MSG_DONTWAIT
const errorQueue = 0x2000; // MSG_ERRQUEUE
/** Tries of a millisecond for the stamp of what was sent: a driver gives it at once, or hardly ever. */
const stampTries = 5;

/** A UDP/IPv4 socket in a multicast group, with the kernel's stamps of what comes and of what goes. `wait`
 *  blocks: for a worker alone. Linux only.
 *  Faults of `open`: unsupported, not-found (the interface), exists, denied, io. */
export class MulticastSocket {
  readonly #c: Libc;
  readonly #fd: number;
  readonly #clocks: () => TwoClocks;
  readonly #to: Memory;
  readonly #message = new ReceivedMessage();

  static open(options: MulticastOptions): Result<MulticastSocket> {
    const c = openSymbols();
    const clocks = openTwoClocks();
    if (!c || !clocks) return fail("unsupported", "this system has no kernel stamps");
    const index = c.if_nametoindex(cText(options.device).pointer);
    if (index === 0) return fail("not-found", `there is no interface ${options.device}`);
    const fd = c.socket(2, 2 | 0o2000000, 0); // AF_INET, SOCK_DGRAM | SOCK_CLOEXEC
    const failed = fd < 0 ? "no socket" : prepare(c, fd, index, options);
    if (failed === undefined) return ok(new MulticastSocket(c, fd, clocks, options));
    const errno = read.i32(c.__errno_location()!, 0);
    if (fd >= 0) c.close(fd);
    const where = `udp port ${options.port} on ${options.device}`;
    if (errno === 98) return fail("exists", "the port is in use", { where });
    if (errno === 13 || errno === 1) {
      return fail("denied", `${failed}: not permitted`, {
        where,
        mend: "the capability CAP_NET_BIND_SERVICE",
      });
    }
    return fail("io", `${failed}: system error ${errno}`, { where });
  }

  private constructor(c: Libc, fd: number, clocks: () => TwoClocks, { group, port }: MulticastOptions) {
    this.#c = c;
    this.#fd = fd;
    this.#clocks = clocks;
    this.#to = socketName(group, port);
  }

  /** Waits at most `ms` until one of the sockets has something. */
  static wait(sockets: readonly MulticastSocket[], ms: number): void {
    const table = memory(sockets.length * 8); // struct pollfd: fd i32, events i16, revents i16
    for (const [i, socket] of sockets.entries()) {
      table.view.setInt32(i * 8, socket.#fd, true);
      table.view.setInt16(i * 8 + 4, 1, true); // POLLIN
    }
    for (const first of sockets.slice(0, 1)) first.#c.poll(table.pointer, sockets.length, ms);
  }

  /** The next datagram that has come; undefined when there is none. */
  receive(): Stamped | undefined {
    const length = Number(this.#message.receive(this.#c.recvmsg, this.#fd, noWait));
    if (length < 0) return undefined;
    return this.#stamped(this.#message.payload.u8.slice(0, length));
  }

  #stamped(bytes: Uint8Array): Stamped {
    const now = this.#clocks();
    const stamp = this.#message.stamp();
    const system = stamp ?? { seconds: now.seconds, nanoseconds: now.nanoseconds };
    return { bytes, oscillator: onOscillator(now, stamp), system };
  }

  /** Sends to the group. Gives the moment at which it left where `stamped`, by the kernel if it says so. */
  send(bytes: Uint8Array, stamped: boolean): Stamped | undefined {
    const payload = memory(bytes.length);
    payload.u8.set(bytes);
    const { pointer, u8 } = this.#to;
    if (stamped) this.#drainStamps();
    const sent = this.#c.sendto(this.#fd, payload.pointer, bytes.length, 0, pointer, u8.length);
    if (Number(sent) < 0 || !stamped) return undefined;
    for (let i = 0; i < stampTries; i++) {
      const told = Number(this.#message.receive(this.#c.recvmsg, this.#fd, errorQueue | noWait)) >= 0;
      if (told && this.#message.stamp()) return this.#stamped(bytes);
      this.#c.poll(pointer, 0, 1); // a millisecond's sleep
    }
    return undefined; // without the kernel's stamp it is worth nothing
  }

  #drainStamps(): void {
    for (let i = 0; i < 16; i++) {
      if (Number(this.#message.receive(this.#c.recvmsg, this.#fd, errorQueue | noWait)) < 0) return;
    }
  }

  close(): void {
    this.#c.close(this.#fd);
  }
}

/** What failed; undefined: all is set. */
function prepare(c: Libc, fd: number, index: number, { group, port, device }: MulticastOptions) {
  const value = memory(12);
  const set = (level: number, option: number, to: number): boolean => {
    value.view.setInt32(0, to, true);
    return c.setsockopt(fd, level, option, value.pointer, 4) === 0;
  };
  if (!set(1, 2, 1)) return "the port cannot be shared"; // SO_REUSEADDR
  set(1, 37, 2 | 8 | 16 | 2048); // SO_TIMESTAMPING: TX and RX_SOFTWARE, SOFTWARE, OPT_TSONLY
  const name = cText(device);
  const bound = c.setsockopt(fd, 1, 25, name.pointer, name.u8.length) === 0; // SO_BINDTODEVICE
  if (!bound) return `cannot use ${device}`;
  const any = socketName(Uint8Array.of(0, 0, 0, 0), port);
  if (c.bind(fd, any.pointer, any.u8.length) !== 0) return "cannot listen";
  value.u8.set(group); // struct ip_mreqn: group, address, interface
  value.view.setUint32(4, 0, true);
  value.view.setInt32(8, index, true);
  if (c.setsockopt(fd, 0, 35, value.pointer, 12) !== 0) return "cannot join the group"; // IP_ADD_MEMBERSHIP
  if (c.setsockopt(fd, 0, 32, value.pointer, 12) !== 0) return "cannot send to the group"; // IP_MULTICAST_IF
  set(0, 34, 0); // IP_MULTICAST_LOOP: what we say is for others
  set(0, 33, 1); // IP_MULTICAST_TTL
  return undefined;
}
