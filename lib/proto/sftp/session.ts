import { decode } from "../../wire/decode.ts";
import type { Effect, Session } from "../../base/session.ts";
import type { Instant, UnixMs } from "../../base/time.ts";
import type { Desk } from "./answering.ts";
import type { Flow, SftpAnswer, SftpAsk } from "./asks.ts";
import { offered } from "./extensions.ts";
import { SftpFrames } from "./frames.ts";
import { Handles } from "./handles.ts";
import { People } from "./people.ts";
import * as reply from "./replies.ts";
import { initType, readRequest } from "./requests.ts";
import { serve } from "./serve.ts";

export interface SftpSettings {
  /** Who has signed in. */
  readonly user: string;
  readonly wall: () => UnixMs;
}

/** Requests under way at once; beyond it the channel is not read. OpenSSH keeps 64. */
const maxRequests = 128;

/** One SFTP version 3 conversation, without channels, files or clocks (draft-ietf-secsh-filexfer-02, with
 *  OpenSSH's extensions). Many requests run at once and are answered as they end; whatever is no SFTP ends
 *  the conversation. */
export class SftpSession implements Session<SftpAsk, SftpAnswer> {
  readonly #frames = new SftpFrames();
  readonly #desk: Desk;
  readonly #flows = new Map<number, Flow>();
  readonly #out: Effect<SftpAsk>[] = [];
  #nextId = 1;
  #begun = false;
  #closed = false;
  readonly wakeAt: Instant | undefined = undefined;

  constructor({ user, wall }: SftpSettings) {
    this.#desk = { user, wall, handles: new Handles(), people: new People() };
  }

  get full(): boolean {
    return this.#flows.size >= maxRequests;
  }

  receive(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#frames.push(bytes);
    this.#readOn();
  }

  answer(id: number, answer: SftpAnswer): void {
    const flow = this.#flows.get(id);
    if (!flow) return;
    this.#flows.delete(id);
    this.#step(flow, answer);
    this.#readOn();
  }

  expire(): void {}

  leave(): void {
    this.#close();
  }

  poll(): Effect<SftpAsk> | undefined {
    return this.#out.shift();
  }

  #readOn(): void {
    while (!this.#closed && !this.full) {
      const packet = this.#frames.next();
      if (packet === undefined) return;
      if (packet === "malformed") return this.#close();
      this.#take(packet);
    }
  }

  /** filexfer-02 §4: INIT first and once; then requests. */
  #take(packet: Uint8Array): void {
    const isInit = packet[0] === initType;
    if (isInit !== !this.#begun) return this.#close();
    if (isInit) return this.#begin(packet);
    const request = decode(readRequest, packet);
    if (!request.ok) return this.#close();
    const served = serve(this.#desk, request.value);
    return served instanceof Uint8Array ? this.#send(served) : this.#step(served, undefined);
  }

  /** byte type | uint32 version | extensions, which nobody sends */
  #begin(packet: Uint8Array): void {
    const version = decode((r) => (r.skip(1), r.u32()), packet);
    if (!version.ok || version.value < 3) return this.#close();
    this.#begun = true;
    this.#send(reply.versionReply(offered));
  }

  #step(flow: Flow, answer: SftpAnswer | undefined): void {
    const { done, value } = answer === undefined ? flow.next() : flow.next(answer);
    if (done) return this.#send(value);
    const id = this.#nextId++;
    this.#flows.set(id, flow);
    this.#out.push({ do: "ask", id, ask: value });
    return undefined;
  }

  #send(bytes: Uint8Array): void {
    this.#out.push({ do: "send", bytes });
  }

  #close(): void {
    this.#closed = true;
    this.#out.push({ do: "close" });
  }
}
