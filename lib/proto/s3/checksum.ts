import { base64, equalBytes, fromBase64 } from "../../base/bytes.ts";
import { refuse, type Parsed } from "./error.ts";

/** Checksums S3 clients may choose; `wire` is the name in XML and in `x-amz-checksum-algorithm`. */
export const checksums = [
  { name: "crc64nvme", wire: "CRC64NVME", element: "ChecksumCRC64NVME", bytes: 8 },
  { name: "crc32", wire: "CRC32", element: "ChecksumCRC32", bytes: 4 },
  { name: "crc32c", wire: "CRC32C", element: "ChecksumCRC32C", bytes: 4 },
  { name: "sha1", wire: "SHA1", element: "ChecksumSHA1", bytes: 20 },
  { name: "sha256", wire: "SHA256", element: "ChecksumSHA256", bytes: 32 },
  { name: "sha512", wire: "SHA512", element: "ChecksumSHA512", bytes: 64 },
  { name: "xxhash64", wire: "XXHASH64", element: "ChecksumXXHASH64", bytes: 8 },
  { name: "xxhash3", wire: "XXHASH3", element: "ChecksumXXHASH3", bytes: 8 },
  { name: "xxhash128", wire: "XXHASH128", element: "ChecksumXXHASH128", bytes: 16 },
  { name: "md5", wire: "MD5", element: "ChecksumMD5", bytes: 16 },
] as const;
export type Checksum = (typeof checksums)[number];
export type ChecksumName = Checksum["name"];
export type ChecksumType = "COMPOSITE" | "FULL_OBJECT";

const byHeader: ReadonlyMap<string, Checksum> = new Map(
  checksums.map((c) => [`x-amz-checksum-${c.name}`, c]),
);
const byWire: ReadonlyMap<string, Checksum> = new Map(checksums.map((c) => [c.wire, c]));

export const checksumOfTrailer = (header: string): Checksum | undefined => byHeader.get(header);
export const checksumOfWire = (wire: string): Checksum | undefined => byWire.get(wire.toUpperCase());
export const checksumNamed = (name: ChecksumName): Checksum => checksums.find((c) => c.name === name)!;

/** What a sender says of its body. */
export interface BodyChecksums {
  readonly md5: Uint8Array | undefined;
  /** The one algorithm chosen, if any; its value comes in the trailer where `value` is undefined. */
  readonly chosen: { readonly checksum: Checksum; readonly value: Uint8Array | undefined } | undefined;
}

/** Reads Content-MD5, one `x-amz-checksum-…`, `x-amz-sdk-checksum-algorithm`, and the name of the trailer. */
export function readBodyChecksums(
  headers: ReadonlyMap<string, string>,
  trailer: string | undefined,
): Parsed<BodyChecksums> {
  const md5Text = headers.get("content-md5");
  const md5 = md5Text === undefined ? undefined : fromBase64(md5Text.trim());
  if (md5Text !== undefined && md5?.length !== 16) {
    return refuse("InvalidDigest", "The Content-MD5 you specified was invalid.");
  }
  const named: { checksum: Checksum; value: Uint8Array | undefined }[] = [];
  for (const [header, checksum] of byHeader) {
    const text = headers.get(header);
    if (text === undefined) continue;
    const value = fromBase64(text.trim());
    if (value?.length !== checksum.bytes) {
      return refuse("InvalidRequest", `Value for ${header} header is invalid.`);
    }
    named.push({ checksum, value });
  }
  const trailing = trailer === undefined ? undefined : checksumOfTrailer(trailer);
  if (trailing) named.push({ checksum: trailing, value: undefined });
  if (named.length > 1) {
    return refuse(
      "InvalidRequest",
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  }
  const summed = named[0]?.checksum.name === "md5" ? named[0].value : undefined;
  if (md5 && summed && !equalBytes(md5, summed)) {
    return refuse("BadDigest", "The two MD5 values you specified are not the same.");
  }
  const declared = headers.get("x-amz-sdk-checksum-algorithm");
  if (declared !== undefined && named.length === 0 && !md5) {
    return refuse(
      "InvalidRequest",
      checksumOfWire(declared)
        ? "x-amz-sdk-checksum-algorithm specified, but no corresponding checksum or trailer was found."
        : "Value for x-amz-sdk-checksum-algorithm header is invalid.",
    );
  }
  return { ok: true, value: { md5, chosen: named[0] } };
}

/** `x-amz-checksum-algorithm` and `-type` of a new multipart upload. Nothing said: CRC64NVME, whole. */
export function readUploadChecksum(
  headers: ReadonlyMap<string, string>,
): Parsed<{ checksum: Checksum; type: ChecksumType; asked: boolean }> {
  const algorithm = headers.get("x-amz-checksum-algorithm");
  const type = headers.get("x-amz-checksum-type")?.toUpperCase();
  const checksum = algorithm === undefined ? checksumNamed("crc64nvme") : checksumOfWire(algorithm);
  if (!checksum) return refuse("InvalidRequest", "Checksum algorithm provided is unsupported.");
  if (type !== undefined && type !== "COMPOSITE" && type !== "FULL_OBJECT") {
    return refuse("InvalidRequest", "Value for x-amz-checksum-type header is invalid.");
  }
  const usual = checksum.name === "crc64nvme" ? "FULL_OBJECT" : "COMPOSITE";
  const chosen = type ?? usual;
  const joins = checksum.name.startsWith("crc");
  if (chosen === "COMPOSITE" ? checksum.name === "crc64nvme" : !joins) {
    return refuse(
      "InvalidRequest",
      `The ${chosen} checksum type cannot be used with the ${checksum.wire} checksum algorithm.`,
    );
  }
  return { ok: true, value: { checksum, type: chosen, asked: algorithm !== undefined } };
}

/** What the client of a completion says of the finished object. */
export interface ObjectChecksum {
  readonly checksum: Checksum;
  readonly value: Uint8Array;
  readonly type: ChecksumType | undefined;
}

/** Reads the one `x-amz-checksum-…` of a completion, where there is one, and `x-amz-checksum-type`. A
 *  composite value may end in "-N". */
export function readObjectChecksum(headers: ReadonlyMap<string, string>): Parsed<ObjectChecksum | undefined> {
  const type = headers.get("x-amz-checksum-type")?.toUpperCase();
  if (type !== undefined && type !== "COMPOSITE" && type !== "FULL_OBJECT") {
    return refuse("InvalidRequest", "Value for x-amz-checksum-type header is invalid.");
  }
  const said = [...byHeader].filter(([header]) => headers.has(header));
  const [first] = said;
  if (!first) return { ok: true, value: undefined };
  const [name, checksum] = first;
  const value = fromBase64(
    headers
      .get(name)!
      .trim()
      .replace(/-\d{1,5}$/, ""),
  );
  if (said.length > 1 || value?.length !== checksum.bytes) {
    return refuse("InvalidRequest", `Value for ${name} header is invalid.`);
  }
  return { ok: true, value: { checksum, value, type } };
}

/** The checksum an object shows: the one kept first in the table. `parts` > 0: a composite, written "…-N". */
export function shownChecksum(
  digests: Readonly<Partial<Record<ChecksumName, Uint8Array>>>,
  parts: number,
): { checksum: Checksum; value: string } | undefined {
  for (const checksum of checksums) {
    const digest = digests[checksum.name];
    if (digest) return { checksum, value: parts > 0 ? `${base64(digest)}-${parts}` : base64(digest) };
  }
  return undefined;
}
