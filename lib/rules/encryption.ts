import { base64, concat, fromBase64, utf8 } from "../base/bytes.ts";
import type { Entropy } from "../base/entropy.ts";
import { fault, type Fault } from "../base/fault.ts";
import type { Result } from "../base/result.ts";
import { equalSecrets } from "../crypto/equal.ts";
import { hmacSha256 } from "../crypto/hash.ts";

/** How a version's bytes are sealed on disk; without one they are as they came. */
export type Encryption =
  /** Under the house's own key (SSE-S3). */
  | { readonly kind: "house" }
  /** Under a key of the key ring, or of a key service (SSE-KMS). */
  | {
      readonly kind: "key";
      /** The key's id, as its keeper says it. */
      readonly key: string;
      /** What the sender bound the data key to, beside the object's name. */
      readonly context: Readonly<Record<string, string>> | undefined;
      readonly bucketKey: boolean;
    }
  /** Under a key that the customer sends with each request and nobody keeps (SSE-C). */
  | { readonly kind: "customer"; readonly check: string };

/** What a writer asks for. */
export type EncryptionAsk =
  | { readonly kind: "house" }
  | {
      readonly kind: "key";
      /** Id, alias or ARN; undefined: the tenant's default key. */
      readonly key: string | undefined;
      readonly context: Readonly<Record<string, string>> | undefined;
      readonly bucketKey: boolean;
    }
  | { readonly kind: "customer"; readonly key: Uint8Array };

/** The bucket document that says how new objects are sealed for which nobody asked: JSON. */
export const encryptionDocument = "encryption";

export type EncryptionDefault = Exclude<EncryptionAsk, { kind: "customer" }>;

export function readEncryptionDefault(document: string | undefined): EncryptionDefault | undefined {
  if (document === undefined) return undefined;
  const read = JSON.parse(document) as { kind: string; key?: string; bucketKey?: boolean };
  if (read.kind !== "key") return { kind: "house" };
  return { kind: "key", key: read.key, context: undefined, bucketKey: read.bucketKey ?? false };
}

/** Whether a copy may share the bytes of its source: they are sealed as it is to be. */
export function sealsAlike(is: Encryption | undefined, wanted: EncryptionAsk | undefined): boolean {
  if (!is || !wanted) return is === wanted;
  if (is.kind === "house") return wanted.kind === "house";
  return (
    is.kind === "key" &&
    wanted.kind === "key" &&
    is.key === wanted.key &&
    is.context === undefined &&
    wanted.context === undefined
  );
}

const saltBytes = 16;

/** What is kept of a customer's key, to know it again: salt (16) | HMAC-SHA-256(key, salt), base64. A key has
 *  256 random bits, so nobody finds it from that. */
export function customerCheck(key: Uint8Array, entropy: Entropy): string {
  const salt = entropy(saltBytes);
  return base64(concat([salt, proofOf(key, salt)]));
}

const proofOf = (key: Uint8Array, salt: Uint8Array): Uint8Array =>
  hmacSha256(key, utf8("holdfast customer key"), salt);

/** Whether `key` is the one that the check was made of. */
export function isCustomerKey(check: string, key: Uint8Array): boolean {
  const kept = fromBase64(check);
  if (!kept || kept.length <= saltBytes) return false;
  return equalSecrets(proofOf(key, kept.subarray(0, saltBytes)), kept.subarray(saltBytes));
}

/** Why a version may not be read with what the reader knows; undefined: it may. */
export function customerRefusal(
  encryption: Encryption | undefined,
  key: Uint8Array | undefined,
): Fault | undefined {
  if (encryption?.kind !== "customer") return undefined;
  if (!key) return sealFault("customer-key-missing");
  return isCustomerKey(encryption.check, key) ? undefined : sealFault("customer-key-wrong");
}

/** Why a sealed body cannot be opened or made: `where` of the fault, so that each door can say it its way. */
export type SealTrouble =
  | "customer-key-missing"
  | "customer-key-wrong"
  | "kms-key-unknown"
  | "kms-key-disabled";

/** Faults: denied (a key that is missing, wrong or disabled), invalid (one nobody knows). */
export const sealTrouble = (what: SealTrouble): Result<never> => ({ ok: false, fault: sealFault(what) });

const sealFault = (what: SealTrouble): Fault =>
  fault(what === "kms-key-unknown" ? "invalid" : "denied", sentences[what], { where: what });

const sentences: Readonly<Record<SealTrouble, string>> = {
  "customer-key-missing": "the object is sealed under a key that its owner keeps",
  "customer-key-wrong": "the object is sealed under another key",
  "kms-key-unknown": "there is no such key to seal under",
  "kms-key-disabled": "the key that seals this is disabled",
};
