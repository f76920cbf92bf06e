import { base64 } from "../../base/bytes.ts";
import { checksums, shownChecksum } from "../../proto/s3/checksum.ts";
import type { CustomerKey } from "../../proto/s3/encryption.ts";
import { refuse, type Parsed } from "../../proto/s3/error.ts";
import { copyXml, readPartNumber } from "../../proto/s3/multipart.ts";
import { readCopyRange } from "../../proto/s3/range.ts";
import type { DigestName } from "../../store/content.ts";
import type { Part, Upload } from "../../store/objects.ts";
import { openBody } from "./body.ts";
import { answer, nameOf, xmlAnswer, type Answer, type Call } from "./call.ts";
import { openSource, sourceVersionHeader } from "./copy-object.ts";
import { planCustomerKey, sealHeaders } from "./encryption.ts";
import { faultAnswer } from "./faults.ts";
import { putBytes } from "./needs.ts";

export async function uploadPart(call: Call): Promise<Answer> {
  const plan = planPart(call);
  if (!plan.ok) return plan;
  const body = openBody(call);
  if (!body.ok) return body;
  const { id, number } = plan.value;
  const upload = await call.objects.upload(nameOf(call), id);
  if (!upload.ok) return faultAnswer(upload.fault, "NoSuchUpload");
  const customer = planPartKey(call, upload.value);
  if (!customer.ok) return customer;
  const digests = digestsFor(upload.value, body.value.chosen?.name);
  const part = { digests, expect: body.value.expect, customerKey: customer.value?.key };
  const done = await call.objects.putPart(call.actor, nameOf(call), id, number, body.value.source, part);
  if (!done.ok) return body.value.refusal(done.fault, "NoSuchUpload");
  const chosen = body.value.chosen ?? checksums.find((c) => upload.value.digests.includes(c.name));
  const digest = chosen && done.value.digests[chosen.name];
  return answer(200, {
    etag: `"${done.value.etag}"`,
    ...(chosen && digest ? { [`x-amz-checksum-${chosen.name}`]: base64(digest) } : {}),
    ...sealHeaders(call, upload.value.encryption, customer.value),
  });
}

/** The part as the bytes of another object, or a range of them. */
export async function uploadPartCopy(call: Call): Promise<Answer> {
  const plan = planPart(call);
  if (!plan.ok) return plan;
  const source = await openSource(call);
  if (!source.ok) return source;
  const { from, version } = source.value;
  const range = planRange(call.headers.get("x-amz-copy-source-range"), version.size);
  if (!range.ok) return range;
  const { start, end } = range.value;
  const upload = await call.objects.upload(nameOf(call), plan.value.id);
  if (!upload.ok) return faultAnswer(upload.fault, "NoSuchUpload");
  const customer = planPartKey(call, upload.value);
  if (!customer.ok) return customer;
  const reading = { customerKey: source.value.customer?.key };
  const found = await call.objects.get({ bucket: from.bucket, key: from.key }, version.version, reading);
  if (!found.ok) return faultAnswer(found.fault, "NoSuchKey");
  const { content } = found.value;
  const bytes = { size: end - start, chunks: copies(content.read(start, end)) };
  const digests = digestsFor(upload.value, undefined);
  const part = { digests, expect: () => ({}), customerKey: customer.value?.key };
  const { id, number } = plan.value;
  const done = await call.objects.putPart(call.actor, nameOf(call), id, number, bytes, part);
  await content.close();
  if (!done.ok) return faultAnswer(done.fault, "NoSuchUpload");
  const sum = sumOf(done.value);
  return xmlAnswer(copyXml("CopyPartResult", done.value.etag, done.value.createdAt, sum), {
    ...sourceVersionHeader(source.value),
    ...sealHeaders(call, upload.value.encryption, customer.value),
  });
}

/** The customer's key that an upload sealed under one needs with each part. */
function planPartKey(call: Call, { encryption }: Upload): Parsed<CustomerKey | undefined> {
  const customer = planCustomerKey(call);
  if (!customer.ok) return customer;
  if (encryption?.kind === "customer" && !customer.value) {
    return refuse(
      "InvalidRequest",
      "The multipart upload initiate requested encryption. Subsequent part requests must include the " +
        "appropriate encryption parameters.",
    );
  }
  if (encryption?.kind !== "customer" && customer.value) {
    return refuse("InvalidRequest", "The encryption parameters are not applicable to this upload.");
  }
  return customer;
}

/** A source's chunks belong to the store; what is read from content does not. */
async function* copies(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield chunk.slice();
}

function planPart(call: Call): Parsed<{ id: string; number: number }> {
  const number = readPartNumber(call.query.get("partNumber"));
  if (number === undefined) {
    return refuse("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive", {
      extra: { ArgumentName: "partNumber", ArgumentValue: call.query.get("partNumber") ?? "" },
    });
  }
  return { ok: true, value: { id: call.query.get("uploadId") ?? "", number } };
}

function planRange(text: string | undefined, size: number): Parsed<{ start: number; end: number }> {
  const range = text === undefined ? { start: 0, end: size } : readCopyRange(text, size);
  if (!range) {
    return refuse(
      "InvalidArgument",
      "The x-amz-copy-source-range value must be of the form bytes=first-last and within the source.",
    );
  }
  if (range.end - range.start > putBytes) {
    return refuse(
      "InvalidRequest",
      "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120",
    );
  }
  return { ok: true, value: range };
}

const digestsFor = (upload: Upload, chosen: DigestName | undefined): DigestName[] => [
  ...new Set([...upload.digests, ...(chosen ? [chosen] : [])]),
];

function sumOf(part: Part): { element: string; value: string } | undefined {
  const shown = shownChecksum(part.digests, 0);
  return shown && { element: shown.checksum.element, value: shown.value };
}
