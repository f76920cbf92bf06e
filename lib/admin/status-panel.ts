import { z } from "@hono/zod-openapi";
import { ok } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import type { Unready } from "./needs.ts";
import { Moment, momentText, operation, type AdminPanel } from "./panel.ts";

export interface StatusNeeds {
  readonly service: string;
  readonly version: string;
  readonly pid: number;
  readonly clock: Clock;
  /** Where it listens: name ("S3", "admin") and address as a client would write it. */
  readonly listening: () => readonly { readonly name: string; readonly address: string }[];
  readonly unready: () => readonly Unready[];
}

export const StatusView = z
  .object({
    service: z.string(),
    version: z.string(),
    pid: z.int(),
    startedAt: Moment,
    now: Moment,
    ready: z.boolean(),
    waiting: z.array(z.object({ part: z.string(), reason: z.string() })),
    listening: z.array(z.object({ name: z.string(), address: z.string() })),
  })
  .openapi("Status");
export type StatusView = z.output<typeof StatusView>;

/** What this daemon is, since when, and where it listens. */
export function statusPanel(needs: StatusNeeds): AdminPanel {
  const startedAt = momentText(needs.clock.wall());
  return {
    name: "Status",
    doc: "This daemon: what it is, since when, and where it listens.",
    operations: [
      operation({
        id: "status",
        method: "get",
        path: "/status",
        permission: { house: "house.read" },
        summary: "This daemon's state.",
        answer: StatusView,
        run: async () => {
          const { service, version, pid, clock } = needs;
          const waiting = needs.unready().map((one) => ({ ...one }));
          const listening = needs.listening().map((one) => ({ ...one }));
          const now = momentText(clock.wall());
          return ok({
            service,
            version,
            pid,
            startedAt,
            now,
            ready: waiting.length === 0,
            waiting,
            listening,
          });
        },
      }),
    ],
  };
}
