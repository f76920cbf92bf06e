import { z } from "@hono/zod-openapi";
import { ok } from "../base/result.ts";
import type { Finding } from "../watch/finding.ts";
import { operation, type AdminPanel } from "./panel.ts";

const FindingView = z
  .object({
    state: z.enum(["good", "look", "bad"]),
    about: z.string(),
    found: z.string(),
    mend: z.string().nullable(),
  })
  .openapi("Finding");

/** What is unsafe in a daemon's settings, or will not work. */
export function scanPanel(scan: () => readonly Finding[]): AdminPanel {
  return {
    name: "Scan",
    doc: "Settings that are unsafe or will not work for clients.",
    operations: [
      operation({
        id: "scan",
        method: "get",
        path: "/scan",
        permission: { house: "house.configure" },
        summary: "Look at the settings in use, and tell the mend of what is wrong.",
        answer: z.object({ rows: z.array(FindingView) }),
        run: async () => ok({ rows: scan().map((one) => ({ ...one, mend: one.mend ?? null })) }),
      }),
    ],
  };
}
