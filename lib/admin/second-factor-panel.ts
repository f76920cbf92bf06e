import { z } from "@hono/zod-openapi";
import type { Identities } from "../store/identities.ts";
import { userOf, UserPath } from "./names.ts";
import { operation, type AdminPanel } from "./panel.ts";

export interface SecondFactorNeeds {
  readonly identities: Pick<Identities, "user" | "userNamed" | "addCode" | "removeCode">;
}

const Enrolled = z
  .object({
    secret: z.string().openapi({ description: "Base 32, for typing." }),
    uri: z.string().openapi({ description: "For an authenticator's camera." }),
  })
  .openapi("SecondFactor");

/** One-time codes beside the password, at the doors of ftpd. */
export function secondFactorPanel({ identities }: SecondFactorNeeds): AdminPanel {
  return {
    name: "Second factor",
    doc: "One-time codes (RFC 6238) beside the password: FTP and SFTP ask for them.",
    operations: [
      operation({
        id: "enrolSecondFactor",
        method: "post",
        path: "/users/{user}/second-factor",
        permission: { house: "house.users" },
        summary: "Give a user a new seed: from now on their password alone no longer lets them in.",
        params: UserPath,
        answer: Enrolled,
        status: 201,
        audit: ({ params }) => ({ verb: "user.change", target: params.user, detail: { changed: "code" } }),
        run: async ({ params, by, tenant }) => {
          const user = await userOf(identities, tenant, params.user);
          return user.ok ? await identities.addCode(by, user.value.id) : user;
        },
      }),
      operation({
        id: "removeSecondFactor",
        method: "delete",
        path: "/users/{user}/second-factor",
        permission: { house: "house.users" },
        summary: "The password alone lets them in again.",
        params: UserPath,
        audit: ({ params }) => ({ verb: "user.change", target: params.user, detail: { changed: "code" } }),
        run: async ({ params, by, tenant }) => {
          const user = await userOf(identities, tenant, params.user);
          return user.ok ? await identities.removeCode(by, user.value.id) : user;
        },
      }),
    ],
  };
}
