import { xmlDocument, tag, maybe } from "../../wire/xml-text.ts";

/** Every error code this server says, and the status it travels with. */
export const errorStatus = {
  PermanentRedirect: 301,
  TemporaryRedirect: 307,
  NotModified: 304,
  AccessControlListNotSupported: 400,
  AuthorizationHeaderMalformed: 400,
  AuthorizationQueryParametersError: 400,
  BadDigest: 400,
  BadRequest: 400,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  ExpiredToken: 400,
  IllegalVersioningConfigurationException: 400,
  IncompleteBody: 400,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidChunkSizeError: 400,
  InvalidDigest: 400,
  InvalidEncryptionAlgorithmError: 400,
  InvalidExpressionType: 400,
  InvalidLocationConstraint: 400,
  InvalidPart: 400,
  InvalidPartOrder: 400,
  InvalidPolicyDocument: 400,
  InvalidRequest: 400,
  InvalidS3DestinationBucket: 400,
  InvalidStorageClass: 400,
  InvalidTargetBucketForLogging: 400,
  InvalidTag: 400,
  InvalidToken: 400,
  InvalidURI: 400,
  KeyTooLongError: 400,
  "KMS.DisabledException": 400,
  "KMS.NotFoundException": 400,
  MalformedACLError: 400,
  MalformedPolicy: 400,
  MalformedPOSTRequest: 400,
  MalformedTrailerError: 400,
  MalformedXML: 400,
  MetadataTooLarge: 400,
  MissingRequestBodyError: 400,
  ParseUnexpectedToken: 400,
  RequestTimeout: 400,
  TooManyBuckets: 400,
  TooManyConfigurations: 400,
  XAmzContentSHA256Mismatch: 400,
  AccessDenied: 403,
  AccessForbidden: 403,
  InvalidAccessKeyId: 403,
  InvalidObjectState: 403,
  QuotaExceeded: 403,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  NoSuchBucket: 404,
  NoSuchBucketPolicy: 404,
  NoSuchConfiguration: 404,
  NoSuchCORSConfiguration: 404,
  NoSuchKey: 404,
  NoSuchLifecycleConfiguration: 404,
  NoSuchObjectLockConfiguration: 404,
  NoSuchPublicAccessBlockConfiguration: 404,
  NoSuchTagSet: 404,
  NoSuchUpload: 404,
  NoSuchVersion: 404,
  NoSuchWebsiteConfiguration: 404,
  ObjectLockConfigurationNotFoundError: 404,
  OwnershipControlsNotFoundError: 404,
  ReplicationConfigurationNotFoundError: 404,
  ServerSideEncryptionConfigurationNotFoundError: 404,
  MethodNotAllowed: 405,
  BucketAlreadyExists: 409,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  ConditionalRequestConflict: 409,
  InvalidBucketState: 409,
  OperationAborted: 409,
  MissingContentLength: 411,
  PreconditionFailed: 412,
  InvalidPartNumber: 416,
  InvalidRange: 416,
  InternalError: 500,
  NotImplemented: 501,
  ServiceUnavailable: 503,
  SlowDown: 503,
} as const;

export type ErrorCode = keyof typeof errorStatus;

/** A refusal as the client will read it. */
export interface S3Error {
  readonly code: ErrorCode;
  readonly message: string;
  /** Elements beside Code and Message: Region, BucketName, ServerTime … */
  readonly extra?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What reading a request gives: the value, or the refusal to send. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: S3Error };

export function refuse(
  code: ErrorCode,
  message: string,
  more: Omit<S3Error, "code" | "message"> = {},
): { readonly ok: false; readonly fault: S3Error } {
  return { ok: false, fault: { code, message, ...more } };
}

/** The error document. It has no namespace. */
export function errorXml(error: S3Error, resource: string, requestId: string, hostId: string): string {
  const extra = Object.entries(error.extra ?? {}).map(([name, value]) => tag(name, value));
  return xmlDocument(
    "Error",
    tag("Code", error.code),
    tag("Message", error.message),
    extra,
    maybe("Resource", resource),
    tag("RequestId", requestId),
    tag("HostId", hostId),
  );
}
