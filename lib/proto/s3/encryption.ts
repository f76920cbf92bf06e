import { equalBytes, fromBase64, textOf } from "../../base/bytes.ts";
import { md5 } from "../../crypto/hash.ts";
import { maybe, tag, xmlDocument } from "../../wire/xml-text.ts";
import type { XmlElement } from "../../wire/xml.ts";
import { refuse, type Parsed } from "./error.ts";
import { namespace } from "./listing.ts";
import { childOf, childrenOf, malformedXml, wordIn } from "./xml-walk.ts";

/** What `x-amz-server-side-encryption…` headers ask for, but for a customer's key. */
export type SentEncryption =
  | { readonly kind: "house" }
  | {
      readonly kind: "key";
      readonly key: string | undefined;
      readonly context: Readonly<Record<string, string>> | undefined;
      readonly bucketKey: boolean;
    };

const base = "x-amz-server-side-encryption";

/** Undefined: nothing is asked. */
export function readEncryptionHeaders(
  headers: ReadonlyMap<string, string>,
): Parsed<SentEncryption | undefined> {
  const method = headers.get(base);
  const key = headers.get(`${base}-aws-kms-key-id`);
  const context = headers.get(`${base}-context`);
  const bucketKey = headers.get(`${base}-bucket-key-enabled`);
  if (method === undefined) {
    return key === undefined && context === undefined
      ? { ok: true, value: undefined }
      : refuse("InvalidArgument", "A KMS key needs the header x-amz-server-side-encryption: aws:kms.");
  }
  if (method === "AES256") {
    if (key === undefined && context === undefined) return { ok: true, value: { kind: "house" } };
    const message = "Server Side Encryption with AWS KMS managed key requires HTTP header";
    return refuse("InvalidArgument", `${message} x-amz-server-side-encryption : aws:kms`);
  }
  if (method === "aws:kms:dsse") {
    return refuse("NotImplemented", "Dual-layer encryption (aws:kms:dsse) is not implemented.");
  }
  if (method !== "aws:kms") {
    return refuse("InvalidArgument", "The encryption method specified is not supported", {
      extra: { ArgumentName: base, ArgumentValue: method },
    });
  }
  if (bucketKey !== undefined && !/^(?:true|false)$/i.test(bucketKey)) {
    return refuse("InvalidArgument", `${base}-bucket-key-enabled is true or false.`);
  }
  const read = context === undefined ? undefined : readContext(context);
  if (context !== undefined && !read) {
    return refuse(
      "InvalidArgument",
      "The header 'x-amz-server-side-encryption-context' is not base64 of JSON.",
    );
  }
  const enabled = bucketKey?.toLowerCase() === "true";
  return { ok: true, value: { kind: "key", key, context: read, bucketKey: enabled } };
}

const contextBytes = 8192;

function readContext(text: string): Readonly<Record<string, string>> | undefined {
  const bytes = text.length <= contextBytes ? fromBase64(text) : undefined;
  const json = bytes && textOf(bytes);
  if (json === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const entries = Object.entries(value);
    return entries.every(([name, one]) => typeof one === "string" && name !== "aws:s3:arn")
      ? Object.fromEntries(entries)
      : undefined;
  } catch {
    return undefined;
  }
}

export interface CustomerKey {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** Of the key, base64, as it was sent and is said back. */
  readonly md5: string;
}

