import type { HttpAnswer, HttpExchange, HttpRequest, HttpStream } from "../base/http.ts";
import type { Log } from "../watch/log.ts";
import { chunkHead, continueHead, lastChunk, writeAnswerHead } from "../wire/http-answer.ts";
import { HttpRefusal, type HeadReader, type RequestHead } from "../wire/http-head.ts";
import { HttpReader } from "../wire/http-reader.ts";
import type { FileSender } from "./platform/send-file.ts";
import { noBody, RequestBody, type BodySource } from "./http-body.ts";
import { Outlet, type ByteSink } from "./http-outlet.ts";

/** What a connection needs of its socket. */
export interface HttpSocket extends ByteSink {
  pause(): void;
  resume(): void;
  /** Ends our side; what the peer still says is heard. */
  shutdown(): void;
  /** Closes behind what was written. */
  end(): void;
  /** Closes at once. */
  terminate(): void;
}

/** What all connections of a listener share. */
export interface HttpHouse {
  readonly exchange: HttpExchange;
  readonly log: Log;
  readonly heads: HeadReader;
  readonly secure: boolean;
  readonly limits: ConnectionLimits;
  /** Whether answers are the last of their connections. */
  readonly stopping: boolean;
  /** The value of Date, right now. */
  date(): string;
  /** Where files can be sent without being read. */
  readonly files: FileSender | undefined;
  /** Memory to put an answer together in, of `smallBytes` and a head at least. */
  readonly scratch: Buffer;
}

/** How long the phases of a connection may last. */
export interface ConnectionLimits {
  /** A body or an answer moves at least `stallBytes` in every `stallMs`, or its connection ends. */
  readonly stallMs: number;
  readonly stallBytes: number;
  /** A connection without a request ends after this. */
  readonly idleMs: number;
  /** A head is whole this long after its first byte; the first one after the connection was made. */
  readonly headMs: number;
}

/** Answers up to this size go out in one write with their head. */
export const smallBytes = 64 << 10;
/** Requests sent ahead of their answers: more of them stay in the socket. */
const aheadBytes = 64 << 10;
/** A peer we are done with may say so much, for so long, that it reads the answer and not a reset. */
const linger = { bytes: 16 << 20, ms: 2000 };

/** "fresh": no head has begun yet. "lingering": our side has ended. */
type Phase = "fresh" | "idle" | "head" | "serving" | "lingering" | "closed";

/** One connection: reads requests, one after the other, and sends their answers. */
export class HttpConnection implements BodySource {
  #phase: Phase = "fresh";
  /** When the sweep first saw the present phase. */
  #since: number | undefined;
  /** What had moved when the stall window began. */
  #movedThen = 0;
  #peerEnded = false;
  #paused = false;
  #lingered = 0;
  #head: RequestHead | undefined;
  #body: RequestBody | undefined;
  readonly #reader: HttpReader;
  readonly #outlet: Outlet;
  readonly #socket: HttpSocket;
  readonly #house: HttpHouse;
  readonly #address: string;

  constructor(socket: HttpSocket, address: string, house: HttpHouse) {
    this.#socket = socket;
    this.#house = house;
    this.#address = address;
    this.#reader = new HttpReader(house.heads);
    this.#outlet = new Outlet(socket);
  }

  get serving(): boolean {
    return this.#phase === "serving";
  }

