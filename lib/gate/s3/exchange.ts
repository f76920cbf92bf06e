import type { HttpAnswer, HttpExchange, HttpRequest } from "../../base/http.ts";
import type { Actor } from "../../rules/identity.ts";
import { readAddress } from "../../proto/s3/address.ts";
import { errorStatus, errorXml, refuse, type Parsed, type S3Error } from "../../proto/s3/error.ts";
import { readOperation, type Operation } from "../../proto/s3/operation.ts";
import { claimsV2 } from "../../proto/s3/sigv2.ts";
import { Query, readTarget, type Target } from "../../proto/s3/target.ts";
import type { Bucket } from "../../store/objects.ts";
import { Asker } from "./asker.ts";
import { authenticate, authenticateForm, type Proven } from "./authenticate.ts";
import { authenticateV2 } from "./authenticate-v2.ts";
import { authority, permissions } from "./authority.ts";
import { corsAnswer, isForPage, withCors } from "./cors.ts";
import type { Answer, Call } from "./call.ts";
import { faultAnswer } from "./faults.ts";
import { handlers } from "./handlers.ts";
import { Judge } from "./judge.ts";
import type { S3Needs, S3Setting } from "./needs.ts";
import { isSts, serveSts } from "./sts.ts";
import { siteOfHost, visitSite } from "./website.ts";
import { SigningKeys } from "./signing-keys.ts";

/** Answers S3 requests: read, prove, find, allow, perform. */
export function s3Exchange(needs: S3Needs, setting: S3Setting): HttpExchange {
  const gate = { needs, setting, keys: new SigningKeys(), judge: new Judge(needs) };
  return async (request) => {
    const started = needs.clock.now();
    const id = needs.requestId();
    const told: Told = { operation: undefined, actor: undefined, resource: "", bucket: "" };
    const done = await tryServe(gate, request, id, told);
    const plain = done.ok ? done.value : errorAnswer(done.fault, told.resource, id, request.method);
    const given = isForPage(told.bucket, request)
      ? await withCors(needs.objects, told.bucket, request, plain)
      : plain;
    needs.observe({
      operation: told.operation?.name ?? "",
      status: given.status,
      error: done.ok ? "" : done.fault.code,
      ms: needs.clock.now() - started,
      actor: told.actor,
      address: request.address,
      resource: told.resource,
      bucket: told.bucket,
      request,
      answer: given,
      id,
    });
    const headers = { "x-amz-request-id": id, "x-amz-id-2": id, server: "Holdfast", ...given.headers };
    return { status: given.status, headers, body: given.body };
  };
}

interface Gate {
  readonly needs: S3Needs;
  readonly setting: S3Setting;
  readonly keys: SigningKeys;
  readonly judge: Judge;
}

/** What is known of a request so far: for its error document and its observation. */
interface Told {
  operation: Operation | undefined;
  actor: Actor | undefined;
  resource: string;
  bucket: string;
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
  const site = siteOfHost(request.headers.get("host"), setting.websiteDomains);
  if (site !== undefined) return await serveSite(gate, request, target.value, site, id, told);
  const address = readAddress(request.headers.get("host"), target.value.path, setting.baseDomains);
  if (!address.ok) return address;
  told.bucket = address.value.bucket;
  if (request.method === "OPTIONS") return await corsAnswer(needs.objects, address.value.bucket, request);
  if (isSts(request, address.value)) {
    const visit = { needs, setting, keys, request, target: target.value, id };
    return { ok: true, value: await serveSts(visit) };
  }
  const proven = claimsV2(request.headers, target.value)
    ? await authenticateV2(needs, setting, request, target.value, address.value)
    : await authenticate(needs, setting, keys, request, target.value);
  if (!proven.ok) return proven;
  const asker = askerOf(gate, proven.value, request, target.value, id);
  told.actor = asker.actor;
  const copies = request.headers.has("x-amz-copy-source");
  const operation = readOperation(request.method, address.value, target.value.query, copies);
  if (!operation.ok) return operation;
  told.operation = operation.value;

