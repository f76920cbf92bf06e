import type { Result } from "../base/result.ts";
import type { UnixMs } from "../base/time.ts";

/** What somebody may be for a while: a policy, and who may take it on. */
export interface Role {
  readonly tenant: string;
  /** 1–64 letters, digits and `+=,.@_-`. */
  readonly name: string;
  /** AWS's policy language, without Principal: what the role may do. */
  readonly policy: string;
  /** Users' names; "@group"; "*" is everybody of the tenant. */
  readonly trusts: readonly string[];
  readonly maxSeconds: number;
  readonly createdAt: UnixMs;
}

/** Roles that STS hands out. */
export interface Roles {
  /** In order of their names. */
  all(tenant: string): Promise<readonly Role[]>;
  /** Faults: not-found. */
  role(tenant: string, name: string): Promise<Result<Role>>;
  /** Adds it, or changes the one of that name. Faults: bad-name, invalid (the policy cannot be read). */
  put(role: Omit<Role, "createdAt">): Promise<Result<Role>>;
  /** Sessions of it end at once. Faults: not-found. */
  remove(tenant: string, name: string): Promise<Result<void>>;
}
