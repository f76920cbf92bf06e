import type { Result } from "../base/result.ts";
import type { UnixMs } from "../base/time.ts";
import type { Actor } from "../rules/identity.ts";

/** enabled: seals and opens. disabled: neither, until it is enabled again. retired: opens what it sealed,
 *  seals nothing new, and can be removed once nothing needs it. */
export type KeyState = "enabled" | "disabled" | "retired";

/** A key of the house's key ring. It seals the data keys of bodies, never a body itself. */
export interface RingKey {
  readonly id: string;
  /** "" for the house's own, which seals where no key is named. */
  readonly tenant: string;
  readonly alias: string | undefined;
  readonly state: KeyState;
  /** 1 at first; a rotation counts it up. */
  readonly version: number;
  readonly createdAt: UnixMs;
  readonly rotatedAt: UnixMs | undefined;
  /** Bodies whose data key it seals. */
  readonly seals: number;
  /** Of those, under an older version: what a rotation has not yet reached. */
  readonly pending: number;
}

/** The house's own key, which every tenant's objects may be sealed under (SSE-S3). */
export const houseKeyId = "house";

/** Keys that lie in the catalog, sealed by the master key. Every change is in force for every process at
 *  once. Faults beside each method's own: those of the catalog's writer. */
export interface KeyRing {
  /** The tenant's, and the house's own. */
  keys(tenant: string): Promise<readonly RingKey[]>;
  /** By id, alias or ARN. Faults: not-found. */
  key(tenant: string, name: string): Promise<Result<RingKey>>;
  /** Faults: exists, bad-name (an alias has 1–128 letters, digits and `_/-`). */
  addKey(by: Actor, tenant: string, alias: string | undefined): Promise<Result<RingKey>>;
  /** Faults: not-found, invalid (the house's own can be rotated, nothing else). */
  setKeyState(by: Actor, tenant: string, name: string, state: KeyState): Promise<Result<RingKey>>;
  /** Makes a new version, which seals from now on; what older ones sealed is sealed again by `rewrap`.
   *  Faults: not-found, conflict (it is retired). */
  rotateKey(by: Actor, tenant: string, name: string): Promise<Result<RingKey>>;
  /** For good. Faults: not-found, conflict (not retired, or bodies need it). */
  removeKey(by: Actor, tenant: string, name: string): Promise<Result<void>>;
  /** Seals every data key again that lies under an older version, a few hundred a transaction; bodies are not
   *  touched. Ends early when `signal` aborts. Gives how many. */
  rewrap(signal: AbortSignal): Promise<Result<number>>;
}

/** A key service that keeps keys elsewhere: an AWS KMS or what answers like one. */
export interface KeyService {
  /** A fresh data key of 32 bytes, and the same sealed under `key` (undefined: the service's default).
   *  Faults: invalid (`where` "kms-key-unknown"), denied ("kms-key-disabled", or no right), unavailable. */
  newDataKey(key: string | undefined, context: KeyContext): Promise<Result<ServedKey>>;
  /** Faults: denied, unavailable, damaged. */
  open(sealed: Uint8Array, context: KeyContext): Promise<Result<Uint8Array>>;
}

export type KeyContext = Readonly<Record<string, string>>;

export interface ServedKey {
  readonly plain: Uint8Array;
  readonly sealed: Uint8Array;
  /** The key's id or ARN, as the service says it. */
  readonly key: string;
}
