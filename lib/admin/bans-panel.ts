import { z } from "@hono/zod-openapi";
import { fail, ok } from "../base/result.ts";
import { operation, type AdminPanel } from "./panel.ts";

/** Who is kept out for guessing passwords, and how to let them in again. */
export interface BanBook {
  bans(): readonly { readonly who: string; readonly leftMs: number }[];
  /** False where nothing was held against the network. */
  forgive(network: string): boolean;
}

const Ban = z.object({ network: z.string(), leftMs: z.int() }).openapi("Ban");

/** Networks that a daemon keeps out. */
export function bansPanel(book: BanBook): AdminPanel {
  return {
    name: "Bans",
    doc: "Networks kept out for guessing passwords.",
    operations: [
      operation({
        id: "listBans",
        method: "get",
        path: "/bans",
        permission: { house: "house.read" },
        summary: "Every network that is kept out now; at most a thousand.",
        answer: z.object({ rows: z.array(Ban) }),
        run: async () => {
          const rows = book.bans().slice(0, 1000);
          return ok({ rows: rows.map(({ who, leftMs }) => ({ network: who, leftMs: Math.ceil(leftMs) })) });
        },
      }),
      operation({
        id: "removeBan",
        method: "delete",
        path: "/bans",
        permission: { house: "house.configure" },
        summary: "Let a network in again.",
        query: z.object({ network: z.string().min(1).max(64) }),
        audit: ({ query }) => ({ verb: "ban.remove", target: query.network }),
        run: async ({ query }) =>
          book.forgive(query.network)
            ? ok()
            : fail("not-found", "the network is not kept out", { where: query.network }),
      }),
    ],
  };
}
