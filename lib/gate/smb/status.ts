import type { Fault, FaultCode } from "../../base/fault.ts";
import { refused, type Outcome } from "../../proto/smb/ask.ts";
import { ntStatus } from "../../proto/smb/status.ts";

/** What SMB says of each thing that can go wrong (MS-ERREF §2.3). */
export const statusFor: Readonly<Record<FaultCode, number>> = {
  "not-found": ntStatus.objectNameNotFound,
  exists: ntStatus.objectNameCollision,
  denied: ntStatus.accessDenied,
  unauthenticated: ntStatus.logonFailure,
  invalid: ntStatus.invalidParameter,
  "bad-name": ntStatus.objectNameInvalid,
  "not-directory": ntStatus.objectPathNotFound,
  "is-directory": ntStatus.fileIsADirectory,
  "not-empty": ntStatus.directoryNotEmpty,
  busy: ntStatus.sharingViolation,
  conflict: ntStatus.sharingViolation,
  precondition: ntStatus.accessDenied,
  retained: ntStatus.accessDenied,
  quota: ntStatus.diskFull,
  "no-space": ntStatus.diskFull,
  "read-only": ntStatus.mediaWriteProtected,
  "too-large": ntStatus.diskFull,
  "too-many": ntStatus.insufficientResources,
  "bad-range": ntStatus.endOfFile,
  digest: ntStatus.fileCorrupt,
  truncated: ntStatus.unexpectedIoError,
  damaged: ntStatus.fileCorrupt,
  unsupported: ntStatus.notSupported,
  timeout: ntStatus.ioTimeout,
  cancelled: ntStatus.cancelled,
  unavailable: ntStatus.fileNotAvailable,
  io: ntStatus.unexpectedIoError,
};

export const refusedFor = (fault: Fault): Outcome<never> => refused(statusFor[fault.code]);
