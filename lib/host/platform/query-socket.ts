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

export interface Question {
  readonly id: number;
  readonly ip: Ip;
  readonly port: number;
  readonly bytes: Uint8Array;
  readonly patienceMs: number;
  /** What else comes is passed over. */
  readonly isReply: (datagram: Uint8Array) => boolean;
}

export interface Answered {
  readonly id: number;
  /** Faults: timeout, unavailable (no way to it). */
  readonly result: Result<Asked>;
}

const symbols = {
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  send: { args: ["i32", "ptr", "usize", "i32"], returns: "i64" },
  recvmsg: { args: ["i32", "ptr", "i32"], returns: "i64" },
  poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
} as const;

const openSymbols = () => openLibc(symbols);
type Libc = NonNullable<ReturnType<typeof openSymbols>>;

const payloadBytes = 2048;
const controlBytes = 256;
const noWait = 0x40; // MSG_DONTWAIT
const errorQueue = 0x2000; // MSG_ERRQUEUE
const readable = 1; // POLLIN
const troubled = 8; // POLLERR

interface Pending {
  readonly question: Question;
  readonly fd: number;
  readonly deadline: number;
  sentAt: number;
  readonly sent: TwoClocks;
}

/** Asks many servers at once, each from a fresh port (RFC 9109). `wait` blocks: for a worker alone. */
export class QuerySockets {
  readonly #c: Libc;
  readonly #clocks: () => TwoClocks;
  readonly #message = new Message();
  readonly #pending: Pending[] = [];

  /** Undefined where not Linux. */
  static open(): QuerySockets | undefined {
    const c = openSymbols();
    const clocks = openTwoClocks();
    return c && clocks && new QuerySockets(c, clocks);
  }

  private constructor(c: Libc, clocks: () => TwoClocks) {
    this.#c = c;
    this.#clocks = clocks;
  }

  get waiting(): number {
    return this.#pending.length;
  }

  /** Sends the question. Undefined: it is on its way. */
  ask(question: Question): Answered | undefined {
    const { ip, port, bytes, id } = question;
    const unavailable = (what: string): Answered => ({ id, result: fail("unavailable", what) });
    const fd = this.#c.socket(ip.length === 4 ? 2 : 10, 2 | 0o2000000, 0);
    if (fd < 0) return unavailable("no socket");
    const flags = memory(4);
    flags.view.setInt32(0, 2 | 8 | 16 | 2048, true); // TX and RX_SOFTWARE, SOFTWARE, OPT_TSONLY
    this.#c.setsockopt(fd, 1, 37, flags.pointer, 4); // SO_TIMESTAMPING
    const name = socketName(ip, port);
    const payload = memory(bytes.length);
    payload.u8.set(bytes);
    const isSent =
      this.#c.connect(fd, name.pointer, name.u8.length) === 0 &&
      this.#c.send(fd, payload.pointer, bytes.length, 0) >= 0;
    const sent = this.#clocks();
    if (!isSent) {
      this.#c.close(fd);
      return unavailable("no way to the server");
    }
    const deadline = sent.oscillator + question.patienceMs / 1000;
    this.#pending.push({ question, fd, deadline, sent, sentAt: sent.oscillator });
    return undefined;
  }

  /** Waits for answers, at most `ms`. */
  wait(ms: number): Answered[] {
    const table = memory(this.#pending.length * 8); // struct pollfd: fd i32, events i16, revents i16
    for (const [i, { fd }] of this.#pending.entries()) {
      table.view.setInt32(i * 8, fd, true);
      table.view.setInt16(i * 8 + 4, readable, true);
    }
    this.#c.poll(table.pointer, this.#pending.length, ms);
    const came = this.#clocks();
    const answered: Answered[] = [];
    for (const [i, pending] of [...this.#pending].entries()) {
      const events = table.view.getInt16(i * 8 + 6, true);
      if ((events & troubled) !== 0) this.#readSentStamp(pending);
      const result = events === 0 ? undefined : this.#read(pending, came);
      const isLate = came.oscillator >= pending.deadline;
      if (!result && !isLate) continue;
      this.#end(pending);
      answered.push({ id: pending.question.id, result: result ?? fail("timeout", "no reply") });
    }
    return answered;
  }

  #readSentStamp(pending: Pending): void {
    if (this.#receive(pending.fd, errorQueue | noWait) < 0) return;
    pending.sentAt = onOscillator(pending.sent, this.#message.stamp());
  }

  /** Undefined: nothing that is an answer. */
  #read(pending: Pending, came: TwoClocks): Result<Asked> | undefined {
    for (;;) {
      const length = this.#receive(pending.fd, noWait);
      if (length < 0) return undefined;
      const reply = this.#message.payload.u8.slice(0, length);
      if (!pending.question.isReply(reply)) continue;
      const receivedAt = onOscillator(came, this.#message.stamp());
      this.#readSentStamp(pending);
      return ok({ reply, sentAt: pending.sentAt, receivedAt });
    }
  }

  #receive(fd: number, flags: number): number {
    return Number(this.#message.receive(this.#c.recvmsg, fd, flags));
  }

  #end(pending: Pending): void {
    this.#c.close(pending.fd);
    this.#pending.splice(this.#pending.indexOf(pending), 1);
  }
}

/** Where a stamp of the system's clock lies on the oscillator, both having been read shortly after. */
function onOscillator(read: TwoClocks, stamp: { seconds: number; nanoseconds: number } | undefined): number {
  if (!stamp) return read.oscillator;
  const since = read.seconds - stamp.seconds + (read.nanoseconds - stamp.nanoseconds) * 1e-9;
  return since >= 0 && since < 1 ? read.oscillator - since : read.oscillator;
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
