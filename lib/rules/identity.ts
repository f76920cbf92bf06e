import type { UnixMs } from "../base/time.ts";

/** What a person may do in the house as a whole; what they may do with files is said by grants. */
export type Role = "admin" | "user";

/** One customer of the house: users, groups and bucket names never cross it. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
}

export interface User {
  readonly id: string;
  readonly tenant: string;
  /** How they sign in; unique in the tenant: 1–64 of letters, digits and `._@-`, no leading `-` or `.`. */
  readonly name: string;
  readonly role: Role;
  readonly groups: readonly string[];
  /** Where FTP, SFTP and SMB begin; undefined: no file access by those doors. */
  readonly home: Home | undefined;
  readonly disabled: boolean;
  readonly expiresAt: UnixMs | undefined;
  readonly createdAt: UnixMs;
}

/** The bucket a user's file doors open on, and the folder in it ("" or "team/alice/"). */
export interface Home {
  readonly bucket: string;
  readonly prefix: string;
}

/** An S3 key pair. The secret is kept sealed and is not part of the record. */
export interface AccessKey {
  /** "AKIA" and 16 capitals or digits. */
  readonly id: string;
  readonly user: string;
  readonly disabled: boolean;
  readonly expiresAt: UnixMs | undefined;
  readonly createdAt: UnixMs;
}

/** A bearer token of the admin API. Only the SHA-256 of its secret is kept. */
export interface ApiToken {
  readonly id: string;
  readonly user: string;
  readonly label: string;
  readonly expiresAt: UnixMs | undefined;
  readonly createdAt: UnixMs;
}

/** Who is asking, once it is known. */
export type Principal =
  | { readonly kind: "user"; readonly user: User }
  | { readonly kind: "anonymous" }
  | { readonly kind: "house" }; // the daemon itself: lifecycle, recovery, the operator's local command line

export type Door = "s3" | "ftp" | "sftp" | "smb" | "admin" | "house";

/** Who did it, by which door and from where: goes with every change into the feed and the audit trail. */
export interface Actor {
  readonly principal: Principal;
  readonly door: Door;
  /** The peer's address without port, "" where there is none. */
  readonly address: string;
  /** The request or session this belongs to. */
  readonly request: string;
}

export const houseActor: Actor = { principal: { kind: "house" }, door: "house", address: "", request: "" };

export function principalName(principal: Principal): string {
  return principal.kind === "user" ? principal.user.name : principal.kind;
}

/** Why a user cannot sign in at `at`, or undefined where they can. */
export function signInRefusal(user: User, at: UnixMs): string | undefined {
  if (user.disabled) return "the user is disabled";
  if (user.expiresAt !== undefined && at >= user.expiresAt) return "the user has expired";
  return undefined;
}

/** Why an access key cannot be used at `at`, or undefined where it can. */
export function keyRefusal(key: AccessKey, at: UnixMs): string | undefined {
  if (key.disabled) return "the access key is disabled";
  if (key.expiresAt !== undefined && at >= key.expiresAt) return "the access key has expired";
  return undefined;
}

const userName = /^[A-Za-z0-9_@][A-Za-z0-9._@-]{0,63}$/;
export const isUserName = (name: string): boolean => userName.test(name);
