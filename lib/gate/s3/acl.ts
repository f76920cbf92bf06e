import { aclXml, readAcl, readGrantHeaders, type WrittenGrant } from "../../proto/s3/acl.ts";
import { refuse, type Parsed } from "../../proto/s3/error.ts";
import { parseXml } from "../../proto/s3/xml-walk.ts";
import { cannedAcls, grantsOf, isPublicAcl, type AclGrant, type CannedAcl } from "../../rules/acl.ts";
import {
  aclHeader,
  aclOf,
  aclsEnabled,
  asGrant,
  asWritten,
  bucketAclDocument,
  keptAcl,
  publicAccessOf,
} from "./acl-store.ts";
import { permissions } from "./authority.ts";
import { readDocument } from "./body.ts";
import { answer, nameOf, xmlAnswer, type Answer, type Call } from "./call.ts";
import { keep } from "./documents.ts";
import { faultAnswer } from "./faults.ts";

export async function getBucketAcl(call: Call): Promise<Answer> {
  return xmlAnswer(aclXml(call.bucket.owner, aclOf(call.bucket, undefined).map(asWritten)));
}

export async function getObjectAcl(call: Call): Promise<Answer> {
  const found = await call.objects.head(nameOf(call), call.query.get("versionId"));
  if (!found.ok) return faultAnswer(found.fault, "NoSuchKey");
  if (found.value.deleteMarker) return refuse("NoSuchKey", "The specified key does not exist.");
  return xmlAnswer(aclXml(call.bucket.owner, aclOf(call.bucket, found.value).map(asWritten)));
}

export async function putBucketAcl(call: Call): Promise<Answer> {
  const grants = await readAsked(call);
  if (!grants.ok) return grants;
  return grants.value === "owner"
    ? answer(200)
    : await keep(call, bucketAclDocument, keptAcl(grants.value), 200);
}

export async function putObjectAcl(call: Call): Promise<Answer> {
  const grants = await readAsked(call);
  if (!grants.ok) return grants;
  const name = nameOf(call);
  const version = call.query.get("versionId");
  const found = await call.objects.head(name, version);
  if (!found.ok) return faultAnswer(found.fault, version === undefined ? "NoSuchKey" : "NoSuchVersion");
  if (grants.value === "owner") return answer(200);
  const headers = { ...found.value.headers, [aclHeader]: keptAcl(grants.value) };
  const done = await call.objects.describe(call.actor, name, found.value.version, { headers });
  return done.ok ? answer(200) : faultAnswer(done.fault, "NoSuchKey");
}

/** The ACL a writer's headers ask for a new object: what is kept among its headers. */
export async function planAcl(call: Call): Promise<Parsed<Readonly<Record<string, string>>>> {
  const asked = askedByHeaders(call);
  if (!asked.ok) return asked;
  if (asked.value === undefined) return { ok: true, value: {} };
  if (!(await call.mayAlso(permissions.putAcl, call.bucket, call.operation.key))) {
    return refuse("AccessDenied", "Access Denied");
  }
  const checked = checkAsked(call, asked.value);
  if (!checked.ok) return checked;
  return { ok: true, value: checked.value === "owner" ? {} : { [aclHeader]: keptAcl(checked.value) } };
}

type Asked = readonly AclGrant[] | CannedAcl;

/** The ACL of an ACL request, by header or body. "owner": it says what holds anyway. */
async function readAsked(call: Call): Promise<Parsed<readonly AclGrant[] | "owner">> {
  const byHeaders = askedByHeaders(call);
  if (!byHeaders.ok) return byHeaders;
  if (byHeaders.value !== undefined) return checkAsked(call, byHeaders.value);
  const body = await readDocument(call, 65_536);
  if (!body.ok) return body;
  const root = parseXml(body.value);
  if (!root.ok) return root;
  const grants = readAcl(root.value);
  return grants.ok ? checkAsked(call, grants.value.map(asGrant)) : grants;
}

function askedByHeaders(call: Call): Parsed<Asked | undefined> {
  const canned = call.headers.get("x-amz-acl");
  const grants: Parsed<readonly WrittenGrant[]> = readGrantHeaders(call.headers);
  if (!grants.ok) return grants;
  if (canned !== undefined && grants.value.length > 0) {
    return refuse("InvalidRequest", "Specifying both Canned ACLs and Header Grants is not allowed");
  }
  if (grants.value.length > 0) return { ok: true, value: grants.value.map(asGrant) };
  if (canned === undefined || (cannedAcls as readonly string[]).includes(canned)) {
    return { ok: true, value: canned as CannedAcl | undefined };
  }
  return refuse("InvalidArgument", "The canned ACL is not known.", {
    extra: { ArgumentName: "x-amz-acl", ArgumentValue: canned },
  });
}

function checkAsked(call: Call, asked: Asked): Parsed<readonly AclGrant[] | "owner"> {
  const { owner } = call.bucket;
  const writer = call.actor.principal.kind === "user" ? call.actor.principal.user.id : owner;
  const grants = typeof asked === "string" ? grantsOf(asked, writer, owner) : asked;
  if (!aclsEnabled(call.bucket)) {
    const onlyOwner = grants.every(({ grantee }) => grantee.kind === "user" && grantee.id === owner);
    if (asked === "bucket-owner-full-control" || (onlyOwner && grants.length > 0))
      return { ok: true, value: "owner" };
    return refuse("AccessControlListNotSupported", "The bucket does not allow ACLs");
  }
  if (publicAccessOf(call.bucket).blockPublicAcls && isPublicAcl(grants)) {
    return refuse(
      "AccessDenied",
      "Access Denied: public ACLs are blocked by the bucket's public access block.",
    );
  }
  return { ok: true, value: grants };
}
