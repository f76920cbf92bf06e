import type { Result } from "../base/result.ts";
import type { UnixMs } from "../base/time.ts";
import type { Grant } from "../rules/access.ts";
import type { AccessKey, Actor, ApiToken, Home, Role, Tenant, User } from "../rules/identity.ts";
import type { Page } from "./content.ts";

export interface NewUser {
  readonly tenant: string;
  readonly name: string;
  readonly role: Role;
  readonly groups: readonly string[];
  readonly home: Home | undefined;
  readonly expiresAt: UnixMs | undefined;
  /** Kept as Argon2id, and sealed as NT hash for SMB. 1–256 UTF-8 bytes. */
  readonly password: string;
}

export interface UserChange {
  readonly role?: Role;
  readonly groups?: readonly string[];
  readonly home?: Home | null;
  readonly disabled?: boolean;
  readonly expiresAt?: UnixMs | null;
  readonly password?: string;
}

/** What an authenticator needs. */
export interface CodeSeed {
  /** Base 32, for typing. */
  readonly secret: string;
  /** For its camera. */
  readonly uri: string;
}

/** Users, keys, tokens and grants, with their secrets sealed. Changes are durable and in the change feed. */
export interface Identities {
  tenants(): Promise<readonly Tenant[]>;

  /** Faults: exists, bad-name, invalid (password too short or long). */
  addUser(by: Actor, user: NewUser): Promise<Result<User>>;
  /** By id. Faults: not-found. */
  user(id: string): Promise<Result<User>>;
  /** Faults: not-found. */
  userNamed(tenant: string, name: string): Promise<Result<User>>;
  /** In byte order of the names. */
  users(tenant: string, after: string, limit: number): Promise<Page<User>>;
  changeUser(by: Actor, id: string, change: UserChange): Promise<Result<User>>;
  /** Keys and tokens go with it. Faults: not-found, conflict (the last administrator; owner of buckets). */
  removeUser(by: Actor, id: string): Promise<Result<void>>;
  /** Takes the same time whether the user exists or not.
   *  Faults: unauthenticated, for every reason alike; too-many. */
  checkPassword(tenant: string, name: string, password: string): Promise<Result<User>>;
  /** Whether a user's password alone does not suffice. */
  needsCode(user: string): Promise<boolean>;
  /** Whether it is one of the user's one-time codes (RFC 6238) of this minute, and was not used before. */
  checkCode(user: string, code: string): Promise<boolean>;
  /** A new seed of one-time codes, shown here and never again. Faults: not-found. */
  addCode(by: Actor, user: string): Promise<Result<CodeSeed>>;
  /** The password alone suffices again. Faults: not-found. */
  removeCode(by: Actor, user: string): Promise<Result<void>>;
  /** The NT hash for SMB's challenge. Faults: not-found. */
  ntHash(tenant: string, name: string): Promise<Result<{ user: User; hash: Uint8Array }>>;

  /** A new S3 key pair of a user; the secret is given here and never again. `pair` sets it (import). */
  addKey(
    by: Actor,
    user: string,
    expiresAt?: UnixMs,
    pair?: { id: string; secret: string },
  ): Promise<Result<{ key: AccessKey; secret: string }>>;
  /** The secret for checking a signature. Cached; a removed or changed key or user is known within 1 s,
   *  in the same process at once. Faults: not-found. */
  keyOwner(id: string): Promise<Result<{ key: AccessKey; secret: string; user: User }>>;
  keys(user: string): Promise<readonly AccessKey[]>;
  removeKey(by: Actor, id: string): Promise<Result<void>>;

  /** A bearer token `hf_live_<id>_<secret>`, shown here and never again. */
  addToken(
    by: Actor,
    user: string,
    label: string,
    expiresAt?: UnixMs,
  ): Promise<Result<{ token: ApiToken; text: string }>>;
  /** Faults: unauthenticated. */
  tokenOwner(text: string): Promise<Result<User>>;
  tokens(user: string): Promise<readonly ApiToken[]>;
  removeToken(by: Actor, id: string): Promise<Result<void>>;

  /** Cached as `keyOwner` is. */
  grants(tenant: string): Promise<readonly Grant[]>;
  addGrant(by: Actor, grant: Omit<Grant, "id">): Promise<Result<Grant>>;
  removeGrant(by: Actor, id: string): Promise<Result<void>>;
}
