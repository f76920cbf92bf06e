import type { Ip } from "../../base/ip.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { memory, openLibc, type Memory } from "./libc.ts";
import { openTwoClocks, type TwoClocks } from "./two-clocks.ts";

/** One question to one server and its answer, with the kernel's stamps of both. */
export interface Asked {
  readonly reply: Uint8Array;
  /** Oscillator seconds when the question left and when the reply came. */
  readonly sentAt: number;
  readonly receivedAt: number;
}

export interface QuerySocket {
  /** Blocks until a datagram that `isReply` accepts comes, at most `ms`: for a worker alone. A fresh port for
   *  each question (RFC 9109). Faults: timeout, unavailable (refused by the host there, or no way to it),
   *  io. */
  ask(
    ip: Ip,
    port: number,
    question: Uint8Array,
    isReply: (datagram: Uint8Array) => boolean,
    ms: number,
  ): Result<Asked>;
}

const symbols = {
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  send: { args: ["i32", "ptr", "usize", "i32"], returns: "i64" },
  recvmsg: { args: ["i32", "ptr", "i32"], returns: "i64" },
} as const;

const payloadBytes = 2048;
const controlBytes = 256;
const errorQueue = 0x2000 | 0x40; // MSG_ERRQUEUE | MSG_DONTWAIT

/** Undefined where not Linux. */
export function openQuerySocket(): QuerySocket | undefined {
  const c = openLibc(symbols);
  const clocks = openTwoClocks();
  if (!c || !clocks) return undefined;
  const message = new Message();
  return {
    ask(ip, port, question, isReply, ms) {
      const fd = c.socket(ip.length === 4 ? 2 : 10, 2 | 0o2000000, 0);
      if (fd < 0) return fail("io", "no socket");
      try {
        const set = (option: number, value: Memory): unknown =>
          c.setsockopt(fd, 1, option, value.pointer, value.u8.length);
        set(37, number(2 | 8 | 16 | 2048)); // SO_TIMESTAMPING: TX and RX_SOFTWARE, SOFTWARE, OPT_TSONLY
        const name = socketName(ip, port);
        if (c.connect(fd, name.pointer, name.u8.length) < 0)
          return fail("unavailable", "no way to the server");
        const payload = memory(question.length);
        payload.u8.set(question);
        if (c.send(fd, payload.pointer, question.length, 0) < 0) return fail("unavailable", "cannot send");
        const sent = clocks();
        const deadline = sent.oscillator + ms / 1000;
        for (;;) {
          const left = deadline - clocks().oscillator;
          if (left <= 0) return fail("timeout", "no reply");
          set(20, timeval(left)); // SO_RCVTIMEO
          const length = Number(message.receive(c.recvmsg, fd, 0));
          const came = clocks();
          if (length < 0 && clocks().oscillator < deadline - 1e-3) return fail("unavailable", "refused");
          const reply = message.payload.u8.slice(0, Math.max(0, length));
          if (length < 0 || !isReply(reply)) continue;
          const receivedAt = onOscillator(came, message.stamp());
          const hasSent = Number(message.receive(c.recvmsg, fd, errorQueue)) >= 0;
          return ok({ reply, receivedAt, sentAt: onOscillator(sent, hasSent ? message.stamp() : undefined) });
        }
      } finally {
        c.close(fd);
      }
    },
  };
}

/** Where a stamp of the system's clock lies on the oscillator, both having been read shortly after. */
function onOscillator(read: TwoClocks, stamp: { seconds: number; nanoseconds: number } | undefined): number {
  if (!stamp) return read.oscillator;
  const since = read.seconds - stamp.seconds + (read.nanoseconds - stamp.nanoseconds) * 1e-9;
  return since >= 0 && since < 1 ? read.oscillator - since : read.oscillator;
}

function number(value: number): Memory {
  const m = memory(4);
  m.view.setInt32(0, value, true);
  return m;
}

function timeval(seconds: number): Memory {
  const m = memory(16);
  m.view.setBigInt64(0, BigInt(Math.floor(seconds)), true);
  m.view.setBigInt64(8, BigInt(Math.max(1, Math.floor((seconds % 1) * 1e6))), true);
  return m;
}

function socketName(ip: Ip, port: number): Memory {
  const name = memory(ip.length === 4 ? 16 : 28);
  name.view.setUint16(0, ip.length === 4 ? 2 : 10, true);
  name.view.setUint16(2, port);
  name.u8.set(ip, ip.length === 4 ? 4 : 8);
  return name;
}

/** struct msghdr: name 0, namelen 8, iov 16, iovlen 24, control 32, controllen 40. */
class Message {
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
  stamp(): { seconds: number; nanoseconds: number } | undefined {
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
