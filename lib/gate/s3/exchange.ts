import type { HttpAnswer, HttpExchange, HttpRequest } from "../../base/http.ts";
import type { Actor } from "../../rules/identity.ts";
import { readAddress } from "../../proto/s3/address.ts";
import { errorStatus, errorXml, type Parsed, type S3Error } from "../../proto/s3/error.ts";
import { readOperation, type Operation } from "../../proto/s3/operation.ts";
import { readTarget, type Target } from "../../proto/s3/target.ts";
import type { Bucket } from "../../store/objects.ts";
import { authenticate } from "./authenticate.ts";
import { allowed, authorise } from "./authorise.ts";
import type { Answer, Call } from "./call.ts";
import { faultAnswer } from "./faults.ts";
import { handlers } from "./handlers.ts";
import type { S3Needs, S3Setting } from "./needs.ts";
import { SigningKeys } from "./signing-keys.ts";

/** Answers S3 requests: read, prove, find, allow, perform. */
export function s3Exchange(needs: S3Needs, setting: S3Setting): HttpExchange {
  const keys = new SigningKeys();
  return async (request) => {
    const started = needs.clock.now();
    const id = needs.requestId();
    const told: Told = { operation: undefined, actor: undefined, resource: "" };
    const done = await tryServe({ needs, setting, keys }, request, id, told);
    const given = done.ok ? done.value : errorAnswer(done.fault, told.resource, id, request.method);
    needs.observe({
      operation: told.operation?.name ?? "",
      status: given.status,
      error: done.ok ? "" : done.fault.code,
      ms: needs.clock.now() - started,
      actor: told.actor,
    });
    return {
      ...given,
      headers: { "x-amz-request-id": id, "x-amz-id-2": id, server: "Holdfast", ...given.headers },
    };
  };
}

interface Gate {
  readonly needs: S3Needs;
  readonly setting: S3Setting;
  readonly keys: SigningKeys;
}

/** What is known of a request so far: for its error document and its observation. */
interface Told {
  operation: Operation | undefined;
  actor: Actor | undefined;
  resource: string;
}

async function tryServe(gate: Gate, request: HttpRequest, id: string, told: Told): Promise<Answer> {
  try {
    return await serve(gate, request, id, told);
  } catch (error) {
    gate.needs.log.error("request failed", {
      request: id,
      operation: told.operation?.name,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    const message = "We encountered an internal error. Please try again.";
    return { ok: false, fault: { code: "InternalError", message } };
  }
}

async function serve(gate: Gate, request: HttpRequest, id: string, told: Told): Promise<Answer> {
  const { needs, setting, keys } = gate;
  const target = readTarget(request.target);
  if (!target.ok) return target;
  told.resource = target.value.path;
  const proven = await authenticate(needs, setting, keys, request, target.value);
  if (!proven.ok) return proven;
  const { principal, signer } = proven.value;
  const actor: Actor = { principal, door: "s3", address: request.address, request: id };
  told.actor = actor;
  const operation = operationOf(request, target.value, setting);
  if (!operation.ok) return operation;
  told.operation = operation.value;

  const bucket = await bucketOf(needs, operation.value);
  if (!bucket.ok) return bucket;
  const { query } = target.value;
  const refusal = await authorise(needs, actor, operation.value, query, bucket.value);
  if (refusal) return regional(refusal, operation.value, setting);
  const call: Omit<Call, "bucket"> & { readonly bucket: Bucket | undefined } = {
    operation: operation.value,
    query,
    headers: request.headers,
    request,
    actor,
    signer,
    objects: needs.objects,
    setting,
    mayAlso: (verb, on, key) =>
      allowed(
        needs,
        actor,
        verb,
        key === "" ? { kind: "bucket", bucket: on } : { kind: "object", bucket: on, key },
      ),
    bucket: bucket.value,
  };
  // The two operations without a bucket do not look at it.
  const done = await handlers[operation.value.name](call as Call);
  return hidden(call as Call, done);
}

function operationOf(request: HttpRequest, target: Target, setting: S3Setting): Parsed<Operation> {
  const address = readAddress(request.headers.get("host"), target.path, setting.baseDomains);
  if (!address.ok) return address;
  const copies = request.headers.has("x-amz-copy-source");
  return readOperation(request.method, address.value, target.query, copies);
}

async function bucketOf(needs: S3Needs, operation: Operation): Promise<Parsed<Bucket | undefined>> {
  const { name, bucket } = operation;
  if (name === "ListBuckets" || name === "CreateBucket") return { ok: true, value: undefined };
  const found = await needs.objects.bucket(bucket);
  if (found.ok) return { ok: true, value: found.value };
  const { fault } = faultAnswer(found.fault, "NoSuchBucket");
  return { ok: false, fault: { ...fault, extra: { BucketName: bucket } } };
}

/** HeadBucket tells the region even to those it refuses. */
function regional(refusal: Extract<Answer, { ok: false }>, operation: Operation, setting: S3Setting): Answer {
  if (operation.name !== "HeadBucket") return refusal;
  return { ok: false, fault: { ...refusal.fault, headers: { "x-amz-bucket-region": setting.region } } };
}

/** That a key is missing is told only to those who may list it. */
async function hidden(call: Call, done: Answer): Promise<Answer> {
  if (done.ok || (done.fault.code !== "NoSuchKey" && done.fault.code !== "NoSuchVersion")) return done;
  if (await call.mayAlso("object.list", call.bucket, call.operation.key)) {
    return { ok: false, fault: { ...done.fault, extra: { Key: call.operation.key } } };
  }
  return { ok: false, fault: { code: "AccessDenied", message: "Access Denied" } };
}

function errorAnswer(error: S3Error, resource: string, id: string, method: string): HttpAnswer {
  const status = errorStatus[error.code];
  if (method === "HEAD" || status === 304) return { status, headers: error.headers ?? {}, body: undefined };
  const headers = { "content-type": "application/xml", ...error.headers };
  return { status, headers, body: errorXml(error, resource, id, id) };
}
