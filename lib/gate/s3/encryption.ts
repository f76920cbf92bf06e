import { parseIp } from "../../base/ip.ts";
import {
  customerHeaders,
  encryptionConfigurationXml,
  encryptionHeaders,
  readCustomerKey,
  readEncryptionConfiguration,
  readEncryptionHeaders,
  type CustomerKey,
  type SentDefault,
} from "../../proto/s3/encryption.ts";
import { limits } from "../../base/limits.ts";
import { refuse, type Parsed } from "../../proto/s3/error.ts";
import { parseXml } from "../../proto/s3/xml-walk.ts";
import {
  customerRefusal,
  encryptionDocument,
  type Encryption,
  type EncryptionAsk,
} from "../../rules/encryption.ts";
import { readDocument } from "./body.ts";
import { xmlAnswer, type Answer, type Call } from "./call.ts";
import { keep } from "./documents.ts";
import { faultAnswer } from "./faults.ts";

/** How a new object is to be sealed, and the customer's key where it is that. */
export interface PlannedEncryption {
  readonly encryption?: EncryptionAsk | undefined;
  readonly customer: CustomerKey | undefined;
}

/** What the request's headers ask for a new object. */
export function planEncryption(call: Call): Parsed<PlannedEncryption> {
  const sent = readEncryptionHeaders(call.headers);
  if (!sent.ok) return sent;
  const customer = planCustomerKey(call);
  if (!customer.ok) return customer;
  if (!customer.value) return { ok: true, value: { encryption: sent.value, customer: undefined } };
  if (sent.value) {
    return refuse(
      "InvalidArgument",
      "Server Side Encryption with Customer provided key is incompatible with the encryption method " +
        "specified",
    );
  }
  const encryption = { kind: "customer", key: customer.value.key } as const;
  return { ok: true, value: { encryption, customer: customer.value } };
}

/** The key a customer sends along; for a copy, that of its source. It is a secret: over plain HTTP it is
 *  taken from this host alone, unless the setting says otherwise. */
export function planCustomerKey(
  call: Call,
  prefix: "x-amz-" | "x-amz-copy-source-" = "x-amz-",
): Parsed<CustomerKey | undefined> {
  const key = readCustomerKey(call.headers, prefix);
  if (!key.ok || !key.value) return key;
  if (call.request.secure || call.setting.customerKeysInClear || isLoopback(call.request.address)) return key;
  return refuse(
    "InvalidRequest",
    "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure " +
      "connection.",
  );
}

function isLoopback(address: string): boolean {
  const ip = parseIp(address);
  if (ip?.length === 4) return ip[0] === 127;
  return ip !== undefined && ip.every((byte, i) => byte === (i === 15 ? 1 : 0));
}

/** What stands against reading a version with the key that came along, or without one; undefined: nothing. */
export function readRefusal(
  encryption: Encryption | undefined,
  customer: CustomerKey | undefined,
): ReturnType<typeof refuse> | undefined {
  if (customer && encryption?.kind !== "customer") {
    return refuse("InvalidRequest", "The encryption parameters are not applicable to this object.");
  }
  const refusal = customerRefusal(encryption, customer?.key);
  return refusal && faultAnswer(refusal, "NoSuchKey");
}

/** Headers of an answer about an object. */
export function sealHeaders(
  call: Pick<Call, "bucket" | "setting">,
  encryption: Encryption | undefined,
  customer: CustomerKey | undefined,
): Record<string, string> {
  if (!encryption) return {};
  if (encryption.kind === "customer") return customer ? customerHeaders(customer) : {};
  return encryptionHeaders(encryption, encryption.kind === "key" ? arnOf(call, encryption.key) : "");
}

/** A key of the house's ring as AWS names keys; what a key service says is kept. */
const arnOf = ({ bucket, setting }: Pick<Call, "bucket" | "setting">, key: string): string =>
  key === "" || key.startsWith("arn:") ? key : `arn:aws:kms:${setting.region}:${bucket.tenant}:key/${key}`;

export async function getEncryption(call: Call): Promise<Answer> {
  const text = call.bucket.documents[encryptionDocument];
  if (text !== undefined) return xmlAnswer(encryptionConfigurationXml(JSON.parse(text) as SentDefault));
  return refuse(
    "ServerSideEncryptionConfigurationNotFoundError",
    "The server side encryption configuration was not found",
  );
}

export async function putEncryption(call: Call): Promise<Answer> {
  const body = await readDocument(call, limits.documentBytes);
  if (!body.ok) return body;
  const root = parseXml(body.value);
  if (!root.ok) return root;
  const rule = readEncryptionConfiguration(root.value);
  return rule.ok ? await keep(call, encryptionDocument, JSON.stringify(rule.value), 200) : rule;
}

export const deleteEncryption = (call: Call): Promise<Answer> => keep(call, encryptionDocument, null, 204);
