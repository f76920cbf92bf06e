import { readObjectChecksum, type ObjectChecksum } from "../../proto/s3/checksum.ts";
import { readWriteConditions } from "../../proto/s3/conditions.ts";
import { refuse } from "../../proto/s3/error.ts";
import { completeXml, readComplete, type CompletedPart } from "../../proto/s3/multipart.ts";
import { percentEncodePath } from "../../proto/s3/target.ts";
import type { Completion } from "../../store/objects.ts";
import { readDocument } from "./body.ts";
import { nameOf, xmlAnswer, type Answer, type Call } from "./call.ts";
import { sealHeaders } from "./encryption.ts";
import { completeFault, faultAnswer } from "./faults.ts";
import { planReplica } from "./replication.ts";
import { checksumOf, versionHeader } from "./object-headers.ts";

/** A list of 10,000 parts with checksums. */
const documentBytes = 4 << 20;

export async function completeUpload(call: Call): Promise<Answer> {
  const when = readWriteConditions(call.headers);
  if (!when.ok) return when;
  const body = await readDocument({ ...call, headers: withoutObjectSums(call.headers) }, documentBytes);
  if (!body.ok) return body;
  const parts = readComplete(body.value);
  if (!parts.ok) return parts;
  const id = call.query.get("uploadId") ?? "";
  const sized = await checkSize(call, id, parts.value);
  if (sized) return sized;
  const sum = readObjectChecksum(call.headers);
  if (!sum.ok) return sum;
  const replica = await planReplica(call);
  if (!replica.ok) return replica;
  const conditions = { ...when.value, ...replica.value.when };
  const expected = expectationOf(sum.value);
  const how = { parts: parts.value, when: conditions, minPartBytes: call.setting.minPartBytes, ...expected };
  const done = await call.objects.completeUpload(call.actor, nameOf(call), id, how);
  if (!done.ok) return completeFault(done.fault);
  const { bucket, key } = call.operation;
  const host = call.headers.get("host") ?? "localhost";
  const location = `${call.request.secure ? "https" : "http"}://${host}/${bucket}/${percentEncodePath(key)}`;
  const checksum = checksumOf(done.value);
  return xmlAnswer(completeXml({ location, bucket, key, etag: done.value.etag, checksum }), {
    ...versionHeader(call.bucket, done.value),
    ...sealHeaders(call, done.value.encryption, undefined),
  });
}

const expectationOf = (said: ObjectChecksum | undefined): Pick<Completion, "expect" | "expectOf"> =>
  said
    ? {
        expect: { [said.checksum.name]: said.value },
        expectOf: said.type && (said.type === "COMPOSITE" ? "parts" : "object"),
      }
    : {};

/** Checksum headers of this request speak of the finished object, not of the list. */
function withoutObjectSums(headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...headers].filter(([name]) => !name.startsWith("x-amz-checksum-")));
}

/** `x-amz-mp-object-size`, where the client said it. */
async function checkSize(
  call: Call,
  id: string,
  listed: readonly CompletedPart[],
): Promise<ReturnType<typeof refuse> | undefined> {
  const said = call.headers.get("x-amz-mp-object-size");
  if (said === undefined) return undefined;
  const chosen = new Set(listed.map((part) => part.number));
  let total = 0;
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page = await call.objects.parts(nameOf(call), id, after, 1000);
    if (!page.ok) return faultAnswer(page.fault, "NoSuchUpload");
    for (const part of page.value.rows) if (chosen.has(part.number)) total += part.size;
    after = page.value.next === undefined ? undefined : Number(page.value.next);
  }
  if (said === String(total)) return undefined;
  return refuse(
    "InvalidRequest",
    "The provided 'x-amz-mp-object-size' header value does not match the size of the parts.",
  );
}
