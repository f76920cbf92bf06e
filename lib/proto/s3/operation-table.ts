/** Every operation this server performs. Closed: gate/s3 has a handler and a permission for each. */
export const operationNames = [
  "ListBuckets",
  "CreateBucket",
  "HeadBucket",
  "DeleteBucket",
  "GetBucketLocation",
  "GetBucketVersioning",
  "PutBucketVersioning",
  "GetObjectLockConfiguration",
  "PutObjectLockConfiguration",
  "GetBucketTagging",
  "PutBucketTagging",
  "DeleteBucketTagging",
  "GetBucketPolicy",
  "PutBucketPolicy",
  "DeleteBucketPolicy",
  "GetBucketPolicyStatus",
  "GetBucketAcl",
  "PutBucketAcl",
  "GetBucketCors",
  "PutBucketCors",
  "DeleteBucketCors",
  "GetBucketLifecycle",
  "PutBucketLifecycle",
  "DeleteBucketLifecycle",
  "GetBucketWebsite",
  "GetPublicAccessBlock",
  "PutPublicAccessBlock",
  "DeletePublicAccessBlock",
  "GetBucketOwnershipControls",
  "PutBucketOwnershipControls",
  "DeleteBucketOwnershipControls",
  "GetBucketNotification",
  "PutBucketNotification",
  "GetBucketEncryption",
  "PutBucketEncryption",
  "DeleteBucketEncryption",
  "GetBucketReplication",
  "PutBucketReplication",
  "DeleteBucketReplication",
  "GetBucketLogging",
  "GetBucketRequestPayment",
  "GetBucketAccelerate",
  "ListObjects",
  "ListObjectsV2",
  "ListObjectVersions",
  "ListMultipartUploads",
  "DeleteObjects",
  "PostObject",
  "PutObject",
  "CopyObject",
  "GetObject",
  "HeadObject",
  "DeleteObject",
  "GetObjectAttributes",
  "GetObjectTagging",
  "PutObjectTagging",
  "DeleteObjectTagging",
  "GetObjectAcl",
  "PutObjectAcl",
  "GetObjectRetention",
  "PutObjectRetention",
  "GetObjectLegalHold",
  "PutObjectLegalHold",
  "CreateMultipartUpload",
  "UploadPart",
  "UploadPartCopy",
  "ListParts",
  "CompleteMultipartUpload",
  "AbortMultipartUpload",
] as const;
export type OperationName = (typeof operationNames)[number];

export type Method = "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
/** "unserved": known to S3 and answered 501, never taken for something else. */
export type Row = Readonly<Partial<Record<Method, OperationName | "unserved">>>;

export const unservedRow: Row = {
  GET: "unserved",
  HEAD: "unserved",
  PUT: "unserved",
  POST: "unserved",
  DELETE: "unserved",
};

const of = (get: OperationName, put: Row["PUT"], drop?: Row["DELETE"]): Row => ({
  GET: get,
  ...(put ? { PUT: put } : {}),
  ...(drop ? { DELETE: drop } : {}),
});

/** Chosen by which of these keys the query has, before the method is looked at. First fitting row. */
export const bucketRows: readonly (readonly [string, Row])[] = [
  ["uploads", { GET: "ListMultipartUploads" }],
  ["versions", { GET: "ListObjectVersions" }],
  ["delete", { POST: "DeleteObjects" }],
  ["location", { GET: "GetBucketLocation" }],
  ["versioning", of("GetBucketVersioning", "PutBucketVersioning")],
  ["object-lock", of("GetObjectLockConfiguration", "PutObjectLockConfiguration")],
  ["tagging", of("GetBucketTagging", "PutBucketTagging", "DeleteBucketTagging")],
  ["policy", of("GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy")],
  ["policyStatus", { GET: "GetBucketPolicyStatus" }],
  ["acl", of("GetBucketAcl", "PutBucketAcl")],
  ["cors", of("GetBucketCors", "PutBucketCors", "DeleteBucketCors")],
  ["lifecycle", of("GetBucketLifecycle", "PutBucketLifecycle", "DeleteBucketLifecycle")],
  ["website", of("GetBucketWebsite", "unserved", "unserved")],
  ["publicAccessBlock", of("GetPublicAccessBlock", "PutPublicAccessBlock", "DeletePublicAccessBlock")],
  [
    "ownershipControls",
    of("GetBucketOwnershipControls", "PutBucketOwnershipControls", "DeleteBucketOwnershipControls"),
  ],
  ["notification", of("GetBucketNotification", "PutBucketNotification")],
  ["encryption", of("GetBucketEncryption", "PutBucketEncryption", "DeleteBucketEncryption")],
  ["replication", of("GetBucketReplication", "PutBucketReplication", "DeleteBucketReplication")],
  ["logging", of("GetBucketLogging", "unserved")],
  ["requestPayment", of("GetBucketRequestPayment", "unserved")],
  ["accelerate", of("GetBucketAccelerate", "unserved")],
  ["list-type", { GET: "ListObjectsV2" }],
];

export const objectRows: readonly (readonly [string, Row])[] = [
  [
    "uploadId",
    {
      PUT: "UploadPart",
      GET: "ListParts",
      POST: "CompleteMultipartUpload",
      DELETE: "AbortMultipartUpload",
    },
  ],
  ["uploads", { POST: "CreateMultipartUpload" }],
  ["tagging", of("GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging")],
  ["acl", of("GetObjectAcl", "PutObjectAcl")],
  ["retention", of("GetObjectRetention", "PutObjectRetention")],
  ["legal-hold", of("GetObjectLegalHold", "PutObjectLegalHold")],
  ["attributes", { GET: "GetObjectAttributes" }],
];

/** Known to S3, and not served here. */
export const unservedKeys: ReadonlySet<string> = new Set([
  "abac",
  "analytics",
  "intelligent-tiering",
  "inventory",
  "metadataConfiguration",
  "metadataInventoryTable",
  "metadataJournalTable",
  "metadataTable",
  "metrics",
  "renameObject",
  "restore",
  "select",
  "session",
  "torrent",
]);

export const serviceRow: Row = { GET: "ListBuckets", POST: "unserved" };
export const bucketRow: Row = {
  GET: "ListObjects",
  HEAD: "HeadBucket",
  PUT: "CreateBucket",
  DELETE: "DeleteBucket",
  POST: "PostObject",
};
export const objectRow: Row = {
  GET: "GetObject",
  HEAD: "HeadObject",
  PUT: "PutObject",
  DELETE: "DeleteObject",
};
