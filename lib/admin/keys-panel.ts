import { z } from "@hono/zod-openapi";
import { fail, ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import { principalName, type AccessKey, type ApiToken, type User } from "../rules/identity.ts";
import type { Identities } from "../store/identities.ts";
import { Expiry, expiryOf, IdPath, userOf, UserPath } from "./names.ts";
import {
  Moment,
  momentText,
  operation,
  type AdminPanel,
  type Asked,
  type Operation,
  type Permission,
} from "./panel.ts";

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
export type KeyView = z.output<typeof KeyView>;
const TokenView = z
  .object({ id: z.string(), label: z.string(), expiresAt: Moment.nullable(), createdAt: Moment })
  .openapi("ApiToken");
export type TokenView = z.output<typeof TokenView>;

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

/** Whose keys an operation is about: the user that the path names, or whoever asks. */
interface Whose {
  readonly path: string;
  /** Ends the operation's id. */
  readonly called: string;
  readonly permission: Permission;
  readonly params: z.ZodObject;
  readonly find: (identities: KeysNeeds["identities"], asked: Whom) => Promise<Result<User>>;
  /** For the audit trail. */
  readonly name: (asked: Whom) => string;
}

type Whom = Pick<Asked<Record<string, unknown>, unknown, unknown>, "by" | "tenant" | "params">;

const named: Whose = {
  path: "/users/{user}",
  called: "",
  permission: { house: "house.users" },
  params: UserPath,
  find: (identities, { tenant, params }) => userOf(identities, tenant, String(params["user"])),
  name: ({ params }) => String(params["user"]),
};

const own: Whose = {
  path: "/me",
  called: "Own",
  permission: { self: "their own keys and tokens" },
  params: z.object({}),
  find: async (_identities, { by: { principal } }) =>
    principal.kind === "user"
      ? ok(principal.user)
      : fail("invalid", "the house itself has no keys", { mend: "name a user" }),
  name: ({ by }) => principalName(by.principal),
};

/** S3 key pairs and API tokens of a user. Secrets are shown once, when they are made. */
export function keysPanel(needs: KeysNeeds): AdminPanel {
  return {
    name: "Keys and tokens",
    doc: "S3 key pairs and API tokens. A secret is shown once, when it is made.",
    operations: [named, own].flatMap((whose) => [
      ...keyOperations(needs, whose),
      ...tokenOperations(needs, whose),
    ]),
  };
}

const keyOperations = ({ identities, clock }: KeysNeeds, whose: Whose): Operation[] => [
  operation({
    id: `list${whose.called}Keys`,
    method: "get",
    path: `${whose.path}/keys`,
    permission: whose.permission,
    summary: "A user's S3 access keys, without their secrets.",
    params: whose.params,
    answer: z.object({ rows: z.array(KeyView) }),
    run: async (asked) => {
      const user = await whose.find(identities, asked);
      return user.ok ? ok({ rows: (await identities.keys(user.value.id)).map(keyView) }) : user;
    },
  }),
  operation({
    id: `add${whose.called}Key`,
    method: "post",
    path: `${whose.path}/keys`,
    permission: whose.permission,
    summary: "Make an S3 key pair.",
    params: whose.params,
    body: NewKey,
    answer: KeyView.extend({ secret: z.string() }),
    status: 201,
    audit: (asked) => ({ verb: "key.add", target: whose.name(asked) }),
    run: async (asked) => {
      const user = await whose.find(identities, asked);
      if (!user.ok) return user;
      const expiresAt = expiryOf(asked.body.expiresAt, clock.wall());
      if (!expiresAt.ok) return expiresAt;
      const made = await identities.addKey(asked.by, user.value.id, expiresAt.value, asked.body.pair);
      return made.ok ? ok({ ...keyView(made.value.key), secret: made.value.secret }) : made;
    },
  }),
  operation({
    id: `remove${whose.called}Key`,
    method: "delete",
    path: `${whose.path}/keys/{id}`,
    permission: whose.permission,
    summary: "Remove an S3 key pair; it stops working within a second.",
    params: whose.params.extend(IdPath.shape),
    audit: (asked) => ({ verb: "key.remove", target: `${whose.name(asked)} ${String(asked.params["id"])}` }),
    run: async (asked) => {
      const user = await whose.find(identities, asked);
      if (!user.ok) return user;
      const id = String(asked.params["id"]);
      const theirs = (await identities.keys(user.value.id)).some((key) => key.id === id);
      return theirs ? await identities.removeKey(asked.by, id) : notTheirs(id);
    },
  }),
];

const tokenOperations = ({ identities, clock }: KeysNeeds, whose: Whose): Operation[] => [
  operation({
    id: `list${whose.called}Tokens`,
    method: "get",
    path: `${whose.path}/tokens`,
    permission: whose.permission,
    summary: "A user's API tokens, without their secrets.",
    params: whose.params,
    answer: z.object({ rows: z.array(TokenView) }),
    run: async (asked) => {
      const user = await whose.find(identities, asked);
      return user.ok ? ok({ rows: (await identities.tokens(user.value.id)).map(tokenView) }) : user;
    },
  }),
  operation({
    id: `add${whose.called}Token`,
    method: "post",
    path: `${whose.path}/tokens`,
    permission: whose.permission,
    summary: "Make an API token.",
    params: whose.params,
    body: NewToken,
    answer: TokenView.extend({ token: z.string() }),
    status: 201,
    audit: (asked) => ({
      verb: "token.add",
      target: whose.name(asked),
      detail: { label: asked.body.label },
    }),
    run: async (asked) => {
      const user = await whose.find(identities, asked);
      if (!user.ok) return user;
      const expiresAt = expiryOf(asked.body.expiresAt, clock.wall());
      if (!expiresAt.ok) return expiresAt;
      const made = await identities.addToken(asked.by, user.value.id, asked.body.label, expiresAt.value);
      return made.ok ? ok({ ...tokenView(made.value.token), token: made.value.text }) : made;
    },
  }),
  operation({
    id: `remove${whose.called}Token`,
    method: "delete",
    path: `${whose.path}/tokens/{id}`,
    permission: whose.permission,
    summary: "Remove an API token.",
    params: whose.params.extend(IdPath.shape),
    audit: (asked) => ({
      verb: "token.remove",
      target: `${whose.name(asked)} ${String(asked.params["id"])}`,
    }),
    run: async (asked) => {
      const user = await whose.find(identities, asked);
      if (!user.ok) return user;
      const id = String(asked.params["id"]);
      const theirs = (await identities.tokens(user.value.id)).some((token) => token.id === id);
      return theirs ? await identities.removeToken(asked.by, id) : notTheirs(id);
    },
  }),
];

const notTheirs = (id: string) => fail("not-found", "the user has no such key", { where: id });

const until = (at: number | undefined): string | null => (at === undefined ? null : momentText(at));

const keyView = ({ id, disabled, expiresAt, createdAt }: AccessKey): KeyView => ({
  id,
  disabled,
  expiresAt: until(expiresAt),
  createdAt: momentText(createdAt),
});

const tokenView = ({ id, label, expiresAt, createdAt }: ApiToken): TokenView => ({
  id,
  label,
  expiresAt: until(expiresAt),
  createdAt: momentText(createdAt),
});