/** Reads a customer's key (SSE-C); `prefix` "x-amz-copy-source-" for a copy's source, else "x-amz-". */
export function readCustomerKey(
  headers: ReadonlyMap<string, string>,
  prefix: "x-amz-" | "x-amz-copy-source-",
): Parsed<CustomerKey | undefined> {
  const [algorithm, text, sum] = ["algorithm", "key", "key-md5"].map((name) =>
    headers.get(`${prefix}server-side-encryption-customer-${name}`),
  );
  if (algorithm === undefined && text === undefined && sum === undefined)
    return { ok: true, value: undefined };
  const needs = "Requests specifying Server Side Encryption with Customer provided keys must provide";
  if (algorithm === undefined) return refuse("InvalidArgument", `${needs} a valid encryption algorithm.`);
  if (algorithm !== "AES256") {
    const message = "The Encryption request you specified is not valid. Supported value: AES256.";
    return refuse("InvalidEncryptionAlgorithmError", message);
  }
  if (text === undefined) return refuse("InvalidArgument", `${needs} an appropriate secret key.`);
  if (sum === undefined) {
    return refuse("InvalidArgument", `${needs} the client calculated MD5 of the secret key.`);
  }
  const key = fromBase64(text);
  if (key?.length !== 32) {
    return refuse("InvalidArgument", "The secret key was invalid for the specified algorithm.");
  }
  const announced = fromBase64(sum);
  if (!announced || !equalBytes(announced, md5(key))) {
    const message = "The calculated MD5 hash of the key did not match the hash that was provided.";
    return refuse("InvalidArgument", message);
  }
  return { ok: true, value: { key, md5: sum } };
}

export const customerHeaders = ({ md5: sum }: CustomerKey): Record<string, string> => ({
  [`${base}-customer-algorithm`]: "AES256",
  [`${base}-customer-key-md5`]: sum,
});

/** What answers say of a version that is sealed under a key of the server's. `key`: as clients name it. */
export function encryptionHeaders(
  is: { readonly kind: "house" } | { readonly kind: "key"; readonly bucketKey: boolean },
  key: string,
): Record<string, string> {
  if (is.kind === "house") return { [base]: "AES256" };
  return {
    [base]: "aws:kms",
    ...(key === "" ? {} : { [`${base}-aws-kms-key-id`]: key }),
    ...(is.bucketKey ? { [`${base}-bucket-key-enabled`]: "true" } : {}),
  };
}

/** What a bucket's encryption configuration says. */
export interface SentDefault {
  readonly kind: "house" | "key";
  readonly key?: string;
  readonly bucketKey: boolean;
}

/** Reads `<ServerSideEncryptionConfiguration>`: one rule. */
export function readEncryptionConfiguration(root: XmlElement): Parsed<SentDefault> {
  const rules = childrenOf(root, "Rule");
  const apply = rules[0] && childOf(rules[0], "ApplyServerSideEncryptionByDefault");
  if (root.name !== "ServerSideEncryptionConfiguration" || rules.length !== 1 || !apply)
    return malformedXml();
  const method = wordIn(apply, "SSEAlgorithm");
  const key = wordIn(apply, "KMSMasterKeyID");
  const enabled = wordIn(rules[0]!, "BucketKeyEnabled");
  if (enabled !== undefined && enabled !== "true" && enabled !== "false") return malformedXml();
  const bucketKey = enabled === "true";
  if (method === "aws:kms") {
    return { ok: true, value: { kind: "key", ...(key ? { key } : {}), bucketKey } };
  }
  if (method === "aws:kms:dsse") {
    return refuse("NotImplemented", "Dual-layer encryption (aws:kms:dsse) is not implemented.");
  }
  if (method !== "AES256") return malformedXml();
  if (key) {
    return refuse(
      "InvalidArgument",
      "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms",
    );
  }
  return { ok: true, value: { kind: "house", bucketKey } };
}

export const encryptionConfigurationXml = ({ kind, key, bucketKey }: SentDefault): string =>
  xmlDocument(
    `ServerSideEncryptionConfiguration ${namespace}`,
    tag(
      "Rule",
      tag(
        "ApplyServerSideEncryptionByDefault",
        tag("SSEAlgorithm", kind === "house" ? "AES256" : "aws:kms"),
        maybe("KMSMasterKeyID", key),
      ),
      tag("BucketKeyEnabled", bucketKey),
    ),
  );
