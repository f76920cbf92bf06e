import { z } from "@hono/zod-openapi";
import { ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import type { User } from "../rules/identity.ts";
import type { Identities, UserChange } from "../store/identities.ts";
import { Expiry, expiryOf, userOf, UserPath } from "./names.ts";
import {
  Moment,
  momentText,
  operation,
  pageAnswer,
  pageOf,
  PageQuery,
  type AdminPanel,
  type Asked,
  type Operation,
} from "./panel.ts";

export interface UsersNeeds {
  readonly clock: Clock;
  readonly identities: Pick<
    Identities,
    "user" | "userNamed" | "users" | "addUser" | "changeUser" | "removeUser"
  >;
}

const Role = z.enum(["admin", "user"]);
const Groups = z.array(z.string().min(1).max(64)).max(100);
const Home = z.object({ bucket: z.string().min(3).max(63), prefix: z.string().max(1024).default("") });
const Password = z.string().min(1).max(256);

export const UserView = z
  .object({
    id: z.string(),
    name: z.string(),
    role: Role,
    groups: z.array(z.string()),
    home: z.object({ bucket: z.string(), prefix: z.string() }).nullable(),
    disabled: z.boolean(),
    expiresAt: Moment.nullable(),
    createdAt: Moment,
  })
  .openapi("User");
export type UserView = z.output<typeof UserView>;

const NewUser = z
  .strictObject({
    name: z.string().min(1).max(64),
    password: Password,
    role: Role.default("user"),
    groups: Groups.default([]),
    home: Home.nullable().default(null),
    expiresAt: Expiry,
  })
  .openapi("NewUser");

const UserPatch = z
  .strictObject({
    password: Password,
    role: Role,
    groups: Groups,
    home: Home.nullable(),
    disabled: z.boolean(),
    expiresAt: Moment.nullable(),
  })
  .partial()
  .openapi("UserPatch");

/** Who may sign in. */
export function usersPanel(needs: UsersNeeds): AdminPanel {
  return {
    name: "Users",
    doc: "Who may sign in, by whichever door.",
    operations: [...readUsers(needs), ...writeUsers(needs)],
  };
}

const readUsers = ({ identities }: UsersNeeds): Operation[] => [
  operation({
    id: "listUsers",
    method: "get",
    path: "/users",
    permission: { house: "house.users" },
    summary: "Every user, in order of their names.",
    query: PageQuery,
    answer: pageOf(UserView),
    run: async ({ query, tenant }) =>
      await pageAnswer(query, (after, limit) => identities.users(tenant, after, limit), userView),
  }),
  operation({
    id: "readUser",
    method: "get",
    path: "/users/{user}",
    permission: { house: "house.users" },
    summary: "One user.",
    params: UserPath,
    answer: UserView,
    run: async ({ params, tenant }) => shown(await userOf(identities, tenant, params.user)),
  }),
];

const writeUsers = ({ identities, clock }: UsersNeeds): Operation[] => [
  operation({
    id: "addUser",
    method: "post",
    path: "/users",
    permission: { house: "house.users" },
    summary: "Add a user.",
    body: NewUser,
    answer: UserView,
    status: 201,
    audit: ({ body }) => ({ verb: "user.add", target: body.name, detail: { role: body.role } }),
    run: async ({ body, by, tenant }) => {
      const expiresAt = expiryOf(body.expiresAt, clock.wall());
      if (!expiresAt.ok) return expiresAt;
      const { home, ...rest } = body;
      const user = { ...rest, tenant, home: home ?? undefined, expiresAt: expiresAt.value };
      return shown(await identities.addUser(by, user));
    },
  }),
  operation({
    id: "changeUser",
    method: "patch",
    path: "/users/{user}",
    permission: { house: "house.users" },
    summary: "Change a user (RFC 7396): what is absent stays.",
    params: UserPath,
    body: UserPatch,
    answer: UserView,
    audit: ({ params, body }) => ({
      verb: "user.change",
      target: params.user,
      detail: { changed: Object.keys(body).join(" ") },
    }),
    current: async ({ params, tenant }) => shown(await userOf(identities, tenant, params.user)),
    run: async (asked) => await changeUser(identities, clock, asked),
  }),
  operation({
    id: "removeUser",
    method: "delete",
    path: "/users/{user}",
    permission: { house: "house.users" },
    summary: "Remove a user, with their keys and tokens. Refused for the last administrator.",
    params: UserPath,
    audit: ({ params }) => ({ verb: "user.remove", target: params.user }),
    run: async ({ params, by, tenant }) => {
      const user = await userOf(identities, tenant, params.user);
      return user.ok ? await identities.removeUser(by, user.value.id) : user;
    },
  }),
];

async function changeUser(
  identities: UsersNeeds["identities"],
  clock: Clock,
  { params, body, by, tenant }: Asked<{ user: string }, unknown, z.output<typeof UserPatch>>,
): Promise<Result<z.input<typeof UserView>>> {
  const user = await userOf(identities, tenant, params.user);
  if (!user.ok) return user;
  const until = expiryOf(body.expiresAt, clock.wall());
  if (!until.ok) return until;
  const { expiresAt, ...rest } = body;
  const expiry = expiresAt === undefined ? {} : { expiresAt: until.value ?? null };
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  const change: UserChange = { ...Object.fromEntries(given), ...expiry };
  return shown(await identities.changeUser(by, user.value.id, change));
}

const shown = (user: Result<User>) => (user.ok ? ok(userView(user.value)) : user);

export function userView(user: User): z.input<typeof UserView> {
  const { id, name, role, groups, home, disabled, expiresAt, createdAt } = user;
  return {
    id,
    name,
    role,
    groups: [...groups],
    home: home ? { ...home } : null,
    disabled,
    expiresAt: expiresAt === undefined ? null : momentText(expiresAt),
    createdAt: momentText(createdAt),
  };
}
