import type { Ip } from "../../base/ip.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { memory, openLibc } from "./libc.ts";
import { onOscillator, ReceivedMessage, socketName } from "./received-message.ts";
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
  readonly #message = new ReceivedMessage();
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
