import { readUploadChecksum } from "../../proto/s3/checksum.ts";
import { createUploadXml } from "../../proto/s3/multipart.ts";
import { nameOf, xmlAnswer, type Answer, type Call } from "./call.ts";
import { planEncryption, sealHeaders } from "./encryption.ts";
import { faultAnswer } from "./faults.ts";
import { planLock } from "./object-lock.ts";
import { planFacts } from "./put-object.ts";

export async function createUpload(call: Call): Promise<Answer> {
  const facts = await planFacts(call);
  if (!facts.ok) return facts;
  const lock = await planLock(call);
  if (!lock.ok) return lock;
  const seal = planEncryption(call);
  if (!seal.ok) return seal;
  const sum = readUploadChecksum(call.headers);
  if (!sum.ok) return sum;
  const { checksum, type, asked } = sum.value;
  const done = await call.objects.createUpload(call.actor, nameOf(call), {
    ...facts.value,
    ...lock.value,
    encryption: seal.value.encryption,
    digests: [checksum.name],
    digestsOf: type === "COMPOSITE" ? "parts" : "object",
  });
  if (!done.ok) return faultAnswer(done.fault, "NoSuchBucket");
  const { bucket, key } = call.operation;
  const told = { "x-amz-checksum-algorithm": checksum.wire, "x-amz-checksum-type": type };
  return xmlAnswer(createUploadXml(bucket, key, done.value.id), {
    ...(asked ? told : {}),
    ...sealHeaders(call, done.value.encryption, seal.value.customer),
  });
}
