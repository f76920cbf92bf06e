import type { Effect, Session } from "../../base/session.ts";
import { laterBy, type Instant } from "../../base/time.ts";
import { LineReader, type Line } from "../../wire/line.ts";
import type { Flow, FtpAnswer, FtpAsk } from "./asks.ts";
import type { Command } from "./command.ts";
import { Control, lineText, type FtpPolicy, type Peer } from "./control.ts";
import { faultText } from "./replies.ts";
import { table } from "./table.ts";

/** Unread input beyond this stops the reading of the socket. */
const queueBytes = 16_384;
/** Commands that wait for a transfer to end. */
const queueLines = 64;
/** Blank or unreadable lines after which the peer is taken for no FTP client. */
const patience = 100;

/** One FTP control connection, without sockets, files or clocks (RFC 959, 1123, 2228, 2389, 2428, 3659,
 *  4217). Commands run one after another; while a transfer runs, ABOR and STAT act at once and the rest
 *  waits. */
export class FtpSession implements Session<FtpAsk, FtpAnswer> {
  readonly control: Control;
  readonly #reader = new LineReader();
  /** Held back until the transfer ends. */
  readonly #waiting: Line[] = [];
  readonly #flows = new Map<number, Running>();
  #nextId = 1;
  /** The command under way; those that act during a transfer do not count. */
  #current: Running | undefined;
  #strange = 0;
  #leaving = false;
  #closed = false;
  readonly #loginBy: Instant;
  #idleBy: Instant;

  constructor(policy: FtpPolicy, peer: Peer, now: Instant) {
    this.control = new Control(policy, peer);
    this.#loginBy = laterBy(now, policy.loginMs);
    this.#idleBy = laterBy(now, policy.idleMs);
    this.control.reply(220, policy.greeting);
  }

  get full(): boolean {
    return this.#reader.heldBytes > queueBytes || this.#waiting.length >= queueLines;
  }

  get wakeAt(): Instant | undefined {
    if (this.#closed || this.#current) return undefined;
    return this.control.account || this.#idleBy < this.#loginBy ? this.#idleBy : this.#loginBy;
  }

  receive(bytes: Uint8Array, now: Instant): void {
    if (this.#closed) return;
    this.#idleBy = laterBy(now, this.control.idleMs);
    this.#reader.push(bytes);
    this.#readOn();
  }

  answer(id: number, answer: FtpAnswer, now: Instant): void {
    const running = this.#flows.get(id);
    if (!running) return;
    this.#flows.delete(id);
    this.#idleBy = laterBy(now, this.control.idleMs);
    this.#step(running, answer);
    this.#readOn();
  }

  expire(now: Instant): void {
    const due = this.wakeAt;
    if (due === undefined || now < due) return;
    this.#goodbye(this.control.account ? "Silent for too long; goodbye" : "Nobody signed in; goodbye");
  }

  leave(): void {
    this.#leaving = true;
    if (!this.#current) this.#goodbye("The service stops; goodbye");
  }

  poll(): Effect<FtpAsk> | undefined {
    const effect = this.control.take();
    if (effect?.do === "close") this.#closed = true;
    return effect;
  }

  /** Lines are read as long as something may be done about them. */
  #readOn(): void {
    while (!this.#closed) {
      const line = this.#nextLine();
      if (!line) break;
      this.#take(line);
    }
    if (this.#leaving && !this.#current && !this.#closed) this.#goodbye("The service stops; goodbye");
  }

  #nextLine(): Line | undefined {
    if (!this.#current) return this.#waiting.shift() ?? this.#reader.next();
    if (!this.control.transfer || this.#waiting.length >= queueLines) return undefined;
    return this.#reader.next();
  }

  #take(line: Line): void {
    if (line.is === "endless") return this.#goodbye("That was no command; goodbye");
    if (line.is !== "line") return this.#strangeLine(line.is);
    const text = lineText(line.bytes);
    const [, verb = "", argument] = text.ok
      ? (/^(\S*)(?: (.*))?$/s.exec(text.value) ?? [])
      : verbOf(line.bytes);
    const command = table.get(verb.toUpperCase());
    if (this.#current && command?.transfer !== "during") return void this.#waiting.push(line);
    if (verb === "" && !argument) return this.#strangeLine("blank");
    if (isHttp(verb)) return this.#hangUp();
    if (!command) return this.#strangeLine("unknown");
    if (!text.ok) return this.control.reply(command.login ? 553 : 501, faultText(text.fault));
    return this.#run(command, argument);
  }

  #run(command: Command, argument: string | undefined): void {
    const { control } = this;
    if (command.verb !== "RNTO") control.renameFrom = undefined;
    if (command.verb !== "SITE") control.copyFrom = undefined;
    if (command.login && !control.account) return control.reply(530, "Sign in first");
    const given = argument !== undefined && argument !== "";
    if ((command.argument === "must" && !given) || (command.argument === "none" && argument?.trim())) {
      return control.reply(501, `Syntax: ${command.verb} ${command.syntax}`.trimEnd());
    }
    const { secured } = control;
    const flow = command.run(control, argument ?? "");
    if (flow) this.#begin(flow);
    if (control.secured && !secured && this.#reader.heldBytes > 0) this.#hangUp();
    return undefined;
  }

  #begin(flow: Flow): void {
    const running: Running = { flow, beside: this.#current !== undefined };
    if (!running.beside) this.#current = running;
    this.#step(running, undefined);
  }

  #step(running: Running, answer: FtpAnswer | undefined): void {
    const { done, value } = answer === undefined ? running.flow.next() : running.flow.next(answer);
    if (done) {
      if (!running.beside) this.#current = undefined;
      return;
    }
    const id = this.#nextId++;
    this.#flows.set(id, running);
    this.control.emit({ do: "ask", id, ask: value });
  }

  #strangeLine(why: "too-long" | "unclean" | "blank" | "unknown"): void {
    if (++this.#strange > patience) return this.#goodbye("That is no FTP; goodbye");
    if (why !== "blank") this.control.reply(500, strangeText[why]);
  }

  #goodbye(text: string): void {
    this.control.reply(421, text);
    this.#hangUp();
  }

  #hangUp(): void {
    if (!this.#closed) this.control.emit({ do: "close" });
    this.#closed = true;
  }
}

interface Running {
  readonly flow: Flow;
  /** Runs while another command does. */
  readonly beside: boolean;
}

const strangeText = {
  "too-long": "The line is longer than 4096 bytes",
  unclean: "The line holds characters no command has",
  unknown: "There is no such command",
};

/** The verb of a line that is not UTF-8. */
function verbOf(bytes: Uint8Array): readonly [string, string, string] {
  const end = bytes.indexOf(0x20);
  const verb = String.fromCharCode(...bytes.subarray(0, end < 0 ? bytes.length : end).subarray(0, 16));
  return ["", verb, "?"];
}

/** A browser led here must not be answered at all (ALPACA), nor a load balancer that nobody trusts. */
const isHttp = (verb: string): boolean =>
  /^(?:GET|POST|HEAD|PUT|DELETE|CONNECT|OPTIONS|PATCH|TRACE|PROXY|Host:)$/i.test(verb);
