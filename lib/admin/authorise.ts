import { fail, ok, type Result } from "../base/result.ts";
import { may, type Decision, type Resource, type Verb } from "../rules/access.ts";
import type { Actor } from "../rules/identity.ts";
import { tenantOf, type AdminCore } from "./needs.ts";
import type { Permission } from "./panel.ts";

/** Whether `by` may, before anything else of the request is looked at. A bucket that does not exist is
 *  told apart from a forbidden one only to those who might see every bucket.
 *  Faults: unauthenticated, denied, not-found (bucket). */
export async function authorise(
  core: AdminCore,
  permission: Permission,
  by: Actor,
  bucket: string | undefined,
): Promise<Result<void>> {
  if ("open" in permission) return ok();
  if (by.principal.kind === "anonymous")
    return fail("unauthenticated", "this needs a token", { mend: "sign in: POST /api/v1/sign-in" });
  if ("self" in permission || "guarded" in permission) return ok();
  const asks = "house" in permission ? permission.house : permission.bucket;
  const about =
    "house" in permission ? ok({ resource: house, exists: true }) : await ofBucket(core, by, bucket);
  if (!about.ok) return about;
  const decision = await decide(core, by, asks, about.value.resource);
  if (!decision.allowed) return denied(by, asks);
  return about.value.exists ? ok() : fail("not-found", "no such bucket", { where: bucket });
}

const house: Resource = { kind: "house" };

/** The house's one decision, for this actor, now. */
export async function decide(core: AdminCore, by: Actor, verb: Verb, resource: Resource): Promise<Decision> {
  const grants = await core.identities.grants(tenantOf(by.principal, core.tenant));
  return may(by.principal, verb, resource, grants, core.clock.wall());
}

async function ofBucket(
  core: AdminCore,
  by: Actor,
  name = "",
): Promise<Result<{ resource: Resource; exists: boolean }>> {
  const found = await core.objects.bucket(name);
  if (found.ok) return ok({ resource: { kind: "bucket", bucket: found.value }, exists: true });
  if (found.fault.code !== "not-found") return found;
  const nobody = { name, tenant: tenantOf(by.principal, core.tenant), owner: "" };
  return ok({ resource: { kind: "bucket", bucket: nobody }, exists: false });
}

const denied = (by: Actor, verb: Verb): Result<never> =>
  fail("denied", `you may not: it needs ${verb}`, {
    mend:
      by.principal.kind === "user"
        ? `ask an administrator: holdfast why ${by.principal.user.name} ${verb}`
        : undefined,
  });
