import type { Stretch } from "./file-range.ts";

/** One HTTP request as a gate sees it. Texts hold one byte a character (Latin-1), as the wire had them. */
export interface HttpRequest {
  readonly method: string;
  /** The request target exactly as sent, never normalised. */
  readonly target: string;
  /** By lower-case name; repeats joined by ",". */
  readonly headers: ReadonlyMap<string, string>;
  /** The peer's address without port. */
  readonly address: string;
  /** Came over TLS. */
  readonly secure: boolean;
  /** Announced body length in bytes; undefined for a chunked body of unknown length. */
  readonly length: number | undefined;
  /** Can be read once; reading is what answers `Expect: 100-continue`. Throws `BodyLost` when it is cut. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** A gate's answer. `headers` need no Content-Length, Date or Connection. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string | HttpStream | undefined;
}

/** A body sent as it is read. `close` runs once, however it ends. */
export interface HttpStream {
  /** Bytes; undefined: chunked, length not known beforehand. */
  readonly size: number | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** The same bytes, partly still in their files: read instead of `chunks` where files can be sent so. */
  readonly stretches?: AsyncIterable<Stretch> | undefined;
  close(): Promise<void>;
}

/** What answers one request. Never rejects for what a client did. */
export type HttpExchange = (request: HttpRequest) => Promise<HttpAnswer>;

/** The body ended before its announced length, or stalled longer than the listener allows. */
export class BodyLost extends Error {
  override readonly name = "BodyLost";
  readonly why: "truncated" | "stalled" | "malformed";

  constructor(why: "truncated" | "stalled" | "malformed") {
    super(`request body ${why}`);
    this.why = why;
  }
}
