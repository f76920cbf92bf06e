import { z } from "@hono/zod-openapi";
import { fail, ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import type { AccessKey, Actor, ApiToken, User } from "../rules/identity.ts";
import type { Identities } from "../store/identities.ts";
import { Expiry, expiryOf, userOf, UserPath } from "./names.ts";
import { Moment, momentText, operation, type AdminPanel, type Operation } from "./panel.ts";

export interface KeysNeeds {
  readonly clock: Clock;
  readonly identities: Pick<
    Identities,
    "user" | "userNamed" | "keys" | "addKey" | "removeKey" | "tokens" | "addToken" | "removeToken"
  >;
}

const KeyView = z
  .object({ id: z.string(), disabled: z.boolean(), expiresAt: Moment.nullable(), createdAt: Moment })
  .openapi("AccessKey");
const TokenView = z
  .object({ id: z.string(), label: z.string(), expiresAt: Moment.nullable(), createdAt: Moment })
  .openapi("ApiToken");

const NewKey = z
  .strictObject({
    expiresAt: Expiry,
    pair: z
      .strictObject({
        id: z.string().regex(/^[A-Z0-9]{16,32}$/),
        secret: z.string().min(16).max(128),
      })
      .optional()
      .openapi({ description: "Sets the pair instead of making one: for moving over from another server." }),
  })
  .openapi("NewAccessKey");
const NewToken = z
  .strictObject({ label: z.string().min(1).max(64), expiresAt: Expiry })
  .openapi("NewApiToken");

const KeyPath = UserPath.extend({ key: z.string().min(1).max(128) });
const TokenPath = UserPath.extend({ token: z.string().min(1).max(128) });

/** S3 key pairs and API tokens of a user. Secrets are shown once, when they are made. */
export function keysPanel(needs: KeysNeeds): AdminPanel {
  return {
    name: "Keys and tokens",
    doc: "S3 key pairs and API tokens. A secret is shown once, when it is made.",
    operations: [...keyOperations(needs), ...tokenOperations(needs)],
  };
}

const keyOperations = ({ identities, clock }: KeysNeeds): Operation[] => [
  operation({
    id: "listKeys",
    method: "get",
    path: "/users/{user}/keys",
    permission: { house: "house.users" },
    summary: "A user's S3 access keys, without their secrets.",
    params: UserPath,
    answer: z.object({ rows: z.array(KeyView) }),
    run: async ({ params, tenant }) => {
      const user = await userOf(identities, tenant, params.user);
      return user.ok ? ok({ rows: (await identities.keys(user.value.id)).map(keyView) }) : user;
    },
  }),
  operation({
    id: "addKey",
    method: "post",
    path: "/users/{user}/keys",
    permission: { house: "house.users" },
    summary: "Make an S3 key pair.",
    params: UserPath,
    body: NewKey,
    answer: KeyView.extend({ secret: z.string() }),
    status: 201,
    audit: ({ params }) => ({ verb: "key.add", target: params.user }),
    run: async ({ params, body, by, tenant }) => {
      const ready = await prepared(identities, clock, tenant, params.user, body.expiresAt);
      if (!ready.ok) return ready;
      const made = await identities.addKey(by, ready.value.user.id, ready.value.expiresAt, body.pair);
      return made.ok ? ok({ ...keyView(made.value.key), secret: made.value.secret }) : made;
    },
  }),
  operation({
    id: "removeKey",
    method: "delete",
    path: "/users/{user}/keys/{key}",
    permission: { house: "house.users" },
    summary: "Remove an S3 key pair; it stops working within a second.",
    params: KeyPath,
    audit: ({ params }) => ({ verb: "key.remove", target: `${params.user} ${params.key}` }),
    run: async ({ params, by, tenant }) => {
      const user = await userOf(identities, tenant, params.user);
      if (!user.ok) return user;
      const theirs = (await identities.keys(user.value.id)).some((key) => key.id === params.key);
      return theirs ? await identities.removeKey(by, params.key) : notTheirs(params.key);
    },
  }),
];

const tokenOperations = ({ identities, clock }: KeysNeeds): Operation[] => [
  operation({
    id: "listTokens",
    method: "get",
    path: "/users/{user}/tokens",
    permission: { house: "house.users" },
    summary: "A user's API tokens, without their secrets.",
    params: UserPath,
    answer: z.object({ rows: z.array(TokenView) }),
    run: async ({ params, tenant }) => {
      const user = await userOf(identities, tenant, params.user);
      return user.ok ? ok({ rows: (await identities.tokens(user.value.id)).map(tokenView) }) : user;
    },
  }),
  operation({
    id: "addToken",
    method: "post",
    path: "/users/{user}/tokens",
    permission: { house: "house.users" },
    summary: "Make an API token.",
    params: UserPath,
    body: NewToken,
    answer: TokenView.extend({ token: z.string() }),
    status: 201,
    audit: ({ params, body }) => ({ verb: "token.add", target: params.user, detail: { label: body.label } }),
    run: async ({ params, body, by, tenant }) => {
      const ready = await prepared(identities, clock, tenant, params.user, body.expiresAt);
      if (!ready.ok) return ready;
      const made = await identities.addToken(by, ready.value.user.id, body.label, ready.value.expiresAt);
      return made.ok ? ok({ ...tokenView(made.value.token), token: made.value.text }) : made;
    },
  }),
  operation({
    id: "removeToken",
    method: "delete",
    path: "/users/{user}/tokens/{token}",
    permission: { house: "house.users" },
    summary: "Remove an API token.",
    params: TokenPath,
    audit: ({ params }) => ({ verb: "token.remove", target: `${params.user} ${params.token}` }),
    run: async ({ params, by, tenant }) => await removeToken(identities, by, tenant, params),
  }),
];

async function removeToken(
  identities: KeysNeeds["identities"],
  by: Actor,
  tenant: string,
  params: { user: string; token: string },
): Promise<Result<void>> {
  const user = await userOf(identities, tenant, params.user);
  if (!user.ok) return user;
  const theirs = (await identities.tokens(user.value.id)).some((token) => token.id === params.token);
  return theirs ? await identities.removeToken(by, params.token) : notTheirs(params.token);
}

const notTheirs = (id: string) => fail("not-found", "the user has no such key", { where: id });

async function prepared(
  identities: KeysNeeds["identities"],
  clock: Clock,
  tenant: string,
  name: string,
  expiry: string | null | undefined,
): Promise<Result<{ user: User; expiresAt: ReturnType<Clock["wall"]> | undefined }>> {
  const user = await userOf(identities, tenant, name);
  if (!user.ok) return user;
  const expiresAt = expiryOf(expiry, clock.wall());
  return expiresAt.ok ? ok({ user: user.value, expiresAt: expiresAt.value }) : expiresAt;
}

const until = (at: number | undefined): string | null => (at === undefined ? null : momentText(at));

const keyView = ({ id, disabled, expiresAt, createdAt }: AccessKey): z.input<typeof KeyView> => ({
  id,
  disabled,
  expiresAt: until(expiresAt),
  createdAt: momentText(createdAt),
});

const tokenView = ({ id, label, expiresAt, createdAt }: ApiToken): z.input<typeof TokenView> => ({
  id,
  label,
  expiresAt: until(expiresAt),
  createdAt: momentText(createdAt),
});