  const bucket = await bucketOf(needs, operation.value);
  if (!bucket.ok) return bucket;
  const refusal = await authorise(gate, asker, operation.value, target.value, bucket.value);
  if (refusal) return regional(refusal, operation.value, setting);
  const { signer } = proven.value;
  const call = callOf(gate, {
    request,
    target: target.value,
    operation: operation.value,
    bucket: bucket.value,
    asker,
    signer,
    id,
  });
  const done = await handlers[operation.value.name](call);
  return hidden(call, done);
}

/** A website is read as anybody reads: what it may show, the bucket's policy and ACLs say. */
async function serveSite(
  gate: Gate,
  request: HttpRequest,
  target: Target,
  name: string,
  id: string,
  told: Told,
): Promise<Answer> {
  const { needs } = gate;
  told.bucket = name;
  const bucket = await needs.objects.bucket(name);
  if (request.method === "OPTIONS") return await corsAnswer(needs.objects, name, request);
  const asker = askerOf(gate, nobody, request, target, id);
  told.actor = asker.actor;
  const op = request.method === "HEAD" ? "HeadObject" : "GetObject";
  const read = async (key: string): Promise<Answer> => {
    if (!bucket.ok) return faultAnswer(bucket.fault, "NoSuchBucket");
    const operation = { name: op, bucket: name, key } as const;
    told.operation = operation;
    const found = { request, target: { ...target, query: noQuery }, bucket: bucket.value, asker, id };
    const call = callOf(gate, { ...found, operation, signer: undefined });
    const refusal = await authorise(gate, asker, operation, found.target, bucket.value);
    return refusal ?? (await hidden(call, await handlers[op](call)));
  };
  const visit = { method: request.method, path: target.path, host: request.headers.get("host") ?? "" };
  const document = bucket.ok ? bucket.value.documents["website"] : undefined;
  return { ok: true, value: await visitSite({ ...visit, secure: request.secure, document, read }) };
}

const noQuery = new Query([]);
const nobody: Proven = {
  principal: { kind: "anonymous" },
  signer: undefined,
  proof: { form: undefined, signedAt: undefined },
};

function askerOf(gate: Gate, proven: Proven, request: HttpRequest, target: Target, id: string): Asker {
  const { principal, proof } = proven;
  const actor: Actor = { principal, door: "s3", address: request.address, request: id };
  return new Asker(actor, request, target.query, proof, gate.needs.clock.wall());
}

interface Found {
  readonly request: HttpRequest;
  readonly target: Target;
  readonly operation: Operation;
  readonly bucket: Bucket | undefined;
  readonly asker: Asker;
  readonly signer: Proven["signer"];
  readonly id: string;
}

function callOf(gate: Gate, found: Found): Call {
  const { request, target, operation, bucket, asker, signer } = found;
  const { needs, setting, judge } = gate;
  return {
    operation,
    query: target.query,
    headers: request.headers,
    request,
    actor: asker.actor,
    signer,
    objects: needs.objects,
    events: needs.events,
    setting,
    now: needs.clock.wall(),
    mayAlso: (permission, on, key) => judge.may(asker, permission, on, key),
    asForm: async (fields) => {
      const proven = await authenticateForm(needs, setting, gate.keys, fields);
      if (!proven.ok) return proven;
      const sender = askerOf(gate, proven.value, request, target, found.id);
      return {
        ok: true,
        value: {
          actor: sender.actor,
          mayAlso: (permission, on, key) => judge.may(sender, permission, on, key),
        },
      };
    },
    // The two operations without a bucket do not look at it.
    bucket: bucket as Bucket,
  };
}

/** Refuses what the table of authority does not allow; undefined: go on. */
async function authorise(
  gate: Gate,
  asker: Asker,
  operation: Operation,
  { query }: Target,
  bucket: Bucket | undefined,
): Promise<S3Refusal | undefined> {
  const line = authority[operation.name];
  if (line.on === "each") return undefined;
  const permission = line.version && query.has("versionId") ? line.version : line;
  const key = line.on === "object" ? operation.key : line.on === "prefix" ? (query.get("prefix") ?? "") : "";
  const on = line.on === "house" ? undefined : bucket;
  return (await gate.judge.may(asker, permission, on, key))
    ? undefined
    : refuse("AccessDenied", "Access Denied");
}

type S3Refusal = ReturnType<typeof refuse>;

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
  if (await call.mayAlso(permissions.listBucket, call.bucket, call.operation.key)) {
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
