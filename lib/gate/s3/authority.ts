import type { OperationName } from "../../proto/s3/operation-table.ts";
import type { Verb } from "../../rules/access.ts";

/** One thing that may be allowed: S3's own name of it, which bucket policies speak of, and the house's. */
export interface Permission {
  readonly action: string;
  readonly verb: Verb;
}

/** What an operation needs to be allowed, before anything is looked up for it. */
export interface Authority extends Permission {
  /** "object": the key asked about. "prefix": the keys a listing asks about. "each": the handler asks for
   *  each thing it touches, and shows only what is allowed. */
  readonly on: "house" | "bucket" | "object" | "prefix" | "each";
  /** Where the request names a version. */
  readonly version?: Permission;
}

/** What handlers ask for beside their operation's own line. */
export const permissions = {
  readObject: { action: "s3:GetObject", verb: "object.read" },
  readVersion: { action: "s3:GetObjectVersion", verb: "version.read" },
  deleteObject: { action: "s3:DeleteObject", verb: "object.delete" },
  deleteVersion: { action: "s3:DeleteObjectVersion", verb: "version.delete" },
  listBucket: { action: "s3:ListBucket", verb: "object.list" },
  seeBucket: { action: "s3:ListBucket", verb: "bucket.read" },
  putRetention: { action: "s3:PutObjectRetention", verb: "retention.change" },
  putLegalHold: { action: "s3:PutObjectLegalHold", verb: "retention.change" },
  bypassRetention: { action: "s3:BypassGovernanceRetention", verb: "retention.bypass" },
  putTagging: { action: "s3:PutObjectTagging", verb: "object.write" },
  replicate: { action: "s3:ReplicateObject", verb: "object.write" },
  putAcl: { action: "s3:PutObjectAcl", verb: "object.write" },
} as const satisfies Readonly<Record<string, Permission>>;

const see = (action: string): Authority => ({ action: `s3:${action}`, verb: "bucket.read", on: "bucket" });
const set = (action: string): Authority => ({
  action: `s3:${action}`,
  verb: "bucket.configure",
  on: "bucket",
});
const list = (action: string): Authority => ({ action: `s3:${action}`, verb: "object.list", on: "prefix" });

/** On an object, and where a version is named under the name with "Version" in it. */
function object(action: string, verb: Verb, version?: string, versionVerb: Verb = verb): Authority {
  const plain = { action: `s3:${action}`, verb, on: "object" } as const;
  return version === undefined
    ? plain
    : { ...plain, version: { action: `s3:${version}`, verb: versionVerb } };
}

const read = object("GetObject", "object.read", "GetObjectVersion", "version.read");
const write = object("PutObject", "object.write");

