import type { OperationName } from "../../proto/s3/operation-table.ts";
import { getBucketAcl, getObjectAcl, putBucketAcl, putObjectAcl } from "./acl.ts";
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from "./bucket.ts";
import { deleteById, getById, putById } from "./by-id.ts";
import type { Handler } from "./call.ts";
import { getLogging, putLogging } from "./logging.ts";
import { completeUpload } from "./complete-upload.ts";
import { copyObject } from "./copy-object.ts";
import { createUpload } from "./create-upload.ts";
import { deleteObject } from "./delete-object.ts";
import { deleteObjects } from "./delete-objects.ts";
import { deleteDocument, getDocument, putDocument } from "./documents.ts";
import { deleteEncryption, getEncryption, putEncryption } from "./encryption.ts";
import { getAttributes } from "./get-attributes.ts";
import { getObject, headObject } from "./get-object.ts";
import { listObjects, listObjectsV2 } from "./list-objects.ts";
import { listVersions } from "./list-versions.ts";
import { getNotification, putNotification } from "./notification.ts";
import {
  getLegalHold,
  getLockConfiguration,
  getRetention,
  putLegalHold,
  putLockConfiguration,
  putRetention,
} from "./object-lock.ts";
import { deletePolicy, getPolicy, getPolicyStatus, putPolicy } from "./policy.ts";
import { postObject } from "./post-object.ts";
import { putObject } from "./put-object.ts";
import { deleteReplication, getReplication, putReplication } from "./replication.ts";
import { selectContent } from "./select.ts";
import { deleteTagging, getTagging, putTagging } from "./tagging.ts";
import { uploadPart, uploadPartCopy } from "./upload-part.ts";
import { abortUpload, listParts, listUploads } from "./uploads.ts";
import { getVersioning, putVersioning } from "./versioning.ts";

/** Who performs each operation. */
export const handlers: Readonly<Record<OperationName, Handler>> = {
  ListBuckets: listBuckets,
  CreateBucket: createBucket,
  HeadBucket: headBucket,
  DeleteBucket: deleteBucket,
  GetBucketLocation: getBucketLocation,
  GetBucketVersioning: getVersioning,
  PutBucketVersioning: putVersioning,
  GetObjectLockConfiguration: getLockConfiguration,
  PutObjectLockConfiguration: putLockConfiguration,
  GetBucketTagging: getDocument("tagging"),
  PutBucketTagging: putDocument("tagging"),
  DeleteBucketTagging: deleteDocument("tagging"),
  GetBucketPolicy: getPolicy,
  PutBucketPolicy: putPolicy,
  DeleteBucketPolicy: deletePolicy,
  GetBucketPolicyStatus: getPolicyStatus,
  GetBucketAcl: getBucketAcl,
  PutBucketAcl: putBucketAcl,
  GetBucketCors: getDocument("cors"),
  PutBucketCors: putDocument("cors"),
  DeleteBucketCors: deleteDocument("cors"),
  GetBucketLifecycle: getDocument("lifecycle"),
  PutBucketLifecycle: putDocument("lifecycle"),
  DeleteBucketLifecycle: deleteDocument("lifecycle"),
  GetBucketWebsite: getDocument("website"),
  PutBucketWebsite: putDocument("website"),
  DeleteBucketWebsite: deleteDocument("website"),
  GetPublicAccessBlock: getDocument("publicAccessBlock"),
  PutPublicAccessBlock: putDocument("publicAccessBlock"),
  DeletePublicAccessBlock: deleteDocument("publicAccessBlock"),
  GetBucketOwnershipControls: getDocument("ownershipControls"),
  PutBucketOwnershipControls: putDocument("ownershipControls"),
  DeleteBucketOwnershipControls: deleteDocument("ownershipControls"),
  GetBucketNotification: getNotification,
  PutBucketNotification: putNotification,
  GetBucketEncryption: getEncryption,
  PutBucketEncryption: putEncryption,
  DeleteBucketEncryption: deleteEncryption,
  GetBucketReplication: getReplication,
  PutBucketReplication: putReplication,
  DeleteBucketReplication: deleteReplication,
  GetBucketLogging: getLogging,
  PutBucketLogging: putLogging,
  GetBucketRequestPayment: getDocument("requestPayment"),
  PutBucketRequestPayment: putDocument("requestPayment"),
  GetBucketAccelerate: getDocument("accelerate"),
  PutBucketAccelerate: putDocument("accelerate"),
  GetBucketMetrics: getById("metrics"),
  PutBucketMetrics: putById("metrics"),
  DeleteBucketMetrics: deleteById("metrics"),
  GetBucketAnalytics: getById("analytics"),
  PutBucketAnalytics: putById("analytics"),
  DeleteBucketAnalytics: deleteById("analytics"),
  GetBucketIntelligentTiering: getById("intelligent-tiering"),
  PutBucketIntelligentTiering: putById("intelligent-tiering"),
  DeleteBucketIntelligentTiering: deleteById("intelligent-tiering"),
  GetBucketInventory: getById("inventory"),
  PutBucketInventory: putById("inventory"),
  DeleteBucketInventory: deleteById("inventory"),
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  ListObjectVersions: listVersions,
  ListMultipartUploads: listUploads,
  DeleteObjects: deleteObjects,
  PostObject: postObject,
  PutObject: putObject,
  CopyObject: copyObject,
  GetObject: getObject,
  HeadObject: headObject,
  DeleteObject: deleteObject,
  GetObjectAttributes: getAttributes,
  SelectObjectContent: selectContent,
  GetObjectTagging: getTagging,
  PutObjectTagging: putTagging,
  DeleteObjectTagging: deleteTagging,
  GetObjectAcl: getObjectAcl,
  PutObjectAcl: putObjectAcl,
  GetObjectRetention: getRetention,
  PutObjectRetention: putRetention,
  GetObjectLegalHold: getLegalHold,
  PutObjectLegalHold: putLegalHold,
  CreateMultipartUpload: createUpload,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
  ListParts: listParts,
  CompleteMultipartUpload: completeUpload,
  AbortMultipartUpload: abortUpload,
};
