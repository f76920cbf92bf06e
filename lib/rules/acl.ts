import type { Principal } from "./identity.ts";

/** S3's access control lists: who is granted what on a bucket or an object, beside policies. */
export interface AclGrant {
  readonly grantee: Grantee;
  readonly permission: AclPermission;
}

export type Grantee =
  | { readonly kind: "user"; readonly id: string }
  | { readonly kind: "group"; readonly group: AclGroup };
export type AclGroup = "AllUsers" | "AuthenticatedUsers" | "LogDelivery";

export const aclPermissions = ["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"] as const;
export type AclPermission = (typeof aclPermissions)[number];

export const cannedAcls = [
  "private",
  "public-read",
  "public-read-write",
  "authenticated-read",
  "bucket-owner-read",
  "bucket-owner-full-control",
  "log-delivery-write",
] as const;
export type CannedAcl = (typeof cannedAcls)[number];

const to = (group: AclGroup, permission: AclPermission): AclGrant => ({
  grantee: { kind: "group", group },
  permission,
});
const user = (id: string, permission: AclPermission): AclGrant => ({
  grantee: { kind: "user", id },
  permission,
});

/** What a canned ACL stands for. The owner has full control always. */
export function grantsOf(canned: CannedAcl, owner: string, bucketOwner: string): readonly AclGrant[] {
  const more: Readonly<Record<CannedAcl, readonly AclGrant[]>> = {
    private: [],
    "public-read": [to("AllUsers", "READ")],
    "public-read-write": [to("AllUsers", "READ"), to("AllUsers", "WRITE")],
    "authenticated-read": [to("AuthenticatedUsers", "READ")],
    "bucket-owner-read": [user(bucketOwner, "READ")],
    "bucket-owner-full-control": [user(bucketOwner, "FULL_CONTROL")],
    "log-delivery-write": [to("LogDelivery", "WRITE"), to("LogDelivery", "READ_ACP")],
  };
  const own = user(owner, "FULL_CONTROL");
  return [own, ...more[canned].filter(({ grantee }) => grantee.kind === "group" || grantee.id !== owner)];
}

/** Whether one of the grants gives it. */
export function aclAllows(grants: readonly AclGrant[], who: Principal, wanted: AclPermission): boolean {
  return grants.some(
    ({ grantee, permission }) =>
      (permission === wanted || permission === "FULL_CONTROL") && isMeant(grantee, who),
  );
}

function isMeant(grantee: Grantee, who: Principal): boolean {
  if (grantee.kind === "user") return who.kind === "user" && who.user.id === grantee.id;
  return grantee.group === "AllUsers" || (grantee.group === "AuthenticatedUsers" && who.kind === "user");
}

/** Whether strangers are granted anything. */
export const isPublicAcl = (grants: readonly AclGrant[]): boolean =>
  grants.some(({ grantee }) => grantee.kind === "group" && grantee.group !== "LogDelivery");
