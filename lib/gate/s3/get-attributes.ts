import { attributesXml, readAttributes } from "../../proto/s3/attributes.ts";
import { httpDate } from "../../proto/s3/dates.ts";
import { refuse } from "../../proto/s3/error.ts";
import { nameOf, xmlAnswer, type Answer, type Call } from "./call.ts";
import { planCustomerKey, readRefusal } from "./encryption.ts";
import { faultAnswer } from "./faults.ts";
import { checksumOf, modifiedOf, versionHeader } from "./object-headers.ts";

export async function getAttributes(call: Call): Promise<Answer> {
  const ask = readAttributes(call.headers);
  if (!ask.ok) return ask;
  const version = call.query.get("versionId");
  const found = await call.objects.head(nameOf(call), version);
  if (!found.ok) return faultAnswer(found.fault, version === undefined ? "NoSuchKey" : "NoSuchVersion");
  if (found.value.deleteMarker) {
    const headers = { "x-amz-delete-marker": "true", ...versionHeader(call.bucket, found.value) };
    return refuse(version === undefined ? "NoSuchKey" : "MethodNotAllowed", "This is a delete marker.", {
      headers,
    });
  }
  const customer = planCustomerKey(call);
  if (!customer.ok) return customer;
  const refusal = readRefusal(found.value.encryption, customer.value);
  if (refusal) return refusal;
  const { etag, size, parts: partSizes } = found.value;
  const checksum = checksumOf(found.value);
  const text = attributesXml(ask.value, { etag, size, partSizes, checksum });
  return xmlAnswer(text, {
    "last-modified": httpDate(modifiedOf(found.value)),
    ...versionHeader(call.bucket, found.value),
  });
}
