import { z } from "@hono/zod-openapi";
import { fail, ok, type Result } from "../base/result.ts";
import { may, verbs, type Grant, type Resource, type Verb } from "../rules/access.ts";
import type { Clock } from "../base/time.ts";
import type { Identities } from "../store/identities.ts";
import type { Objects } from "../store/objects.ts";
import { IdPath, userOf } from "./names.ts";
import { operation, type AdminPanel, type Operation } from "./panel.ts";

export interface GrantsNeeds {
  readonly clock: Clock;
  readonly identities: Pick<Identities, "user" | "userNamed" | "grants" | "addGrant" | "removeGrant">;
  readonly objects: Pick<Objects, "bucket">;
}

const VerbName = z.enum(verbs);
const Who = z.union([
  z.strictObject({ user: z.string().min(1).max(64) }),
  z.strictObject({ group: z.string().min(1).max(64) }),
  z.strictObject({ everyone: z.literal(true) }),
]);
const NewGrant = z
  .strictObject({
    effect: z.enum(["allow", "deny"]).default("allow"),
    who: Who.openapi({ description: "A user's name, a group, or everyone." }),
    verbs: z.array(VerbName).min(1).max(verbs.length),
    bucket: z.string().min(1).max(63).default("*"),
    prefix: z.string().max(1024).default(""),
  })
  .openapi("NewGrant");
const GrantView = z
  .object({
    id: z.string(),
    effect: z.enum(["allow", "deny"]),
    who: Who,
    verbs: z.array(VerbName),
    bucket: z.string(),
    prefix: z.string(),
  })
  .openapi("Grant");
export type GrantView = z.output<typeof GrantView>;
const WhyQuery = z.object({
  user: z.string().min(1).max(64),
  verb: VerbName,
  path: z
    .string()
    .max(1100)
    .default("")
    .openapi({ description: "bucket, bucket/key; empty for the house itself." }),
});
const Why = z.object({ allowed: z.boolean(), chain: z.array(z.string()) }).openapi("Decision");

/** The house's permission list, and why a decision falls as it does. */
export function grantsPanel(needs: GrantsNeeds): AdminPanel {
  return {
    name: "Permissions",
    doc: "Who may do what, and why: deny by default, a deny above everything.",
    operations: grantOperations(needs),
  };
}

const grantOperations = (needs: GrantsNeeds): Operation[] => [
  operation({
    id: "listGrants",
    method: "get",
    path: "/grants",
    permission: { house: "house.users" },
    summary: "The whole permission list.",
    answer: z.object({ rows: z.array(GrantView) }),
    run: async ({ tenant }) => {
      const grants = await needs.identities.grants(tenant);
      return ok({ rows: await Promise.all(grants.map((grant) => grantView(needs, grant))) });
    },
  }),
  operation({
    id: "addGrant",
    method: "post",
    path: "/grants",
    permission: { house: "house.users" },
    summary: "Allow or deny something.",
    body: NewGrant,
    answer: GrantView,
    status: 201,
    audit: ({ body }) => ({
      verb: "grant.add",
      target: `${body.bucket}/${body.prefix}`,
      detail: { effect: body.effect, who: whoText(body.who), verbs: body.verbs.join(" ") },
    }),
    run: async ({ body, by, tenant }) => {
      const who = await kept(needs, tenant, body.who);
      if (!who.ok) return who;
      const made = await needs.identities.addGrant(by, { ...body, tenant, who: who.value });
      return made.ok ? ok(await grantView(needs, made.value)) : made;
    },
  }),
  operation({
    id: "removeGrant",
    method: "delete",
    path: "/grants/{id}",
    permission: { house: "house.users" },
    summary: "Take a line off the permission list.",
    params: IdPath,
    audit: ({ params }) => ({ verb: "grant.remove", target: params.id }),
    run: async ({ params, by, tenant }) => {
      const ours = (await needs.identities.grants(tenant)).some(({ id }) => id === params.id);
      return ours
        ? await needs.identities.removeGrant(by, params.id)
        : fail("not-found", "no such grant", { where: params.id });
    },
  }),
  operation({
    id: "why",
    method: "get",
    path: "/why",
    permission: { house: "house.users" },
    summary: "The chain of reasons that allows or refuses.",
    query: WhyQuery,
    answer: Why,
    run: async ({ query, tenant }) => await why(needs, tenant, query),
  }),
];

type Who = z.output<typeof Who>;

/** Grants are kept by user id, so that a new user of an old name inherits nothing. */
async function kept({ identities }: GrantsNeeds, tenant: string, who: Who): Promise<Result<Grant["who"]>> {
  if (!("user" in who)) return ok(who);
  const user = await userOf(identities, tenant, who.user);
  return user.ok ? ok({ user: user.value.id }) : user;
}

async function grantView({ identities }: GrantsNeeds, grant: Grant): Promise<GrantView> {
  const { id, effect, bucket, prefix } = grant;
  const user = "user" in grant.who ? await identities.user(grant.who.user) : undefined;
  const who = user ? { user: user.ok ? user.value.name : "(removed)" } : grant.who;
  return { id, effect, who, verbs: [...grant.verbs], bucket, prefix };
}

const whoText = (who: Who): string =>
  "user" in who ? `user ${who.user}` : "group" in who ? `group ${who.group}` : "everyone";

async function why(
  { identities, objects, clock }: GrantsNeeds,
  tenant: string,
  ask: { user: string; verb: Verb; path: string },
): Promise<Result<z.input<typeof Why>>> {
  const user = await userOf(identities, tenant, ask.user);
  if (!user.ok) return user;
  const what = await resourceOf(objects, tenant, ask.path);
  if (!what.ok) return what;
  const grants = await identities.grants(tenant);
  const { allowed, chain } = may(
    { kind: "user", user: user.value },
    ask.verb,
    what.value,
    grants,
    clock.wall(),
  );
  return ok({ allowed, chain: [...chain] });
}

/** "" is the house, "bucket" a bucket, "bucket/key" an object; a leading "/" is allowed. */
async function resourceOf(
  objects: Pick<Objects, "bucket">,
  tenant: string,
  path: string,
): Promise<Result<Resource>> {
  const [name = "", ...rest] = path.replace(/^\/+/, "").split("/");
  if (name === "") return ok({ kind: "house" });
  const bucket = await objects.bucket(name);
  if (!bucket.ok) return fail(bucket.fault.code, bucket.fault.what, { where: name });
  if (bucket.value.tenant !== tenant) return fail("not-found", "no such bucket", { where: name });
  const key = rest.join("/");
  return ok(
    key === "" ? { kind: "bucket", bucket: bucket.value } : { kind: "object", bucket: bucket.value, key },
  );
}
