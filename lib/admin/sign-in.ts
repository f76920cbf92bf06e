import { z } from "@hono/zod-openapi";
import { fail, ok, type Result } from "../base/result.ts";
import { asUnixMs, type Clock } from "../base/time.ts";
import { isUserName, type Actor, type User } from "../rules/identity.ts";
import type { Identities } from "../store/identities.ts";
import { Moment, momentText, operation, type AdminPanel, type Asked } from "./panel.ts";
import { signInLimit, type SignInLimit } from "./sign-in-limit.ts";

/** How long a token made by a password is good for. */
const sessionMs = 8 * 3_600_000;
const sessionLabel = "sign-in";

export interface SignInNeeds {
  readonly clock: Clock;
  readonly tenant: string;
  readonly identities: Pick<
    Identities,
    "checkPassword" | "addToken" | "removeToken" | "tokens" | "userNamed"
  >;
}

const SignIn = z
  .object({ user: z.string().min(1).max(64), password: z.string().min(1).max(256) })
  .openapi("SignIn");
const SignedIn = z
  .object({ token: z.string(), user: z.string(), role: z.enum(["admin", "user"]), expiresAt: Moment })
  .openapi("SignedIn");
type SignInAsk = Asked<unknown, unknown, z.output<typeof SignIn>>;

/** Password in, bearer token out; every daemon of the house honours it. */
export function signInPanel(needs: SignInNeeds): AdminPanel {
  const limit = signInLimit(needs.clock);
  return {
    name: "Sign-in",
    doc: "A password is exchanged for a token that lasts eight hours; API tokens need no sign-in.",
    operations: [
      operation({
        id: "signIn",
        method: "post",
        path: "/sign-in",
        permission: { open: "nobody is known before it" },
        summary: "Exchange user and password for a bearer token.",
        body: SignIn,
        answer: SignedIn,
        status: 201,
        audit: ({ body }) => ({ verb: "sign-in", target: isUserName(body.user) ? body.user : "?" }),
        run: async (asked) => await signIn(needs, limit, asked),
      }),
      operation({
        id: "signOut",
        method: "delete",
        path: "/sign-in",
        permission: { self: "ends the token it was asked with" },
        summary: "End the token this request carries.",
        audit: ({ by }) => ({ verb: "sign-out", target: by.principal.kind }),
        run: async ({ by, headers }) => {
          const id = tokenId(headers.get("authorization") ?? "");
          return id ? await needs.identities.removeToken(by, id) : fail("invalid", "no token was sent");
        },
      }),
    ],
  };
}

async function signIn(
  { identities, clock, tenant }: SignInNeeds,
  limit: SignInLimit,
  { by, body, became }: SignInAsk,
): Promise<Result<z.input<typeof SignedIn>>> {
  const counted = [`user ${body.user}`, `address ${by.address}`];
  const wait = limit.waitSeconds(counted);
  if (wait > 0)
    return fail("too-many", `too many failed sign-ins; try again in ${wait} s`, { where: `${wait} s` });
  const checked = await identities.checkPassword(tenant, body.user, body.password);
  if (!checked.ok) {
    limit.failed(counted);
    return checked;
  }
  limit.succeeded(counted.slice(0, 1));
  const user = checked.value;
  became({ kind: "user", user });
  const actor: Actor = { ...by, principal: { kind: "user", user } };
  await forgetExpired(identities, clock, actor, user);
  const expiresAt = asUnixMs(clock.wall() + sessionMs);
  const made = await identities.addToken(actor, user.id, sessionLabel, expiresAt);
  if (!made.ok) return made;
  const { name, role } = user;
  return ok({ token: made.value.text, user: name, role, expiresAt: momentText(expiresAt) });
}

/** Sign-ins leave no heap of dead tokens behind. */
async function forgetExpired(
  identities: SignInNeeds["identities"],
  clock: Clock,
  by: Actor,
  user: User,
): Promise<void> {
  for (const token of await identities.tokens(user.id)) {
    const dead = token.expiresAt !== undefined && token.expiresAt <= clock.wall();
    if (dead && token.label === sessionLabel) await identities.removeToken(by, token.id);
  }
}

/** The token's own id: `hf_live_<id>_<secret>`. */
const tokenId = (authorization: string): string | undefined =>
  /^Bearer hf_live_([0-9a-z]+)_/i.exec(authorization)?.[1];
