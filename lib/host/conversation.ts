import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { concat } from "../base/bytes.ts";
import type { Conversation } from "../base/session.ts";
import type { Clock } from "../base/time.ts";
import type { Log } from "../watch/log.ts";
import type { Served } from "./tcp.ts";

export interface ConversationOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Reading stops while more than this waits to be sent. */
  readonly unsentBytes?: number;
  /** Reading stops while more than this many asks are open. */
  readonly openAsks?: number;
  /** A peer that takes nothing of what waits for it for so long is cut. */
  readonly stallMs?: number;
  /** The peer's last word ends the conversation at once, whatever is asked: for protocols where questions
   *  stay open until something happens. */
  readonly endsWithPeer?: boolean;
  /** Runs once, before we end the stream: for a status that must go ahead of the end. */
  readonly beforeEnd?: () => void;
  /** Begins TLS when the session asks for it; without it such a session is cut. */
  readonly secure?: () => TLSSocket;
  /** Ends TLS and gives the plain stream; without it a session that asks for that is cut. */
  readonly clear?: () => Promise<Duplex>;
}

/** Drives one conversation over one socket until either ends: feeds it, performs its asks, wakes it, and
 *  stops reading while it has enough to do. A bug in a session ends that session alone. */
export function converse<Ask, Answer>(
  socket: Duplex,
  conversation: Conversation<Ask, Answer>,
  options: ConversationOptions,
): Served {
  return new Driver(socket, conversation, options);
}

/** Up to here a copy costs less than a write more. */
const gatherBytes = 64 << 10;

const defaults = { unsentBytes: 1 << 20, openAsks: 64, stallMs: 60_000 };

/** How long a peer may take to close its side after us: a reset would cost it our last words. */
const lingerMs = 2000;

