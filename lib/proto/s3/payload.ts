import { refuse, type Parsed } from "./error.ts";

export const emptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
export const unsignedPayload = "UNSIGNED-PAYLOAD";

/** How a request's body is written, by `x-amz-content-sha256` alone. */
export type Payload =
  | { readonly kind: "plain"; readonly sha256: string | undefined }
  | {
      readonly kind: "chunked";
      /** Whether each chunk carries a signature. */
      readonly signed: boolean;
      /** The header that follows the last chunk, lower case; undefined for none. */
      readonly trailer: string | undefined;
      /** Bytes once decoded. */
      readonly size: number;
    };

const modes: ReadonlyMap<string, { signed: boolean; trailing: boolean }> = new Map([
  ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", { signed: true, trailing: false }],
  ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", { signed: true, trailing: true }],
  ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", { signed: false, trailing: true }],
]);

export function readPayload(headers: ReadonlyMap<string, string>): Parsed<Payload> {
  const text = headers.get("x-amz-content-sha256");
  if (text === undefined || text === unsignedPayload) {
    return { ok: true, value: { kind: "plain", sha256: undefined } };
  }
  if (/^[0-9a-fA-F]{64}$/.test(text))
    return { ok: true, value: { kind: "plain", sha256: text.toLowerCase() } };
  const mode = modes.get(text);
  if (!mode) {
    return text.startsWith("STREAMING-AWS4-ECDSA-")
      ? refuse("NotImplemented", "Signature version 4A is not implemented.")
      : refuse(
          "InvalidArgument",
          "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a streaming mode, or a valid sha256 value.",
        );
  }
  const length = headers.get("x-amz-decoded-content-length");
  if (length === undefined) {
    return refuse("MissingContentLength", "You must provide the Content-Length HTTP header.");
  }
  if (!/^\d{1,15}$/.test(length)) {
    return refuse("InvalidArgument", "The x-amz-decoded-content-length header is not a number.");
  }
  const trailer = headers.get("x-amz-trailer")?.trim().toLowerCase();
  if (mode.trailing && (trailer === undefined || !/^[a-z0-9-]{1,64}$/.test(trailer))) {
    return refuse("MalformedTrailerError", "The request must name one trailing header in x-amz-trailer.");
  }
  const value = {
    kind: "chunked",
    signed: mode.signed,
    trailer: mode.trailing ? trailer : undefined,
    size: Number(length),
  } as const;
  return { ok: true, value };
}
