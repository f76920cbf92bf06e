import { asUnixMs } from "../../base/time.ts";
import { refuse, type Parsed } from "../../proto/s3/error.ts";
import {
  legalHoldXml,
  lockConfigurationXml,
  readLegalHold,
  readLockConfiguration,
  readLockHeaders,
  readRetention,
  retentionXml,
} from "../../proto/s3/object-lock.ts";
import { parseXml } from "../../proto/s3/xml-walk.ts";
import { lockDocument, readDefaultRetention, type Lock, type LockChange } from "../../rules/retention.ts";
import { permissions } from "./authority.ts";
import { readDocument } from "./body.ts";
import { answer, nameOf, xmlAnswer, type Answer, type Call } from "./call.ts";
import { faultAnswer } from "./faults.ts";
import { versionHeader } from "./object-headers.ts";

const lockOn = (call: Call): boolean => call.bucket.documents[lockDocument] !== undefined;

const noLock = (): ReturnType<typeof refuse> =>
  refuse("InvalidRequest", "Bucket is missing Object Lock Configuration");

export async function getLockConfiguration(call: Call): Promise<Answer> {
  if (lockOn(call))
    return xmlAnswer(lockConfigurationXml(readDefaultRetention(call.bucket.documents[lockDocument])));
  return refuse(
    "ObjectLockConfigurationNotFoundError",
    "Object Lock configuration does not exist for this bucket",
  );
}

export async function putLockConfiguration(call: Call): Promise<Answer> {
  const body = await readDocument(call, 65_536);
  if (!body.ok) return body;
  const root = parseXml(body.value);
  if (!root.ok) return root;
  const rule = readLockConfiguration(root.value);
  if (!rule.ok) return rule;
  const documents = { [lockDocument]: JSON.stringify(rule.value ?? {}) };
  const done = await call.objects.changeBucket(call.actor, call.bucket.name, { documents });
  if (done.ok) return answer(200);
  if (done.fault.code !== "conflict") return faultAnswer(done.fault, "NoSuchBucket");
  return refuse(
    "InvalidBucketState",
    "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
  );
}

export async function getRetention(call: Call): Promise<Answer> {
  const lock = await lockOf(call);
  if (!lock.ok) return lock;
  const { mode, until } = lock.value;
  return mode === "none" || until === undefined ? noneSet() : xmlAnswer(retentionXml(mode, until));
}

export async function getLegalHold(call: Call): Promise<Answer> {
  const lock = await lockOf(call);
  return lock.ok ? xmlAnswer(legalHoldXml(lock.value.legalHold)) : lock;
}

const noneSet = (): ReturnType<typeof refuse> =>
  refuse("NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration");

async function lockOf(call: Call): Promise<Parsed<Lock>> {
  if (!lockOn(call)) return noLock();
  const found = await call.objects.head(nameOf(call), call.query.get("versionId"));
  if (!found.ok) return faultAnswer(found.fault, call.query.has("versionId") ? "NoSuchVersion" : "NoSuchKey");
  if (found.value.deleteMarker)
    return refuse("MethodNotAllowed", "The specified method is not allowed against this resource.");
  return { ok: true, value: found.value.lock };
}

export async function putRetention(call: Call): Promise<Answer> {
  const body = await readDocument(call, 65_536);
  if (!body.ok) return body;
  const root = parseXml(body.value);
  if (!root.ok) return root;
  const asked = readRetention(root.value);
  if (!asked.ok) return asked;
  const retention = asked.value && { mode: asked.value.mode, until: asUnixMs(asked.value.until) };
  return await changeLock(call, { retention, bypass: await mayBypass(call) });
}

export async function putLegalHold(call: Call): Promise<Answer> {
  const body = await readDocument(call, 65_536);
  if (!body.ok) return body;
  const root = parseXml(body.value);
  if (!root.ok) return root;
  const legalHold = readLegalHold(root.value);
  return legalHold.ok ? await changeLock(call, { legalHold: legalHold.value, bypass: false }) : legalHold;
}

async function changeLock(call: Call, change: LockChange): Promise<Answer> {
  if (!lockOn(call)) return noLock();
  const version = call.query.get("versionId");
  const done = await call.objects.setLock(call.actor, nameOf(call), version, change);
  if (done.ok) return answer(200, versionHeader(call.bucket, done.value));
  if (done.fault.code === "invalid") return refuse("InvalidArgument", done.fault.what);
  return faultAnswer(done.fault, version === undefined ? "NoSuchKey" : "NoSuchVersion");
}

/** GOVERNANCE yields to who says so and may. */
export async function mayBypass(call: Call, key = call.operation.key): Promise<boolean> {
  const says = call.headers.get("x-amz-bypass-governance-retention")?.toLowerCase() === "true";
  return says && (await call.mayAlso(permissions.bypassRetention, call.bucket, key));
}

/** The lock a new object is to begin with; undefined: the bucket's default. */
export async function planLock(call: Call): Promise<Parsed<{ lock?: Lock }>> {
  const asked = readLockHeaders(call.headers);
  if (!asked.ok) return asked;
  if (!asked.value) return { ok: true, value: {} };
  if (!lockOn(call)) return noLock();
  const { retention, legalHold } = asked.value;
  const { key } = call.operation;
  if (retention && !(await call.mayAlso(permissions.putRetention, call.bucket, key))) return denied();
  if (legalHold && !(await call.mayAlso(permissions.putLegalHold, call.bucket, key))) return denied();
  if (retention && retention.until <= call.now) {
    return refuse("InvalidArgument", "The retain until date must be in the future!");
  }
  const lock = {
    mode: retention?.mode ?? "none",
    until: retention && asUnixMs(retention.until),
    legalHold,
  } as const;
  return { ok: true, value: { lock } };
}

const denied = (): ReturnType<typeof refuse> => refuse("AccessDenied", "Access Denied");
