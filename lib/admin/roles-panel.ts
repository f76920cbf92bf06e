import { z } from "@hono/zod-openapi";
import { ok } from "../base/result.ts";
import type { Role, Roles } from "../store/roles.ts";
import { Moment, momentText, operation, type AdminPanel } from "./panel.ts";

const RolePath = z.object({ role: z.string().min(1).max(64) });
const RoleView = z
  .object({
    name: z.string(),
    policy: z.string(),
    trusts: z.array(z.string()),
    maxSeconds: z.int(),
    createdAt: Moment,
  })
  .openapi("Role");
export type RoleView = z.output<typeof RoleView>;

const RoleBody = z
  .strictObject({
    policy: z.string().max(20_480).openapi({ description: "AWS's policy language, without Principal." }),
    trusts: z
      .array(z.string().min(1).max(65))
      .openapi({ description: "Who may take it on: users, @groups, or * for everybody." }),
    maxSeconds: z.int().default(3600),
  })
  .openapi("NewRole");

/** Roles that STS hands out for a while. */
export const rolesPanel = (roles: Roles): AdminPanel => ({
  name: "Roles",
  doc: "What AssumeRole gives somebody for a while: a policy, and who may take it on.",
  operations: [
    operation({
      id: "listRoles",
      method: "get",
      path: "/roles",
      permission: { house: "house.read" },
      summary: "Every role.",
      answer: z.object({ rows: z.array(RoleView) }),
      run: async ({ tenant }) => ok({ rows: (await roles.all(tenant)).map(roleView) }),
    }),
    operation({
      id: "putRole",
      method: "put",
      path: "/roles/{role}",
      permission: { house: "house.users" },
      summary: "Add a role, or change the one of that name: sessions of it change at once.",
      params: RolePath,
      body: RoleBody,
      answer: RoleView,
      audit: ({ params, body }) => ({
        verb: "role.put",
        target: params.role,
        detail: { trusts: body.trusts.join(" ") },
      }),
      run: async ({ params, body, tenant }) => {
        const made = await roles.put({ ...body, tenant, name: params.role });
        return made.ok ? ok(roleView(made.value)) : made;
      },
    }),
    operation({
      id: "removeRole",
      method: "delete",
      path: "/roles/{role}",
      permission: { house: "house.users" },
      summary: "Remove a role. Sessions of it end at once.",
      params: RolePath,
      audit: ({ params }) => ({ verb: "role.remove", target: params.role }),
      run: ({ params, tenant }) => roles.remove(tenant, params.role),
    }),
  ],
});

const roleView = ({ name, policy, trusts, maxSeconds, createdAt }: Role): RoleView => ({
  name,
  policy,
  trusts: [...trusts],
  maxSeconds,
  createdAt: momentText(createdAt),
});