  /** The memory belongs to the connection from now on. */
  receive(bytes: Uint8Array): void {
    if (this.#phase === "closed") return;
    if (this.#phase === "lingering") {
      this.#lingered += bytes.length;
      if (this.#lingered > linger.bytes) this.#socket.terminate();
      return;
    }
    this.#reader.push(bytes);
    this.#read();
  }

  drain(): void {
    this.#outlet.drain();
  }

  /** The peer has said all it will. */
  peerEnded(): void {
    this.#peerEnded = true;
    this.#body?.lose("truncated");
    if (this.#phase !== "serving") this.#socket.end();
  }

  closed(): void {
    this.#enter("closed");
    this.#body?.lose("truncated");
    this.#outlet.close();
  }

  /** The listener stops: this connection ends now, or with its answer. */
  leave(): void {
    if (this.#phase === "fresh" || this.#phase === "idle" || this.#phase === "head") this.#socket.end();
  }

  cut(): void {
    this.#socket.terminate();
  }

  /** Looks whether the peer keeps its pace. To be called every now and then. */
  sweep(now: number): void {
    const { idleMs, headMs } = this.#house.limits;
    this.#since ??= now;
    const ms = now - this.#since;
    if (this.#phase === "serving") this.#sweepServing(now, ms);
    else if (this.#phase === "idle") {
      if (ms > idleMs) this.#socket.end();
    } else if (this.#phase === "fresh") {
      if (ms > headMs) this.#socket.end();
    } else if (this.#phase === "head") {
      if (ms > headMs) this.#refuse(408);
    } else if (ms > linger.ms) this.#socket.terminate();
  }

  #sweepServing(now: number, ms: number): void {
    const { stallMs, stallBytes } = this.#house.limits;
    const waiting = this.#body?.waiting === true || this.#outlet.waiting;
    const moved = (this.#body?.received ?? 0) + this.#outlet.sent;
    const enough = moved - this.#movedThen >= stallBytes;
    // A window counts from the last moment when the peer was not the one waited for.
    if (waiting && ms < stallMs) return;
    if (waiting && !enough) {
      if (this.#outlet.waiting) return this.#socket.terminate();
      this.#body?.lose("stalled");
    }
    this.#since = now;
    this.#movedThen = moved;
  }

  // --- reading

  begin(): void {
    if (this.#head?.expects && this.#body?.received === 0) this.#outlet.write(Buffer.from(continueHead));
  }

  pause(): void {
    if (this.#paused || this.#phase === "closed") return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused || this.#phase === "closed") return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** Goes on as far as what has come allows: one request at a time, its body as it comes. */
  #read(): void {
    while (this.#phase !== "serving" || this.#body?.complete === false) {
      const input = this.#reader.next();
      if (!input) break;
      if (input.is === "refused") return this.#refused(input.refusal);
      if (input.is === "head") this.#serve(input.head);
      else if (input.is === "data") this.#body?.arrive(input.bytes);
      else this.#body?.end();
      if (this.#phase === "lingering" || this.#phase === "closed") return;
    }
    if (this.#phase === "serving") {
      if (this.#reader.heldBytes > aheadBytes) this.pause();
    } else if (this.#reader.amidHead && this.#phase !== "head") this.#enter("head");
  }

  #serve(head: RequestHead): void {
    this.#enter("serving");
    this.#movedThen = this.#outlet.sent;
    this.#head = head;
    this.#body = head.length === 0 ? undefined : new RequestBody(this);
    // botocore takes an answer without it for the next request's answer, on a connection that stays.
    if (head.expects && head.length === 0) this.#outlet.write(Buffer.from(continueHead));
    const request: HttpRequest = {
      method: head.method,
      target: head.target,
      headers: head.headers,
      address: this.#address,
      secure: this.#house.secure,
      length: head.length,
      body: this.#body ?? noBody,
    };
    this.#house.exchange(request).then(this.#answer, this.#broken);
  }

  #refused(refusal: HttpRefusal): void {
    this.#house.log.debug("request refused", { why: refusal.why, peer: this.#address });
    if (this.#phase === "serving") return this.#body?.lose("malformed");
    this.#refuse(refusal.status);
  }

  /** What cannot be read as a request is answered without anybody being asked. */
  #refuse(status: number): void {
    const headers = { date: this.#house.date(), connection: "close", "content-length": "0" };
    this.#outlet.write(Buffer.from(`${writeAnswerHead({ status, headers })}\r\n`, "latin1"));
    this.#end();
  }

  // --- answering

  readonly #answer = (answer: HttpAnswer): void => {
    const { body } = answer;
    const streams = typeof body === "object" && "chunks" in body;
    if (this.#phase !== "serving") {
      if (streams) this.#letGo(body);
      return;
    }
    const last = this.#isLast(streams && body.size === undefined);
    if (streams) return void this.#stream(answer, body, last).catch(this.#broken);
    const whole = this.#sendWhole(answer, body, last);
    if (whole) this.#done(last);
    else void this.#outlet.drained().then(() => this.#done(last));
  };

  /** A source that fails cuts the connection: the reader sees a body shorter than announced. */
  readonly #broken = (error: unknown): void => {
    this.#house.log.error("answer not sent", { error: String(error) });
    this.#socket.terminate();
  };

  #isLast(unknownSize: boolean): boolean {
    const { keepsAlive, minor } = this.#head!;
    const unread = this.#body?.complete === false;
    return !keepsAlive || unread || this.#peerEnded || this.#house.stopping || (unknownSize && minor === 0);
  }

  /** The head's text: the answer's own fields, then those of the framing. */
  #headText(answer: HttpAnswer, size: number | undefined, last: boolean): string {
    let text = writeAnswerHead(answer);
    if (!isBare(this.#head!.method, answer.status)) {
      if (size !== undefined) text += `content-length: ${size}\r\n`;
      else if (this.#head!.minor === 1) text += "transfer-encoding: chunked\r\n";
    }
    if (last) text += "connection: close\r\n";
    else if (this.#head!.minor === 0) text += "connection: keep-alive\r\n";
    return `${text}date: ${this.#house.date()}\r\n\r\n`;
  }

  /** True where the system has all of it. */
  #sendWhole(answer: HttpAnswer, body: Uint8Array | string | undefined, last: boolean): boolean {
    const size = typeof body === "string" ? Buffer.byteLength(body) : (body?.length ?? 0);
    const head = this.#headText(answer, size, last);
    const shown = body === undefined || isBare(this.#head!.method, answer.status) ? 0 : size;
    const { scratch } = this.#house;
    const fits = head.length + shown <= scratch.length;
    const into = fits ? scratch : Buffer.allocUnsafeSlow(head.length + shown);
    into.write(head, 0, "latin1");
    if (shown > 0 && typeof body === "string") into.write(body, head.length);
    else if (shown > 0) into.set(body as Uint8Array, head.length);
    return this.#outlet.write(into, head.length + shown, fits);
  }

  async #stream(answer: HttpAnswer, stream: HttpStream, last: boolean): Promise<void> {
    const outlet = this.#outlet;
    try {
      const head = Buffer.from(this.#headText(answer, stream.size, last), "latin1");
      if (!outlet.write(head)) await outlet.drained();
      if (!isBare(this.#head!.method, answer.status)) await this.#pump(stream);
    } finally {
      await stream.close();
    }
    this.#done(last);
  }

  async #pump(stream: HttpStream): Promise<void> {
    const outlet = this.#outlet;
    const chunked = stream.size === undefined && this.#head!.minor === 1;
    const { files } = this.#house;
    let count = 0;
    for await (const chunk of files && !chunked && stream.stretches ? stream.stretches : stream.chunks) {
      if (outlet.gone) return;
      if ("fd" in chunk) {
        await outlet.sendFile(chunk, files!);
        count += chunk.end - chunk.start;
        continue;
      }
      if (chunk.length === 0) continue;
      count += chunk.length;
      if (!outlet.write(chunked ? framed(chunk) : chunk)) await outlet.drained();
    }
    if (stream.size !== undefined && count !== stream.size) {
      throw new Error(`${count} bytes of ${stream.size} were there`);
    }
    if (chunked && !outlet.write(Buffer.from(lastChunk))) await outlet.drained();
  }

  #letGo(stream: HttpStream): void {
    stream.close().catch((error: unknown) => {
      this.#house.log.error("answer not closed", { error: String(error) });
    });
  }

  /** The answer is with the system. */
  #done(last: boolean): void {
    if (this.#phase !== "serving") return;
    if (last || this.#body?.complete === false) return this.#end();
    this.#head = undefined;
    this.#body = undefined;
    if (this.#house.stopping) return this.#end();
    this.#enter("idle");
    this.#read();
    if (this.#phase !== "serving") this.resume();
  }

  /** Ends our side, and hears the peer out for a moment. */
  #end(): void {
    if (this.#phase === "closed") return;
    if (this.#peerEnded) return this.#socket.end();
    this.#enter("lingering");
    this.#socket.shutdown();
    this.resume();
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#since = undefined;
  }
}

/** Answers that have no body, whatever their headers say. */
const isBare = (method: string, status: number): boolean =>
  method === "HEAD" || status === 204 || status === 304;

const framed = (chunk: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(chunkHead(chunk.length)), chunk, Buffer.from("\r\n")]);
