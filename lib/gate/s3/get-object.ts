import { fault, type Fault } from "../../base/fault.ts";
import type { HttpStream } from "../../base/http.ts";
import { judge, readConditions, type ReadConditions } from "../../proto/s3/conditions.ts";
import { httpDate } from "../../proto/s3/dates.ts";
import { refuse, type Parsed } from "../../proto/s3/error.ts";
import { readOverrides } from "../../proto/s3/facts.ts";
import { readPartNumber } from "../../proto/s3/multipart.ts";
import { readRange } from "../../proto/s3/range.ts";
import type { Content } from "../../store/content.ts";
import type { ObjectVersion } from "../../store/objects.ts";
import type { CustomerKey } from "../../proto/s3/encryption.ts";
import { answer, nameOf, type Answer, type Call } from "./call.ts";
import { planCustomerKey, readRefusal, sealHeaders } from "./encryption.ts";
import { faultAnswer } from "./faults.ts";
import { checksumHeaders, modifiedOf, objectHeaders, versionHeader } from "./object-headers.ts";

interface Plan {
  readonly version: string | undefined;
  readonly when: ReadConditions | undefined;
  readonly range: string | undefined;
  readonly part: number | undefined;
  readonly overrides: Readonly<Record<string, string>>;
  readonly checksum: boolean;
  readonly customer: CustomerKey | undefined;
}

export async function getObject(call: Call): Promise<Answer> {
  const plan = planRead(call);
  if (!plan.ok) return plan;
  const customerKey = plan.value.customer?.key;
  const found = await call.objects.get(nameOf(call), plan.value.version, { customerKey });
  if (!found.ok) return absent(call, plan.value, found);
  const { version, content } = found.value;
  const shown = render(call, plan.value, version);
  if (!shown.ok || shown.value.status === 304) {
    await content.close();
    return shown.ok ? answer(304, shown.value.headers) : shown;
  }
  const { status, headers, start, end } = shown.value;
  if (!content.bytes) return answer(status, headers, streamOf(content, start, end));
  await content.close();
  return answer(status, headers, content.bytes.subarray(start, end));
}

export async function headObject(call: Call): Promise<Answer> {
  const plan = planRead(call);
  if (!plan.ok) return plan;
  const found = await call.objects.head(nameOf(call), plan.value.version);
  if (!found.ok) return absent(call, plan.value, found);
  if (found.value.deleteMarker)
    return absent(call, plan.value, { fault: fault("not-found", "it was deleted") });
  const shown = render(call, plan.value, found.value);
  if (!shown.ok) return shown;
  const { status, headers, start, end } = shown.value;
  return answer(status, status === 304 ? headers : { ...headers, "content-length": String(end - start) });
}

