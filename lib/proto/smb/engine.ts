import type { Effect, Session } from "../../base/session.ts";
import { laterBy, type Instant } from "../../base/time.ts";
import { sha512 } from "../../crypto/hash.ts";
import { decode } from "../../wire/decode.ts";
import type { GateEvent, SmbAnswer, SmbAsk } from "./ask.ts";
import { writeLeaseBreak, writeBreakAck } from "./break.ts";
import { Chain, splitMessage, type Element } from "./chain.ts";
import { beginRequest, type Rooms } from "./begin.ts";
import { commandTable } from "./commands.ts";
import { CreditWindow } from "./credits.ts";
import { Deframer, type Frame } from "./frame.ts";
import { command, headerFlag, headerSize } from "./header.ts";
import { dialect, readNegotiateRequest, writeNegotiateResponse } from "./negotiate.ts";
import {
  multiProtocolResponse,
  negotiate,
  spokenBySmb1,
  type SmbAmbience,
  type SmbSettings,
} from "./negotiation.ts";
import { builtFor, responseBytes, type Built } from "./response.ts";
import { SmbSession } from "./session.ts";
import { isSmb1, readMultiProtocolHello } from "./smb1.ts";
import { ntStatus } from "./status.ts";
import { refuse, reply, type Reply, type Spoken, type Step } from "./step.ts";
import { openMessage, readTransformHeader, isSealed } from "./transform.ts";
import type { SignInHost } from "./serve/session-setup.ts";

/** A request that waits for the gate. */
interface Waiting {
  readonly chain: Chain;
  readonly next: (answer: SmbAnswer) => Step;
  readonly abort: AbortController;
  readonly interimAt: Instant | undefined;
  /** Set once the client was told that it takes longer. */
  asyncId: bigint;
}

const limits = {
  /** Sessions of one connection, signed in or not. */
  sessions: 64,
  /** Requests under way; host stops reading above. */
  waiting: 512,
  /** How long a connection may stay without anybody signed in. */
  signInMs: 45_000,
} as const;

const unsolicited = 0xffff_ffff_ffff_ffffn;

/** One client's connection: SMB 2.0.2 to 3.1.1 (MS-SMB2). It reads frames, proves and unseals them, keeps
 *  sessions, trees and credits, and asks its gate for everything that has to do with files. */
export class SmbConnection implements Session<SmbAsk, SmbAnswer>, SignInHost {
  readonly settings: SmbSettings;
  readonly ambience: SmbAmbience;
  readonly #frames = new Deframer();
  readonly #credits = new CreditWindow();
  readonly #sessions = new Map<bigint, SmbSession>();
  readonly #rooms: Rooms;
  readonly #effects: Effect<SmbAsk>[] = [];
  readonly #waiting = new Map<number, Waiting>();
  #preauth: Uint8Array = new Uint8Array(64);
  #spoken: Spoken | undefined;
  #multiProtocol = false;
  #closed = false;
  #everSignedIn = false;
  #nextAsk = 1;
  #nextAsync = 1n;
  #signInBy: Instant | undefined;
  #now: Instant | undefined;

  constructor(settings: SmbSettings, ambience: SmbAmbience) {
    this.settings = settings;
    this.ambience = ambience;
    const commands = commandTable(this, settings, (session) => this.forget(session));
    this.#rooms = { commands, sessions: this.#sessions, spoken: () => this.#spoken };
    this.#askForEvents();
  }

