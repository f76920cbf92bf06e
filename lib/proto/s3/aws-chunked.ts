import { lossyText } from "../../base/bytes.ts";
import { equalTexts } from "../../crypto/equal.ts";
import {
  hmacSha256HexLatin1,
  runningSha256,
  sha256HexLatin1,
  type RunningSha256,
} from "../../crypto/hash.ts";
import type { S3Error } from "./error.ts";
import { emptySha256 } from "./payload.ts";

/** What chunk signatures are chained from: the request's own signature and its key. */
export interface ChunkSigner {
  readonly key: Uint8Array;
  readonly amzDate: string;
  readonly scope: string;
  /** The signature in the Authorization header. */
  readonly seed: string;
}

const limits = { sizeLine: 256, trailer: 2048, leastChunk: 8192 } as const;

/** Decodes an `aws-chunked` body as it comes, and checks each chunk's signature before it says it is whole:
 *
 *      hex-size[;chunk-signature=S] CRLF data CRLF … 0[;chunk-signature=S] CRLF
 *      [name:value CRLF [x-amz-trailer-signature:S CRLF]] CRLF
 *
 *  Holds no data back: what `push` gives may be kept only once `finish` has agreed. A refusal is final. */
export class AwsChunkedDecoder {
  #state: "size" | "data" | "data-end" | "trailer" | "done" = "size";
  #line = "";
  #left = 0;
  #chunkSize: number | undefined;
  #claimed = "";
  #total = 0;
  #previous: string;
  #hash: RunningSha256 | undefined;
  #trailerValue: string | undefined;
  #trailerSignature: string | undefined;
  #trailerBytes = 0;
  #refusal: S3Error | undefined;
  readonly #signer: ChunkSigner | undefined;
  readonly #trailer: string | undefined;
  readonly #size: number;

  constructor(how: { size: number; trailer: string | undefined; signer: ChunkSigner | undefined }) {
    this.#signer = how.signer;
    this.#trailer = how.trailer;
    this.#size = how.size;
    this.#previous = how.signer?.seed ?? "";
  }

  /** The trailing header's value, once `finish` has agreed. */
  get trailerValue(): string | undefined {
    return this.#trailerValue;
  }

  /** Appends decoded pieces (views of `bytes`) to `out`. */
  push(bytes: Uint8Array, out: Uint8Array[]): S3Error | undefined {
    let at = 0;
    while (at < bytes.length && !this.#refusal) {
      if (this.#state === "data") {
        const piece = bytes.subarray(at, at + this.#left);
        at += piece.length;
        this.#left -= piece.length;
        this.#hash?.update(piece);
        out.push(piece);
        if (this.#left === 0) this.#state = "data-end";
      } else if (this.#state === "done") {
        // One more line end, from those who send LF and CRLF after the trailer.
        const byte = bytes[at++];
        if (byte === 13 || byte === 10) continue;
        this.#refuse("IncompleteBody", "The request body goes on after its last chunk.");
      } else at = this.#readLine(bytes, at);
    }
    return this.#refusal;
  }

  /** To be called at the end of the body. */
  finish(): S3Error | undefined {
    if (this.#refusal) return this.#refusal;
    const bare = this.#state === "trailer" && this.#trailer === undefined;
    if ((this.#state !== "done" && !bare) || this.#total !== this.#size) {
      this.#refuse("IncompleteBody", "The request body terminated unexpectedly");
    }
    return this.#refusal;
  }

  #readLine(bytes: Uint8Array, from: number): number {
    const newline = bytes.indexOf(10, from);
    const end = newline < 0 ? bytes.length : newline;
    const most = this.#state === "trailer" ? limits.trailer : limits.sizeLine;
    if (this.#line.length + end - from > most) {
      this.#refuse("InvalidChunkSizeError", "A line between the chunks is too long.");
      return bytes.length;
    }
    this.#line += lossyText(bytes.subarray(from, end));
    if (newline < 0) return bytes.length;
    const line = this.#line.endsWith("\r") ? this.#line.slice(0, -1) : this.#line;
    this.#line = "";
    if (this.#state === "size") this.#beginChunk(line);
    else if (this.#state === "data-end") this.#endChunk(line);
    else this.#trailerLine(line);
    return newline + 1;
  }

  #beginChunk(line: string): void {
    const m = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
    const size = m ? Number.parseInt(m[1]!, 16) : -1;
    if (!m || (m[2] !== undefined) !== (this.#signer !== undefined)) {
      return this.#refuse("InvalidChunkSizeError", "The chunk header is not well-formed.");
    }
    if (size > this.#size - this.#total) {
      return this.#refuse("IncompleteBody", "The chunks are longer than x-amz-decoded-content-length.");
    }
    if (size > 0 && this.#chunkSize !== undefined && this.#chunkSize < limits.leastChunk) {
      return this.#refuse(
        "InvalidChunkSizeError",
        "Only the last chunk can have a size less than 8192 bytes",
      );
    }
    this.#chunkSize = size;
    this.#claimed = m[2] ?? "";
    this.#total += size;
    this.#left = size;
    if (this.#signer) this.#hash = runningSha256();
    this.#state = size > 0 ? "data" : "trailer";
    if (size === 0) this.#checkChunk();
  }

  #endChunk(line: string): void {
    if (line !== "") return this.#refuse("InvalidChunkSizeError", "The chunk is longer than it says.");
    this.#state = "size";
    this.#checkChunk();
  }

  #checkChunk(): void {
    if (!this.#signer || !this.#hash) return;
    const text = `${this.#signedHead("PAYLOAD")}\n${emptySha256}\n${this.#hash.hex()}`;
    this.#expect(hmacSha256HexLatin1(this.#signer.key, text), this.#claimed);
  }

  #trailerLine(line: string): void {
    this.#trailerBytes += line.length + 2;
    if (this.#trailerBytes > limits.trailer) return this.#badTrailer();
    if (line === "") return this.#endTrailer();
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (colon > 0 && name === this.#trailer && this.#trailerValue === undefined) this.#trailerValue = value;
    else if (name === "x-amz-trailer-signature" && this.#signer && this.#trailer)
      this.#trailerSignature = value;
    else this.#badTrailer();
  }

  #endTrailer(): void {
    // Some senders end the value with LF and the line with CRLF: the empty line between is no end.
    if (this.#signer && this.#trailerValue !== undefined && this.#trailerSignature === undefined) return;
    this.#state = "done";
    if (this.#trailer === undefined) return;
    if (this.#trailerValue === undefined) return this.#badTrailer();
    if (!this.#signer) return;
    const hash = sha256HexLatin1(`${this.#trailer}:${this.#trailerValue}\n`);
    const signature = hmacSha256HexLatin1(this.#signer.key, `${this.#signedHead("TRAILER")}\n${hash}`);
    this.#expect(signature, this.#trailerSignature ?? "");
  }

  #signedHead(what: "PAYLOAD" | "TRAILER"): string {
    return `AWS4-HMAC-SHA256-${what}\n${this.#signer!.amzDate}\n${this.#signer!.scope}\n${this.#previous}`;
  }

  #expect(signature: string, claimed: string): void {
    this.#previous = signature;
    if (equalTexts(signature, claimed)) return;
    this.#refuse("SignatureDoesNotMatch", "A chunk's signature does not match what was calculated for it.");
  }

  #badTrailer(): void {
    this.#refuse("MalformedTrailerError", "The request contained trailing data that was not well-formed.");
  }

  #refuse(code: S3Error["code"], message: string): void {
    this.#refusal = { code, message };
  }
}
