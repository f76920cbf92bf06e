import { readWriteConditions } from "../../proto/s3/conditions.ts";
import { refuse, type Parsed } from "../../proto/s3/error.ts";
import { readFacts, readTaggingHeader } from "../../proto/s3/facts.ts";
import type { ObjectFacts } from "../../store/objects.ts";
import { planAcl } from "./acl.ts";
import { permissions } from "./authority.ts";
import { openBody } from "./body.ts";
import { answer, nameOf, type Answer, type Call } from "./call.ts";
import { planEncryption, sealHeaders } from "./encryption.ts";
import { planLock } from "./object-lock.ts";
import { isHere, planReplica } from "./replication.ts";
import { checksumHeaders, versionHeader } from "./object-headers.ts";

export async function putObject(call: Call): Promise<Answer> {
  const facts = await planFacts(call);
  if (!facts.ok) return facts;
  const lock = await planLock(call);
  if (!lock.ok) return lock;
  const seal = planEncryption(call);
  if (!seal.ok) return seal;
  const when = readWriteConditions(call.headers);
  if (!when.ok) return when;
  const replica = await planReplica(call);
  if (!replica.ok) return replica;
  if (await isHere(call, replica.value)) return answer(200);
  const body = openBody(call);
  if (!body.ok) return body;
  const { source, chosen, expect } = body.value;
  const { encryption, customer } = seal.value;
  const checks = {
    digests: [chosen?.name ?? "crc64nvme"] as const,
    expect,
    when: { ...when.value, ...replica.value.when },
  };
  const put = { ...facts.value, ...lock.value, ...checks, encryption };
  const done = await call.objects.put(call.actor, nameOf(call), source, put);
  if (!done.ok) return body.value.refusal(done.fault, "NoSuchKey");
  return answer(200, {
    etag: `"${done.value.etag}"`,
    ...checksumHeaders(done.value),
    ...versionHeader(call.bucket, done.value),
    ...sealHeaders(call, done.value.encryption, customer),
  });
}

/** What the headers say of a new object. Tags and ACL need their own permissions. */
export async function planFacts(call: Call): Promise<Parsed<ObjectFacts>> {
  const facts = readFacts(call.headers);
  if (!facts.ok) return facts;
  const text = call.headers.get("x-amz-tagging");
  const tags = readTaggingHeader(text);
  if (!tags.ok) return tags;
  const { key } = call.operation;
  if (text !== undefined && !(await call.mayAlso(permissions.putTagging, call.bucket, key))) {
    return refuse("AccessDenied", "Access Denied");
  }
  const acl = await planAcl(call);
  if (!acl.ok) return acl;
  const replica = await planReplica(call);
  if (!replica.ok) return replica;
  const headers = { ...facts.value.headers, ...acl.value, ...replica.value.headers };
  return { ok: true, value: { ...facts.value, headers, tags: tags.value, modifiedAt: undefined } };
}