  receive(bytes: Uint8Array, now: Instant): void {
    this.#now = now;
    this.#signInBy ??= laterBy(now, limits.signInMs);
    for (const frame of this.#frames.push(bytes)) {
      if (this.#closed) return;
      if (!frame || !this.#frame(frame)) return this.#close();
    }
  }

  answer(id: number, answer: SmbAnswer, now: Instant): void {
    this.#now = now;
    const waiting = this.#waiting.get(id);
    if (!waiting || this.#closed) return;
    this.#waiting.delete(id);
    if (this.#settle(waiting.chain, waiting.next(answer), waiting)) this.#advance(waiting.chain);
  }

  expire(now: Instant): void {
    this.#now = now;
    if (!this.#everSignedIn && this.#signInBy !== undefined && now >= this.#signInBy) return this.#close();
    for (const waiting of this.#waiting.values()) {
      if (waiting.interimAt !== undefined && waiting.asyncId === 0n && now >= waiting.interimAt)
        this.#tellPending(waiting);
    }
  }

  poll(): Effect<SmbAsk> | undefined {
    return this.#effects.shift();
  }

  leave(): void {
    this.#close();
  }

  get full(): boolean {
    return this.#waiting.size > limits.waiting;
  }

  get wakeAt(): Instant | undefined {
    if (this.#closed) return undefined;
    let at = this.#everSignedIn ? undefined : this.#signInBy;
    for (const { interimAt, asyncId } of this.#waiting.values()) {
      if (interimAt === undefined || asyncId !== 0n) continue;
      if (at === undefined || interimAt < at) at = interimAt;
    }
    return at;
  }

  // What signing in needs of the connection.

  newSession(): SmbSession | undefined {
    if (this.#sessions.size >= limits.sessions) return undefined;
    const id = this.ambience.nextSessionId();
    const session = new SmbSession(id, this.#preauth, this.ambience.entropy(4));
    this.#sessions.set(id, session);
    return session;
  }

  forget(session: SmbSession): void {
    this.#sessions.delete(session.id);
  }

  // One frame: SMB1's hello, a sealed message, or a plain one.

  #frame({ kind, message }: Frame): boolean {
    if (kind === 0x85) return true;
    if (kind === 0x81) return this.#sendRaw(Uint8Array.of(0x82, 0, 0, 0));
    if (kind !== 0) return false;
    if (isSmb1(message)) return this.#smb1(message);
    if (isSealed(message)) return this.#sealedMessage(message);
    return this.#message(message, undefined);
  }

  #smb1(message: Uint8Array): boolean {
    if (this.#spoken || this.#multiProtocol) return false;
    const hello = decode(readMultiProtocolHello, message);
    if (!hello.ok || (hello.value === dialect.smb202 && this.settings.minDialect > dialect.smb202))
      return false;
    this.#multiProtocol = true;
    this.#credits.spend(0n, 1);
    const response = multiProtocolResponse(hello.value, this.settings, this.ambience);
    if (hello.value === dialect.smb202) this.#spoken = spokenBySmb1(response);
    const answer = builtFor(
      reply((w) => writeNegotiateResponse(w, response)),
      command.negotiate,
      0n,
    );
    return this.#send([answer], this.#credits.grant(1), undefined);
  }

  #sealedMessage(message: Uint8Array): boolean {
    const header = decode(readTransformHeader, message);
    const session = header.ok ? this.#sessions.get(header.value.sessionId) : undefined;
    if (!header.ok || !session?.keys || !this.#spoken || this.#spoken.cipher === 0) return false;
    const plain = openMessage(this.#spoken.cipher, session.keys.clientToServer, header.value, message);
    return plain !== undefined && this.#message(plain, session);
  }

  #message(message: Uint8Array, sealedBy: SmbSession | undefined): boolean {
    const elements = splitMessage(message);
    if (!elements) return false;
    for (const { header } of elements) {
      if ((header.flags & headerFlag.response) !== 0) return false;
      if (header.command === command.cancel) continue;
      if (!this.#credits.spend(header.messageId, Math.max(1, header.creditCharge))) return false;
    }
    const first = elements[0]!;
    if (first.header.command === command.cancel) return this.#cancel(first);
    if (first.header.command === command.negotiate) return this.#negotiate(first);
    if (!this.#spoken) return false;
    this.#advance(new Chain(elements, sealedBy));
    return !this.#closed;
  }

  #negotiate({ header, bytes }: Element): boolean {
    if (this.#spoken || header.next !== 0) return false;
    const request = decode((r) => (r.seek(headerSize), readNegotiateRequest(r)), bytes);
    const credits = this.#credits.grant(header.credits);
    const send = (what: Reply): boolean =>
      this.#send([builtFor(what, command.negotiate, header.messageId)], credits, undefined);
    if (!request.ok) return send(refuse(ntStatus.invalidParameter));
    const result = negotiate(request.value, this.settings, this.ambience);
    if (!result.ok) return send(refuse(result.status));
    this.#spoken = result.spoken;
    this.#preauth = sha512(this.#preauth, bytes);
    const after = (sent: Uint8Array): void => void (this.#preauth = sha512(this.#preauth, sent));
    return send(reply((w) => writeNegotiateResponse(w, result.response), { after }));
  }

  /** MS-SMB2 §3.3.5.16: no answer of its own; what it names answers CANCELLED. */
  #cancel({ header }: Element): boolean {
    const isAsync = (header.flags & headerFlag.async) !== 0;
    for (const waiting of this.#waiting.values()) {
      if (waiting.chain.isOver) continue;
      const named = isAsync
        ? waiting.asyncId === header.asyncId && header.asyncId !== 0n
        : waiting.chain.current.header.messageId === header.messageId;
      if (named) waiting.abort.abort();
    }
    return true;
  }

  // A message's requests, in order.

  #advance(chain: Chain): void {
    while (!chain.isOver && !this.#closed) {
      const abort = new AbortController();
      const step = beginRequest(chain, this.#rooms, abort.signal);
      if (!this.#settle(chain, step, undefined, abort)) return;
    }
    if (!this.#closed && chain.isOver && chain.answers.length > 0) this.#flush(chain);
  }

  /** Takes a step of the chain's current request; false while it waits for the gate. */
  #settle(chain: Chain, step: Step, before: Waiting | undefined, abort = before!.abort): boolean {
    if (step.kind === "wait") {
      const id = this.#nextAsk++;
      const interimAt =
        step.interimMs === undefined || !chain.isLast ? undefined : laterBy(this.#now!, step.interimMs);
      const asyncId = before?.asyncId ?? 0n;
      this.#waiting.set(id, { chain, next: (a) => step.next(a), abort, interimAt, asyncId });
      this.#effects.push({ do: "ask", id, ask: step.ask });
      return false;
    }
    if (step.kind === "nothing") {
      if (step.drop) this.#close();
      chain.at++;
      return true;
    }
    this.#finish(chain, step, before?.asyncId ?? 0n);
    return true;
  }

  #finish(chain: Chain, step: Reply, asyncId: bigint): void {
    const { header } = chain.current;
    if (asyncId === 0n) chain.credits += this.#credits.grant(header.credits);
    if (step.sessionId !== undefined) chain.sessionId = step.sessionId;
    if (step.treeId !== undefined) chain.treeId = step.treeId;
    if (step.file) chain.lastFile = step.file;
    const isError = step.status >= 0xc0000000;
    if (isError && (!chain.lastFile || header.command === command.create)) chain.lastRefusal = step.status;
    const session = this.#sessions.get(chain.sessionId) ?? undefined;
    if (session?.isValid) this.#everSignedIn = true;
    const wasSigned = (header.flags & headerFlag.signed) !== 0;
    chain.answers.push({
      command: header.command,
      messageId: header.messageId,
      creditCharge: header.creditCharge,
      flags:
        (header.flags & (headerFlag.related | headerFlag.priority | headerFlag.replay)) |
        (asyncId === 0n ? 0 : headerFlag.async),
      asyncId,
      treeId: chain.treeId,
      sessionId: chain.sessionId,
      reply: step,
      signedBy: step.signedBy ?? (wasSigned ? session : undefined),
    });
    chain.at++;
  }

  #flush(chain: Chain): void {
    const { answers, credits, sealedBy } = chain;
    chain.answers = [];
    chain.credits = 0;
    this.#send(answers, credits, sealedBy);
  }

  /** MS-SMB2 §3.3.4.2: the interim response; never signed, and it carries the credits. */
  #tellPending(waiting: Waiting): void {
    const { chain } = waiting;
    const { header } = chain.current;
    if (chain.answers.length > 0) this.#flush(chain);
    waiting.asyncId = this.#nextAsync++;
    const interim: Built = {
      ...builtFor(refuse(ntStatus.pending), header.command, header.messageId),
      creditCharge: header.creditCharge,
      flags: headerFlag.async | (header.flags & headerFlag.priority),
      asyncId: waiting.asyncId,
      sessionId: chain.sessionId,
    };
    this.#send([interim], this.#credits.grant(header.credits), chain.sealedBy);
  }

  // What the gate tells of its own accord.

  #askForEvents(): void {
    const id = this.#nextAsk++;
    this.#effects.push({ do: "ask", id, ask: { kind: "event" } });
    const chain = new Chain([], undefined);
    const next = (answer: SmbAnswer): Step => {
      if (answer.ok) {
        this.#tell(answer.value as GateEvent);
        this.#askForEvents();
      }
      return { kind: "nothing", drop: false };
    };
    this.#waiting.set(id, { chain, next, abort: new AbortController(), interimAt: undefined, asyncId: 0n });
  }

  #tell(event: GateEvent): void {
    const session = this.#sessions.get(event.session);
    if (event.event === "session-gone") {
      if (session) this.forget(session);
      return;
    }
    const { notice } = event;
    const what =
      event.event === "lease-break"
        ? reply((w) => writeLeaseBreak(w, event.notice))
        : reply((w) => writeBreakAck(w, event.notice));
    const built = builtFor(what, command.oplockBreak, unsolicited);
    const isLease = !("kind" in notice);
    const sessionId = isLease ? 0n : event.session;
    this.#send([{ ...built, creditCharge: 0, sessionId }], 0, session?.encrypt ? session : undefined);
  }

  // Out.

  #send(answers: readonly Built[], credits: number, sealedBy: SmbSession | undefined): boolean {
    const sealing = sealedBy?.keys ? { session: sealedBy, cipher: this.#spoken!.cipher } : undefined;
    for (const bytes of responseBytes(answers, credits, sealing)) this.#effects.push({ do: "send", bytes });
    return true;
  }

  #sendRaw(bytes: Uint8Array): boolean {
    this.#effects.push({ do: "send", bytes });
    return true;
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const waiting of this.#waiting.values()) waiting.abort.abort();
    this.#effects.push({ do: "close" });
  }
}
