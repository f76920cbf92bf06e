import type { FaultCode } from "../lib/base/fault.ts";

/** sysexits(3): what a script or a service manager sees. */
export const exitCode = {
  ok: 0,
  refused: 1,
  usage: 64,
  badData: 65,
  unavailable: 69,
  bug: 70,
  cannotCreate: 73,
  tryAgain: 75,
  permission: 77,
  configuration: 78,
} as const;

/** The exit code of a program that ends because of a fault. */
export const exitCodeOf: Readonly<Record<FaultCode, number>> = {
  "not-found": exitCode.refused,
  exists: exitCode.refused,
  denied: exitCode.permission,
  unauthenticated: exitCode.permission,
  invalid: exitCode.usage,
  "bad-name": exitCode.usage,
  "not-directory": exitCode.refused,
  "is-directory": exitCode.refused,
  "not-empty": exitCode.refused,
  busy: exitCode.tryAgain,
  conflict: exitCode.tryAgain,
  precondition: exitCode.refused,
  retained: exitCode.refused,
  quota: exitCode.refused,
  "no-space": exitCode.cannotCreate,
  "read-only": exitCode.cannotCreate,
  "too-large": exitCode.refused,
  "too-many": exitCode.tryAgain,
  "bad-range": exitCode.badData,
  digest: exitCode.badData,
  truncated: exitCode.badData,
  damaged: exitCode.badData,
  unsupported: exitCode.refused,
  timeout: exitCode.tryAgain,
  cancelled: exitCode.refused,
  unavailable: exitCode.unavailable,
  io: exitCode.refused,
};