class Driver<Ask, Answer> implements Served {
  readonly #conversation: Conversation<Ask, Answer>;
  readonly #options: ConversationOptions;
  /** TCP itself, the TLS above it, or a channel of something else. */
  #socket: Duplex;
  #openAsks = 0;
  #paused = false;
  #pumping = false;
  /** The peer has said all it will. */
  #heardAll = false;
  /** Nothing more is read or asked; what was written still goes out. */
  #closing = false;
  #ended = false;
  #gone = false;
  #stall: NodeJS.Timeout | undefined;
  #unsentThen = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(socket: Duplex, conversation: Conversation<Ask, Answer>, options: ConversationOptions) {
    this.#conversation = conversation;
    this.#options = options;
    this.#socket = socket;
    this.#listenTo(socket);
    this.#turn(() => {});
  }

  leave(): void {
    const { session } = this.#conversation;
    if (session.leave) return this.#turn((now) => session.leave?.(now));
    this.#closing = true;
    this.#endWhenQuiet();
  }

  #listenTo(socket: Duplex): void {
    socket.on("data", this.#onData);
    socket.on("drain", this.#onDrain);
    socket.on("end", this.#onEnd);
    socket.on("close", this.#onClose);
  }

  #stopListeningTo(socket: Duplex): void {
    socket.off("data", this.#onData);
    socket.off("drain", this.#onDrain);
    socket.off("end", this.#onEnd);
    socket.off("close", this.#onClose);
  }

  readonly #onData = (bytes: Uint8Array): void => {
    if (this.#closing) return;
    this.#turn((now) => this.#conversation.session.receive(bytes, now));
  };

  readonly #onDrain = (): void => this.#turn(() => {});

  readonly #onEnd = (): void => {
    this.#heardAll = true;
    if (this.#options.endsWithPeer) this.#closing = true;
    this.#endWhenQuiet();
  };

  /** Bytes wait that the peer has not taken for a while. */
  readonly #onStall = (): void => {
    this.#stall = undefined;
    if (this.#socket.writableLength === 0) return;
    if (this.#socket.writableLength >= this.#unsentThen) this.#socket.destroy();
    else this.#watchStall();
  };

  /** One input, and everything it leads to. */
  #turn(input: (now: ReturnType<Clock["now"]>) => void): void {
    if (this.#gone) return;
    try {
      input(this.#options.clock.now());
      this.#pump();
    } catch (error) {
      this.#options.log.error("session ended by a bug", { what: String((error as Error).stack ?? error) });
      this.#socket.destroy();
    }
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#drawEffects() === "more" && this.#socket.writableLength <= this.#room);
    } finally {
      this.#pumping = false;
    }
    this.#balance();
    this.#endWhenQuiet();
    this.#arm();
  }

  /** Does what the session wants, as long as not too much waits to be sent: the rest can wait too. */
  #drawEffects(): "all" | "more" {
    const { session } = this.#conversation;
    const sends: Uint8Array[] = [];
    let pending = this.#socket.writableLength;
    let effect = pending <= this.#room && !this.#closing ? session.poll() : undefined;
    while (effect) {
      if (effect.do === "send") {
        sends.push(effect.bytes);
        pending += effect.bytes.length;
      } else if (effect.do === "ask") this.#ask(effect.id, effect.ask);
      else {
        this.#flush(sends);
        if (effect.do === "close") this.#closing = true;
        else if (effect.do === "secure") this.#secure();
        else this.#clear();
      }
      if (this.#closing) return "all";
      if (pending > this.#room) break;
      effect = session.poll();
    }
    this.#flush(sends);
    return effect ? "more" : "all";
  }

  /** Below the high-water mark nobody would tell us of a drain. */
  get #room(): number {
    return Math.max(this.#options.unsentBytes ?? defaults.unsentBytes, this.#socket.writableHighWaterMark);
  }

  #flush(sends: Uint8Array[]): void {
    if (sends.length === 0) return;
    const bytes = sends.reduce((sum, part) => sum + part.length, 0);
    if (sends.length === 1 || bytes < gatherBytes) {
      this.#socket.write(sends.length === 1 ? sends[0]! : concat(sends));
    } else {
      this.#socket.cork();
      for (const part of sends) this.#socket.write(part);
      this.#socket.uncork();
    }
    sends.length = 0;
    if (this.#socket.writableLength > 0 && !this.#stall) this.#watchStall();
  }

  /** The socket's own time-out does not fire while bytes wait to be sent. */
  #watchStall(): void {
    this.#unsentThen = this.#socket.writableLength;
    this.#stall = setTimeout(this.#onStall, this.#options.stallMs ?? defaults.stallMs);
  }

  #ask(id: number, ask: Ask): void {
    this.#openAsks++;
    const settle = (answer: Answer): void => {
      this.#openAsks--;
      this.#turn((now) => this.#conversation.session.answer(id, answer, now));
      this.#endWhenQuiet();
    };
    this.#conversation.perform(ask).then(settle, (error: unknown) => {
      this.#options.log.error("ask failed by a bug", { what: String((error as Error).stack ?? error) });
      this.#socket.destroy();
    });
  }

  #secure(): void {
    const plain = this.#socket;
    const { secure } = this.#options;
    // Bytes that came before the handshake were not protected by it (RFC 4217 §12).
    if (!secure || plain.readableLength > 0) {
      this.#closing = true;
      return void this.#socket.destroy();
    }
    this.#stopListeningTo(plain);
    if (this.#paused) plain.resume();
    this.#paused = false;
    this.#socket = secure();
    this.#listenTo(this.#socket);
  }

  #clear(): void {
    const { clear } = this.#options;
    const secured = this.#socket;
    if (!clear) return void secured.destroy();
    this.#stopListeningTo(secured);
    this.#paused = false;
    void clear().then((plain) => {
      this.#socket = plain;
      this.#listenTo(plain);
      plain.resume();
      if (plain.destroyed) this.#onClose();
    });
    return undefined;
  }

  /** Reads only while there is room for what reading leads to. */
  #balance(): void {
    const { openAsks = defaults.openAsks } = this.#options;
    const enough =
      this.#socket.writableLength > this.#room ||
      this.#openAsks >= openAsks ||
      this.#conversation.session.full === true;
    if (enough === this.#paused || this.#closing) return;
    this.#paused = enough;
    if (enough) this.#socket.pause();
    else this.#socket.resume();
  }

  #endWhenQuiet(): void {
    if (this.#gone || this.#ended || this.#pumping) return;
    if (!this.#closing && !(this.#heardAll && this.#openAsks === 0)) return;
    this.#closing = true;
    this.#ended = true;
    this.#options.beforeEnd?.();
    this.#socket.end();
    this.#socket.resume();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#socket.destroy(), lingerMs);
  }

  #arm(): void {
    const at = this.#conversation.session.wakeAt;
    // A timer that is early is harmless and cheaper than one re-armed at every command.
    if (at === undefined || this.#gone || this.#ended || at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    const wait = Math.min(2 ** 31 - 1, Math.max(0, at - this.#options.clock.now()));
    this.#timer = setTimeout(this.#onTimer, Math.ceil(wait));
  }

  readonly #onTimer = (): void => {
    this.#timerAt = Number.POSITIVE_INFINITY;
    if (this.#ended) return;
    const due = this.#conversation.session.wakeAt;
    const isDue = due !== undefined && this.#options.clock.now() >= due;
    this.#turn((now) => {
      if (isDue) this.#conversation.session.expire(now);
    });
  };

  readonly #onClose = (): void => {
    if (this.#gone) return;
    this.#gone = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#stall);
    this.#conversation.ended();
  };
}