function planRead(call: Call): Parsed<Plan> {
  const overrides = readOverrides(call.query);
  if (!overrides.ok) return overrides;
  if (call.actor.principal.kind === "anonymous" && Object.keys(overrides.value).length > 0) {
    return refuse(
      "InvalidRequest",
      "Request specific response headers cannot be used for anonymous GET requests.",
    );
  }
  const version = call.query.get("versionId");
  if (version === "") return refuse("InvalidArgument", "Version id cannot be the empty string");
  const partText = call.query.get("partNumber");
  const part = readPartNumber(partText);
  if (partText !== undefined && part === undefined) {
    return refuse("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
  }
  const range = call.headers.get("range");
  if (part !== undefined && range !== undefined) {
    return refuse("InvalidRequest", "Cannot specify both Range header and partNumber query parameter");
  }
  const customer = planCustomerKey(call);
  if (!customer.ok) return customer;
  if (call.headers.has("x-amz-server-side-encryption")) {
    return refuse(
      "InvalidArgument",
      "x-amz-server-side-encryption header is not supported for this operation.",
    );
  }
  const checksum = call.headers.get("x-amz-checksum-mode")?.toUpperCase() === "ENABLED";
  const when = readConditions(call.headers, "");
  const rest = { overrides: overrides.value, checksum, customer: customer.value };
  return { ok: true, value: { version, when, range, part, ...rest } };
}

interface Shown {
  readonly status: 200 | 206 | 304;
  readonly headers: Record<string, string>;
  readonly start: number;
  readonly end: number;
}

function render(call: Call, plan: Plan, version: ObjectVersion): Parsed<Shown> {
  const refusal = readRefusal(version.encryption, plan.customer);
  if (refusal) return refusal;
  const headers = objectHeaders(call.bucket, version);
  if (version.encryption) Object.assign(headers, sealHeaders(call, version.encryption, plan.customer));
  const verdict = judge(plan.when, version.etag, modifiedOf(version));
  if (verdict === "failed") {
    return refuse("PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
  }
  if (verdict === "not-modified") {
    const kept = ["etag", "last-modified", "cache-control", "expires", "x-amz-version-id"];
    const few = Object.fromEntries(Object.entries(headers).filter(([name]) => kept.includes(name)));
    return { ok: true, value: { status: 304, headers: few, start: 0, end: 0 } };
  }
  Object.assign(headers, plan.overrides);
  if (plan.part !== undefined) return renderPart(plan.part, version, headers);
  const range = readRange(plan.range, version.size);
  if (range.kind === "unsatisfiable") {
    return refuse("InvalidRange", "The requested range is not satisfiable", {
      extra: { RangeRequested: plan.range ?? "", ActualObjectSize: String(version.size) },
      headers: { "content-range": `bytes */${version.size}` },
    });
  }
  if (range.kind === "part") {
    headers["content-range"] = `bytes ${range.start}-${range.end - 1}/${version.size}`;
    return { ok: true, value: { status: 206, headers, start: range.start, end: range.end } };
  }
  if (plan.checksum) Object.assign(headers, checksumHeaders(version));
  return { ok: true, value: { status: 200, headers, start: 0, end: version.size } };
}

/** One part of a multipart object; of any other there is part 1, the whole. */
function renderPart(part: number, version: ObjectVersion, headers: Record<string, string>): Parsed<Shown> {
  const sizes = version.parts.length > 0 ? version.parts : [version.size];
  const size = sizes[part - 1];
  if (size === undefined) return refuse("InvalidPartNumber", "The requested partnumber is not satisfiable");
  const start = sizes.slice(0, part - 1).reduce((sum, one) => sum + one, 0);
  if (version.parts.length > 0) headers["x-amz-mp-parts-count"] = String(sizes.length);
  if (size > 0) headers["content-range"] = `bytes ${start}-${start + size - 1}/${version.size}`;
  return { ok: true, value: { status: 206, headers, start, end: start + size } };
}

/** Absent, or hidden under a delete marker, which says so. */
async function absent(call: Call, plan: Plan, found: { readonly fault: Fault }): Promise<Answer> {
  if (found.fault.code !== "not-found") return faultAnswer(found.fault, "NoSuchKey");
  const there = await call.objects.head(nameOf(call), plan.version);
  if (there.ok && there.value.deleteMarker) {
    const headers = { "x-amz-delete-marker": "true", ...versionHeader(call.bucket, there.value) };
    if (plan.version === undefined)
      return refuse("NoSuchKey", "The specified key does not exist.", { headers });
    const at = httpDate(modifiedOf(there.value));
    return refuse("MethodNotAllowed", "The specified method is not allowed against this resource.", {
      headers: { ...headers, allow: "DELETE", "last-modified": at },
    });
  }
  return faultAnswer(found.fault, plan.version === undefined ? "NoSuchKey" : "NoSuchVersion");
}

const streamOf = (content: Content, start: number, end: number): HttpStream => ({
  size: end - start,
  chunks: content.read(start, end),
  stretches: content.stretches?.(start, end),
  close: () => content.close(),
});
