import { textOf } from "../../base/bytes.ts";
import { refuse } from "../../proto/s3/error.ts";
import { accessLine, readLogging, type LoggingTarget } from "../../proto/s3/logging.ts";
import { emptyDocument } from "../../proto/s3/unset.ts";
import { parseXml, parseXmlText } from "../../proto/s3/xml-walk.ts";
import { principalName } from "../../rules/identity.ts";
import type { Bucket } from "../../store/objects.ts";
import { authority } from "./authority.ts";
import { readDocument } from "./body.ts";
import { answer, xmlAnswer, type Answer, type Call } from "./call.ts";
import { faultAnswer } from "./faults.ts";
import type { Observation } from "./needs.ts";

export const loggingDocument = "logging";

export async function getLogging(call: Call): Promise<Answer> {
  return xmlAnswer(call.bucket.documents[loggingDocument] ?? emptyDocument("BucketLoggingStatus"));
}

/** The target is a bucket of the same tenant in which the caller may write. */
export async function putLogging(call: Call): Promise<Answer> {
  const body = await readDocument(call, 65_536);
  if (!body.ok) return body;
  const root = parseXml(body.value);
  if (!root.ok) return root;
  const target = readLogging(root.value);
  if (!target.ok) return target;
  if (target.value) {
    const refusal = await refusalOf(call, target.value);
    if (refusal) return refusal;
  }
  const documents = { [loggingDocument]: target.value ? (textOf(body.value) ?? "") : null };
  const done = await call.objects.changeBucket(call.actor, call.bucket.name, { documents });
  if (!done.ok) return faultAnswer(done.fault, "NoSuchBucket");
  call.events.configured(call.bucket.name);
  return answer(200);
}

async function refusalOf(
  call: Call,
  { bucket: name, prefix }: LoggingTarget,
): Promise<ReturnType<typeof refuse> | undefined> {
  const bucket = await call.objects.bucket(name);
  if (!bucket.ok || bucket.value.tenant !== call.bucket.tenant) {
    return refuse("InvalidTargetBucketForLogging", "The target bucket for logging does not exist");
  }
  const may = await call.mayAlso(authority.PutObject, bucket.value, prefix);
  return may ? undefined : refuse("AccessDenied", "Access Denied");
}

/** Where a bucket's access log goes; undefined: nowhere. */
export function loggingTargetOf(bucket: Bucket): LoggingTarget | undefined {
  const root = parseXmlText(bucket.documents[loggingDocument]);
  const read = root && readLogging(root);
  return read?.ok ? read.value : undefined;
}

/** An answered request as a line of its bucket's access log. `atMs` is when it was answered. */
export function lineOf(what: Observation, owner: string, atMs: number): string {
  const { request, answer: given, actor, bucket } = what;
  const { headers } = request;
  const query = request.target.includes("?") ? request.target.slice(request.target.indexOf("?") + 1) : "";
  const inHeader = headers.has("authorization");
  const inQuery = /(?:^|&)(?:X-Amz-Signature|Signature)=/.test(query);
  const old = headers.get("authorization")?.startsWith("AWS ") === true || /(?:^|&)Signature=/.test(query);
  return accessLine({
    owner,
    bucket,
    atMs,
    address: request.address,
    requester: actor?.principal.kind === "user" ? principalName(actor.principal) : "",
    requestId: what.id,
    operation: `REST.${request.method}.${resourceOf(what)}`,
    key: keyOf(what),
    line: `${request.method} ${withoutSecrets(request.target)} HTTP/1.1`,
    status: given.status,
    error: what.error,
    bytesSent: sizeOf(given.body),
    turnMs: what.ms,
    referer: headers.get("referer"),
    agent: headers.get("user-agent"),
    version: /(?:^|&)versionId=([^&]*)/.exec(query)?.[1],
    signature: inHeader || inQuery ? (old ? "SigV2" : "SigV4") : undefined,
    authentication: inHeader ? "AuthHeader" : inQuery ? "QueryString" : undefined,
    host: headers.get("host"),
    secure: request.secure,
  });
}

/** A presigned request's signature lets anybody repeat it: it does not belong into a log. */
const withoutSecrets = (target: string): string =>
  target.replace(/([?&](?:X-Amz-Signature|X-Amz-Security-Token|Signature)=)[^&]*/g, "$1-");

/** "OBJECT", "BUCKET", "BUCKETPOLICY", "UPLOADS": what the operation's name speaks of. */
const resourceOf = ({ operation }: Observation): string =>
  operation
    .replace(/^(?:Get|Put|Delete|Head|List|Create|Complete|Abort|Copy|Post|Upload)/, "")
    .toUpperCase() || "UNKNOWN";

function keyOf({ resource, bucket }: Observation): string {
  const inPath = resource.startsWith(`/${bucket}/`) ? resource.slice(bucket.length + 2) : resource.slice(1);
  return inPath === bucket ? "" : encodeURI(inPath);
}

function sizeOf(body: Observation["answer"]["body"]): number | undefined {
  if (body === undefined) return undefined;
  if (typeof body === "string") return new TextEncoder().encode(body).length;
  return "chunks" in body ? body.size : body.length;
}
