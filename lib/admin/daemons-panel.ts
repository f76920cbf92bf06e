import { z } from "@hono/zod-openapi";
import { ok } from "../base/result.ts";
import { operation, type AdminPanel } from "./panel.ts";
import { StatusView } from "./status-panel.ts";

/** Asks every daemon of the house, this one included, what it is. */
export type AskDaemons = () => Promise<readonly StatusView[]>;

/** The whole house at a glance, from whichever daemon is asked. */
export function daemonsPanel(ask: AskDaemons): AdminPanel {
  return {
    name: "Daemons",
    doc: "Every daemon of the house that runs.",
    operations: [
      operation({
        id: "listDaemons",
        method: "get",
        path: "/daemons",
        permission: { house: "house.read" },
        summary: "What each running daemon is, since when, and where it listens.",
        answer: z.object({ rows: z.array(StatusView) }),
        run: async () => ok({ rows: [...(await ask())] }),
      }),
    ],
  };
}
