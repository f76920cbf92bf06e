import { z } from "@hono/zod-openapi";
import { fail, ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import { principalName } from "../rules/identity.ts";
import type { Identities } from "../store/identities.ts";
import { operation, type AdminPanel, type Asked } from "./panel.ts";
import { signInLimit, type SignInLimit } from "./sign-in-limit.ts";
import { UserView, userView } from "./users-panel.ts";

export interface MeNeeds {
  readonly clock: Clock;
  readonly identities: Pick<Identities, "checkPassword" | "changeUser">;
}

const NewPassword = z
  .strictObject({ current: z.string().min(1).max(256), next: z.string().min(1).max(256) })
  .openapi("NewPassword");

/** What everybody may see and do about themselves. Their keys and tokens are in the keys' panel. */
export function mePanel(needs: MeNeeds): AdminPanel {
  const limit = signInLimit(needs.clock);
  return {
    name: "Oneself",
    doc: "Whom a request is taken for, and one's own password.",
    operations: [
      operation({
        id: "whoAmI",
        method: "get",
        path: "/me",
        permission: { self: "shows who the token belongs to" },
        summary: "Whom this request is taken for.",
        answer: z.object({ kind: z.enum(["user", "house", "anonymous"]), user: UserView.nullable() }),
        run: async ({ by: { principal } }) =>
          ok({ kind: principal.kind, user: principal.kind === "user" ? userView(principal.user) : null }),
      }),
      operation({
        id: "changeOwnPassword",
        method: "put",
        path: "/me/password",
        permission: { self: "their own password, for who knows the old one" },
        summary: "Change one's own password.",
        body: NewPassword,
        audit: ({ by }) => ({
          verb: "user.change",
          target: principalName(by.principal),
          detail: { changed: "password" },
        }),
        run: async (asked) => await changePassword(needs, limit, asked),
      }),
    ],
  };
}

/** A token alone is not enough: who holds a stolen one must not lock its owner out. */
async function changePassword(
  { identities }: MeNeeds,
  limit: SignInLimit,
  { by, body }: Asked<unknown, unknown, z.output<typeof NewPassword>>,
): Promise<Result<void>> {
  if (by.principal.kind !== "user") return fail("invalid", "the house itself has no password");
  const { user } = by.principal;
  const wait = limit.waitSeconds([user.id]);
  if (wait > 0)
    return fail("too-many", `too many failed attempts; try again in ${wait} s`, { where: `${wait} s` });
  const checked = await identities.checkPassword(user.tenant, user.name, body.current);
  if (!checked.ok) {
    limit.failed([user.id]);
    return checked.fault.code === "unauthenticated"
      ? fail("denied", "the current password is wrong")
      : checked;
  }
  limit.succeeded([user.id]);
  const changed = await identities.changeUser(by, user.id, { password: body.next });
  return changed.ok ? ok() : changed;
}
