import { never } from "../../base/assert.ts";
import type { Fault, FaultCode } from "../../base/fault.ts";
import type { SealTrouble } from "../../rules/encryption.ts";
import { refuse, type ErrorCode } from "../../proto/s3/error.ts";

/** What is missing when the store says "not-found". */
export type Absent = "NoSuchBucket" | "NoSuchKey" | "NoSuchVersion" | "NoSuchUpload";

const codeOf: Readonly<Record<FaultCode, ErrorCode | "absent">> = {
  "not-found": "absent",
  exists: "BucketAlreadyExists",
  denied: "AccessDenied",
  unauthenticated: "AccessDenied",
  invalid: "InvalidArgument",
  "bad-name": "InvalidArgument",
  "not-directory": "InvalidArgument",
  "is-directory": "InvalidArgument",
  "not-empty": "BucketNotEmpty",
  busy: "OperationAborted",
  conflict: "ConditionalRequestConflict",
  precondition: "PreconditionFailed",
  retained: "AccessDenied",
  quota: "QuotaExceeded",
  "no-space": "ServiceUnavailable",
  "read-only": "ServiceUnavailable",
  "too-large": "EntityTooLarge",
  "too-many": "SlowDown",
  "bad-range": "InvalidRange",
  digest: "BadDigest",
  truncated: "IncompleteBody",
  damaged: "InternalError",
  unsupported: "NotImplemented",
  timeout: "RequestTimeout",
  cancelled: "IncompleteBody",
  unavailable: "ServiceUnavailable",
  io: "InternalError",
};

const sentences: Readonly<Partial<Record<ErrorCode, string>>> = {
  NoSuchBucket: "The specified bucket does not exist",
  NoSuchKey: "The specified key does not exist.",
  NoSuchVersion: "The specified version does not exist.",
  NoSuchUpload:
    "The specified upload does not exist. The upload ID may be invalid, " +
    "or the upload may have been aborted or completed.",
  AccessDenied: "Access Denied",
  BucketAlreadyExists: "The requested bucket name is not available.",
  BucketNotEmpty: "The bucket you tried to delete is not empty",
  PreconditionFailed: "At least one of the pre-conditions you specified did not hold",
  IncompleteBody: "You did not provide the number of bytes specified by the Content-Length HTTP header",
  InternalError: "We encountered an internal error. Please try again.",
  SlowDown: "Please reduce your request rate.",
  EntityTooLarge: "Your proposed upload exceeds the maximum allowed size",
  InvalidRange: "The requested range is not satisfiable",
};

/** The store's fault as S3's error. What is inside the house stays there: a client reads S3's own sentence,
 *  or the fault's where that speaks of the client's request. */
export function faultAnswer(fault: Fault, absent: Absent): ReturnType<typeof refuse> {
  const sealed = isSealTrouble(fault.where) ? sealTroubles[fault.where] : undefined;
  if (sealed) return refuse(...sealed);
  const code = codeOf[fault.code];
  const known = code === "absent" ? absent : code;
  if (fault.code === "retained") {
    return refuse("AccessDenied", "Access Denied because object protected by object lock.");
  }
  return refuse(known, sentences[known] ?? fault.what);
}

const sealTroubles: Readonly<Record<SealTrouble, readonly [ErrorCode, string]>> = {
  "customer-key-missing": [
    "InvalidRequest",
    "The object was stored using a form of Server Side Encryption. " +
      "The correct parameters must be provided to retrieve the object.",
  ],
  "customer-key-wrong": ["AccessDenied", "Access Denied"],
  "kms-key-unknown": ["KMS.NotFoundException", "The key does not exist."],
  "kms-key-disabled": ["KMS.DisabledException", "The key is disabled."],
};

const isSealTrouble = (where: string | undefined): where is SealTrouble =>
  where !== undefined && Object.hasOwn(sealTroubles, where);

/** What `completeUpload` says of its parts. */
export function completeFault(fault: Fault): ReturnType<typeof refuse> {
  if (fault.code === "bad-range") {
    return refuse("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
  }
  if (fault.code !== "invalid") return faultAnswer(fault, "NoSuchUpload");
  const where = fault.where as "part" | "order" | "empty" | "checksum";
  switch (where) {
    case "part":
      return refuse(
        "InvalidPart",
        "One or more of the specified parts could not be found or did not have the ETag or checksum given.",
      );
    case "order":
      return refuse("InvalidPartOrder", "The list of parts was not in ascending order.");
    case "checksum":
      return refuse(
        "InvalidRequest",
        "The upload was created using another checksum mode. The complete request must use the same.",
      );
    case "empty":
      return refuse("MalformedXML", "The list of parts is empty.");
    default:
      return never(where);
  }
}
