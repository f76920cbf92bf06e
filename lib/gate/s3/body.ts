import { BodyLost } from "../../base/http.ts";
import type { Fault } from "../../base/fault.ts";
import { concat, fromBase64, fromHex } from "../../base/bytes.ts";
import { AwsChunkedDecoder } from "../../proto/s3/aws-chunked.ts";
import { readBodyChecksums, type BodyChecksums, type Checksum } from "../../proto/s3/checksum.ts";
import { refuse, type Parsed, type S3Error } from "../../proto/s3/error.ts";
import { readPayload, type Payload } from "../../proto/s3/payload.ts";
import type { DigestName, Digests, Source } from "../../store/content.ts";
import { checkDigests, digestsOf } from "../../store/digests.ts";
import type { Call } from "./call.ts";
import { faultAnswer, type Absent } from "./faults.ts";
import { putBytes } from "./needs.ts";

/** A request's body on its way into the store. */
export interface Incoming {
  readonly source: Source;
  /** The checksum the sender chose. */
  readonly chosen: Checksum | undefined;
  /** What the bytes must hash to; a trailer's value is in it once the source has ended. */
  readonly expect: () => Digests;
  /** The answer for a fault of the store, which may have been the body's. */
  refusal(fault: Fault, absent: Absent): ReturnType<typeof refuse>;
}

/** Reads what the head says of the body. Refuses what has no length, is too large, or contradicts itself. */
export function openBody(call: Call): Parsed<Incoming> {
  const payload = readPayload(call.headers);
  if (!payload.ok) return payload;
  const size = payload.value.kind === "chunked" ? payload.value.size : call.request.length;
  if (size === undefined) {
    return refuse("MissingContentLength", "You must provide the Content-Length HTTP header.");
  }
  if (size > putBytes) {
    return refuse("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", {
      extra: { ProposedSize: String(size), MaxSizeAllowed: String(putBytes) },
    });
  }
  if (payload.value.kind === "chunked" && payload.value.signed && !call.signer) {
    return refuse("AccessDenied", "A body in signed chunks needs a signed request.");
  }
  const trailer = payload.value.kind === "chunked" ? payload.value.trailer : undefined;
  const sums = readBodyChecksums(call.headers, trailer);
  return sums.ok ? { ok: true, value: new IncomingBody(call, payload.value, size, sums.value) } : sums;
}

class IncomingBody implements Incoming {
  readonly source: Source;
  readonly chosen: Checksum | undefined;
  #failure: S3Error | undefined;
  readonly #expected: { -readonly [name in DigestName]?: Uint8Array } = {};
  readonly #sha256: boolean;

  constructor(call: Call, payload: Payload, size: number, sums: BodyChecksums) {
    const { chosen, md5 } = sums;
    this.chosen = chosen?.checksum;
    if (md5) this.#expected.md5 = md5;
    if (chosen?.value) this.#expected[chosen.checksum.name] = chosen.value;
    const announced = payload.kind === "plain" && payload.sha256 !== undefined && fromHex(payload.sha256);
    this.#sha256 = announced instanceof Uint8Array && !this.#expected.sha256;
    if (announced instanceof Uint8Array && this.#sha256) this.#expected.sha256 = announced;
    const chunks = payload.kind === "plain" ? call.request.body : this.#decoded(call, payload);
    this.source = { size, chunks: this.#noticing(chunks) };
  }

  readonly expect = (): Digests => this.#expected;

  refusal(fault: Fault, absent: Absent): ReturnType<typeof refuse> {
    if (this.#failure) return { ok: false, fault: this.#failure };
    if (fault.code !== "digest") return faultAnswer(fault, absent);
    if (fault.where === "sha256" && this.#sha256) {
      return refuse(
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    }
    const what = fault.where === "md5" ? "Content-MD5" : (fault.where ?? "checksum").toUpperCase();
    return refuse("BadDigest", `The ${what} you specified did not match the calculated checksum.`);
  }

  async *#noticing(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      if (error instanceof BodyLost && error.why === "stalled") {
        this.#failure = {
          code: "RequestTimeout",
          message:
            "Your socket connection to the server was not read from or written to within the timeout period.",
        };
      }
      throw error;
    }
  }

  async *#decoded(call: Call, payload: Payload & { kind: "chunked" }): AsyncGenerator<Uint8Array> {
    const { size, trailer, signed } = payload;
    const decoder = new AwsChunkedDecoder({ size, trailer, signer: signed ? call.signer : undefined });
    const out: Uint8Array[] = [];
    for await (const bytes of call.request.body) {
      this.#stopAt(decoder.push(bytes, out));
      yield* out;
      out.length = 0;
    }
    this.#stopAt(decoder.finish());
    this.#takeTrailer(decoder.trailerValue);
  }

  #takeTrailer(text: string | undefined): void {
    if (text === undefined || !this.chosen) return;
    const value = fromBase64(text);
    if (value?.length !== this.chosen.bytes) {
      this.#stopAt({ code: "InvalidRequest", message: "Value for the trailing checksum header is invalid." });
    } else this.#expected[this.chosen.name] = value;
  }

  #stopAt(failure: S3Error | undefined): void {
    if (!failure) return;
    this.#failure = failure;
    throw new BodyLost("malformed");
  }
}

/** The whole of a small document body, its length and checksums as announced. `most` is in bytes. */
export async function readDocument(call: Call, most: number, mustSum = false): Promise<Parsed<Uint8Array>> {
  const body = openBody(call);
  if (!body.ok) {
    // A document may come chunked, without a length.
    if (body.fault.code !== "MissingContentLength" || call.request.length !== undefined) return body;
  }
  if (mustSum && !call.headers.has("content-md5") && !(body.ok && body.value.chosen)) {
    return refuse("InvalidRequest", "Missing required header for this request: Content-MD5");
  }
  const source = body.ok ? body.value.source : { size: undefined, chunks: call.request.body };
  if ((source.size ?? 0) > most) return tooLarge(most);
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of source.chunks) {
      size += chunk.length;
      if (size > most) return tooLarge(most);
      parts.push(chunk);
    }
  } catch (error) {
    if (!(error instanceof BodyLost)) throw error;
    const fault = { code: "truncated", what: "the body was cut" } as const;
    return body.ok ? body.value.refusal(fault, "NoSuchBucket") : faultAnswer(fault, "NoSuchBucket");
  }
  const bytes = parts.length === 1 ? parts[0]! : concat(parts);
  if (!body.ok) return { ok: true, value: bytes };
  const expected = body.value.expect();
  const checked = checkDigests(expected, digestsOf(Object.keys(expected) as DigestName[], bytes));
  return checked.ok ? { ok: true, value: bytes } : body.value.refusal(checked.fault, "NoSuchBucket");
}

const tooLarge = (most: number): ReturnType<typeof refuse> =>
  refuse("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", {
    extra: { MaxSizeAllowed: String(most) },
  });
