import type { OperationName } from "../../proto/s3/operation.ts";
import type { Verb } from "../../rules/access.ts";

/** What an operation needs to be allowed, before anything is looked up for it. */
export interface Authority {
  /** S3's own name of the permission: what bucket policies speak of. */
  readonly action: string;
  readonly verb: Verb;
  /** "object": the key asked about. "prefix": the keys a listing asks about. "each": the handler asks for
   *  each thing it touches, and shows only what is allowed. */
  readonly on: "house" | "bucket" | "object" | "prefix" | "each";
  /** Where the request names a version. */
  readonly version?: { readonly action: string; readonly verb: Verb };
}

/** Every operation has its line: without one it does not compile. */
export const authority: Readonly<Record<OperationName, Authority>> = {
  ListBuckets: { action: "s3:ListAllMyBuckets", verb: "bucket.read", on: "each" },
  CreateBucket: { action: "s3:CreateBucket", verb: "bucket.create", on: "house" },
  HeadBucket: { action: "s3:ListBucket", verb: "bucket.read", on: "bucket" },
  DeleteBucket: { action: "s3:DeleteBucket", verb: "bucket.delete", on: "bucket" },
  GetBucketLocation: { action: "s3:GetBucketLocation", verb: "bucket.read", on: "bucket" },
  ListObjects: { action: "s3:ListBucket", verb: "object.list", on: "prefix" },
  ListObjectsV2: { action: "s3:ListBucket", verb: "object.list", on: "prefix" },
  ListMultipartUploads: { action: "s3:ListBucketMultipartUploads", verb: "object.list", on: "prefix" },
  DeleteObjects: { action: "s3:DeleteObject", verb: "object.delete", on: "each" },
  PutObject: { action: "s3:PutObject", verb: "object.write", on: "object" },
  CopyObject: { action: "s3:PutObject", verb: "object.write", on: "object" },
  GetObject: {
    action: "s3:GetObject",
    verb: "object.read",
    on: "object",
    version: { action: "s3:GetObjectVersion", verb: "version.read" },
  },
  HeadObject: {
    action: "s3:GetObject",
    verb: "object.read",
    on: "object",
    version: { action: "s3:GetObjectVersion", verb: "version.read" },
  },
  DeleteObject: {
    action: "s3:DeleteObject",
    verb: "object.delete",
    on: "object",
    version: { action: "s3:DeleteObjectVersion", verb: "version.delete" },
  },
  CreateMultipartUpload: { action: "s3:PutObject", verb: "object.write", on: "object" },
  UploadPart: { action: "s3:PutObject", verb: "object.write", on: "object" },
  UploadPartCopy: { action: "s3:PutObject", verb: "object.write", on: "object" },
  ListParts: { action: "s3:ListMultipartUploadParts", verb: "object.write", on: "object" },
  CompleteMultipartUpload: { action: "s3:PutObject", verb: "object.write", on: "object" },
  AbortMultipartUpload: { action: "s3:AbortMultipartUpload", verb: "object.write", on: "object" },
};
