import type { Address } from "./address.ts";
import { refuse, type Parsed } from "./error.ts";
import type { Query } from "./target.ts";

/** Every operation this server performs. Closed: gate/s3 has a handler and a permission for each. */
export const operationNames = [
  "ListBuckets",
  "CreateBucket",
  "HeadBucket",
  "DeleteBucket",
  "GetBucketLocation",
  "ListObjects",
  "ListObjectsV2",
  "ListMultipartUploads",
  "DeleteObjects",
  "PutObject",
  "CopyObject",
  "GetObject",
  "HeadObject",
  "DeleteObject",
  "CreateMultipartUpload",
  "UploadPart",
  "UploadPartCopy",
  "ListParts",
  "CompleteMultipartUpload",
  "AbortMultipartUpload",
] as const;
export type OperationName = (typeof operationNames)[number];

/** What a request asks for, and of what. */
export interface Operation extends Address {
  readonly name: OperationName;
}

type Method = "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
/** "unserved": known to S3 and answered 501, never taken for something else. */
type Row = Readonly<Partial<Record<Method, OperationName | "unserved">>>;

const unserved: Row = {
  GET: "unserved",
  HEAD: "unserved",
  PUT: "unserved",
  POST: "unserved",
  DELETE: "unserved",
};

/** Chosen by which of these keys the query has, before the method is looked at. First fitting row. */
const bucketRows: readonly (readonly [string, Row])[] = [
  ["uploads", { GET: "ListMultipartUploads" }],
  ["delete", { POST: "DeleteObjects" }],
  ["location", { GET: "GetBucketLocation" }],
  ["list-type", { GET: "ListObjectsV2" }],
];

const objectRows: readonly (readonly [string, Row])[] = [
  [
    "uploadId",
    { PUT: "UploadPart", GET: "ListParts", POST: "CompleteMultipartUpload", DELETE: "AbortMultipartUpload" },
  ],
  ["uploads", { POST: "CreateMultipartUpload" }],
];

const unservedKeys: ReadonlySet<string> = new Set([
  "abac",
  "accelerate",
  "acl",
  "analytics",
  "attributes",
  "cors",
  "encryption",
  "intelligent-tiering",
  "inventory",
  "legal-hold",
  "lifecycle",
  "logging",
  "metadataConfiguration",
  "metadataInventoryTable",
  "metadataJournalTable",
  "metadataTable",
  "metrics",
  "notification",
  "object-lock",
  "ownershipControls",
  "policy",
  "policyStatus",
  "publicAccessBlock",
  "renameObject",
  "replication",
  "requestPayment",
  "restore",
  "retention",
  "select",
  "session",
  "tagging",
  "torrent",
  "versioning",
  "versions",
  "website",
]);

const serviceRow: Row = { GET: "ListBuckets", POST: "unserved" };
const bucketRow: Row = {
  GET: "ListObjects",
  HEAD: "HeadBucket",
  PUT: "CreateBucket",
  DELETE: "DeleteBucket",
  POST: "unserved",
};
const objectRow: Row = { GET: "GetObject", HEAD: "HeadObject", PUT: "PutObject", DELETE: "DeleteObject" };

/** Names the operation. The presence of a sub-resource key decides before the method does; `x-id` and keys
 *  nobody knows are ignored. Refuses NotImplemented for what S3 has and this server has not. */
export function readOperation(
  method: string,
  address: Address,
  query: Query,
  copies: boolean,
): Parsed<Operation> {
  const name = rowFor(address, query)[method as Method];
  if (name === undefined) {
    return refuse("MethodNotAllowed", "The specified method is not allowed against this resource.");
  }
  if (name === "unserved") {
    return refuse(
      "NotImplemented",
      "A header or query you provided implies functionality that is not implemented.",
    );
  }
  return {
    ok: true,
    value: { name: copies ? copyOf(name) : name, bucket: address.bucket, key: address.key },
  };
}

function rowFor(address: Address, query: Query): Row {
  if (address.bucket === "") return serviceRow;
  const rows = address.key === "" ? bucketRows : objectRows;
  if (query.pairs.length > 0) {
    const row = rows.find(([key]) => query.has(key));
    if (row) return row[1];
    if (query.pairs.some(([key]) => unservedKeys.has(key))) return unserved;
  }
  return address.key === "" ? bucketRow : objectRow;
}

/** `x-amz-copy-source` turns two operations into others. */
function copyOf(name: OperationName): OperationName {
  if (name === "PutObject") return "CopyObject";
  return name === "UploadPart" ? "UploadPartCopy" : name;
}
