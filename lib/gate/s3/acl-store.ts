import type { WrittenGrant } from "../../proto/s3/acl.ts";
import {
  noBlock,
  readOwnership,
  readPublicAccessBlock,
  type Ownership,
  type PublicAccessBlock,
} from "../../proto/s3/public-access.ts";
import { parseXmlText } from "../../proto/s3/xml-walk.ts";
import { grantsOf, type AclGrant, type AclGroup, type AclPermission } from "../../rules/acl.ts";
import type { Bucket, ObjectVersion } from "../../store/objects.ts";

/** Where an object keeps its ACL among its headers. Never sent to anybody. */
export const aclHeader = "x-amz-acl";
export const bucketAclDocument = "acl";

/** Who owns objects, and with it whether ACLs mean anything. Nothing said: the bucket's owner owns all. */
export function ownershipOf(bucket: Bucket): Ownership {
  const root = parseXmlText(bucket.documents["ownershipControls"]);
  const read = root && readOwnership(root);
  return read?.ok ? read.value : "BucketOwnerEnforced";
}

export const aclsEnabled = (bucket: Bucket): boolean =>
  bucket.documents["ownershipControls"] !== undefined && ownershipOf(bucket) !== "BucketOwnerEnforced";

export function publicAccessOf(bucket: Bucket): PublicAccessBlock {
  const root = parseXmlText(bucket.documents["publicAccessBlock"]);
  const read = root && readPublicAccessBlock(root);
  return read?.ok ? read.value : noBlock;
}

/** The grants on a bucket, or on one of its objects. */
export function aclOf(bucket: Bucket, object: ObjectVersion | undefined): readonly AclGrant[] {
  const kept = object ? object.headers[aclHeader] : bucket.documents[bucketAclDocument];
  return kept === undefined
    ? grantsOf("private", bucket.owner, bucket.owner)
    : (JSON.parse(kept) as AclGrant[]);
}

export const keptAcl = (grants: readonly AclGrant[]): string => JSON.stringify(grants);

export const asGrant = ({ id, group, permission }: WrittenGrant): AclGrant => ({
  grantee: id === undefined ? { kind: "group", group: group as AclGroup } : { kind: "user", id },
  permission: permission as AclPermission,
});

export const asWritten = ({ grantee, permission }: AclGrant): WrittenGrant => ({
  id: grantee.kind === "user" ? grantee.id : undefined,
  group: grantee.kind === "group" ? grantee.group : undefined,
  permission,
});