/** Every operation has its line: without one it does not compile. */
export const authority: Readonly<Record<OperationName, Authority>> = {
  ListBuckets: { action: "s3:ListAllMyBuckets", verb: "bucket.read", on: "each" },
  CreateBucket: { action: "s3:CreateBucket", verb: "bucket.create", on: "house" },
  HeadBucket: see("ListBucket"),
  DeleteBucket: { action: "s3:DeleteBucket", verb: "bucket.delete", on: "bucket" },
  GetBucketLocation: see("GetBucketLocation"),
  GetBucketVersioning: see("GetBucketVersioning"),
  PutBucketVersioning: set("PutBucketVersioning"),
  GetObjectLockConfiguration: see("GetBucketObjectLockConfiguration"),
  PutObjectLockConfiguration: set("PutBucketObjectLockConfiguration"),
  GetBucketTagging: see("GetBucketTagging"),
  PutBucketTagging: set("PutBucketTagging"),
  DeleteBucketTagging: set("PutBucketTagging"),
  GetBucketPolicy: { ...set("GetBucketPolicy") },
  PutBucketPolicy: set("PutBucketPolicy"),
  DeleteBucketPolicy: set("DeleteBucketPolicy"),
  GetBucketPolicyStatus: see("GetBucketPolicyStatus"),
  GetBucketAcl: { ...set("GetBucketAcl") },
  PutBucketAcl: set("PutBucketAcl"),
  GetBucketCors: see("GetBucketCORS"),
  PutBucketCors: set("PutBucketCORS"),
  DeleteBucketCors: set("PutBucketCORS"),
  GetBucketLifecycle: see("GetLifecycleConfiguration"),
  PutBucketLifecycle: set("PutLifecycleConfiguration"),
  DeleteBucketLifecycle: set("PutLifecycleConfiguration"),
  GetBucketWebsite: see("GetBucketWebsite"),
  PutBucketWebsite: set("PutBucketWebsite"),
  DeleteBucketWebsite: set("DeleteBucketWebsite"),
  GetPublicAccessBlock: see("GetBucketPublicAccessBlock"),
  PutPublicAccessBlock: set("PutBucketPublicAccessBlock"),
  DeletePublicAccessBlock: set("PutBucketPublicAccessBlock"),
  GetBucketOwnershipControls: see("GetBucketOwnershipControls"),
  PutBucketOwnershipControls: set("PutBucketOwnershipControls"),
  DeleteBucketOwnershipControls: set("PutBucketOwnershipControls"),
  GetBucketNotification: see("GetBucketNotification"),
  PutBucketNotification: set("PutBucketNotification"),
  GetBucketEncryption: see("GetEncryptionConfiguration"),
  PutBucketEncryption: set("PutEncryptionConfiguration"),
  DeleteBucketEncryption: set("PutEncryptionConfiguration"),
  GetBucketReplication: see("GetReplicationConfiguration"),
  PutBucketReplication: set("PutReplicationConfiguration"),
  DeleteBucketReplication: set("PutReplicationConfiguration"),
  GetBucketLogging: see("GetBucketLogging"),
  PutBucketLogging: set("PutBucketLogging"),
  GetBucketRequestPayment: see("GetBucketRequestPayment"),
  PutBucketRequestPayment: set("PutBucketRequestPayment"),
  GetBucketAccelerate: see("GetAccelerateConfiguration"),
  PutBucketAccelerate: set("PutAccelerateConfiguration"),
  GetBucketMetrics: see("GetMetricsConfiguration"),
  PutBucketMetrics: set("PutMetricsConfiguration"),
  DeleteBucketMetrics: set("PutMetricsConfiguration"),
  GetBucketAnalytics: see("GetAnalyticsConfiguration"),
  PutBucketAnalytics: set("PutAnalyticsConfiguration"),
  DeleteBucketAnalytics: set("PutAnalyticsConfiguration"),
  GetBucketIntelligentTiering: see("GetIntelligentTieringConfiguration"),
  PutBucketIntelligentTiering: set("PutIntelligentTieringConfiguration"),
  DeleteBucketIntelligentTiering: set("PutIntelligentTieringConfiguration"),
  GetBucketInventory: see("GetInventoryConfiguration"),
  PutBucketInventory: set("PutInventoryConfiguration"),
  DeleteBucketInventory: set("PutInventoryConfiguration"),
  ListObjects: list("ListBucket"),
  ListObjectsV2: list("ListBucket"),
  ListObjectVersions: list("ListBucketVersions"),
  ListMultipartUploads: list("ListBucketMultipartUploads"),
  DeleteObjects: { action: "s3:DeleteObject", verb: "object.delete", on: "each" },
  PostObject: { action: "s3:PutObject", verb: "object.write", on: "each" },
  PutObject: write,
  CopyObject: write,
  GetObject: read,
  HeadObject: read,
  DeleteObject: object("DeleteObject", "object.delete", "DeleteObjectVersion", "version.delete"),
  SelectObjectContent: object("GetObject", "object.read"),
  GetObjectAttributes: object(
    "GetObjectAttributes",
    "object.read",
    "GetObjectVersionAttributes",
    "version.read",
  ),
  GetObjectTagging: object("GetObjectTagging", "object.read", "GetObjectVersionTagging", "version.read"),
  PutObjectTagging: object("PutObjectTagging", "object.write", "PutObjectVersionTagging"),
  DeleteObjectTagging: object("DeleteObjectTagging", "object.write", "DeleteObjectVersionTagging"),
  GetObjectAcl: object("GetObjectAcl", "bucket.configure", "GetObjectVersionAcl"),
  PutObjectAcl: object("PutObjectAcl", "bucket.configure", "PutObjectVersionAcl"),
  GetObjectRetention: object("GetObjectRetention", "object.read"),
  PutObjectRetention: object("PutObjectRetention", "retention.change"),
  GetObjectLegalHold: object("GetObjectLegalHold", "object.read"),
  PutObjectLegalHold: object("PutObjectLegalHold", "retention.change"),
  CreateMultipartUpload: write,
  UploadPart: write,
  UploadPartCopy: write,
  ListParts: object("ListMultipartUploadParts", "object.write"),
  CompleteMultipartUpload: write,
  AbortMultipartUpload: object("AbortMultipartUpload", "object.write"),
};
