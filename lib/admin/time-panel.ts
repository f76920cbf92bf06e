import { z } from "@hono/zod-openapi";
import { ok } from "../base/result.ts";
import { operation, type AdminPanel } from "./panel.ts";

/** What the time daemon tells of itself; all of it in base units, as of the moment it is asked. */
export interface TimeBook {
  tracking(): Tracking;
  /** In the order of the configuration. */
  sources(): readonly TimeSource[];
  /** Busiest first. */
  clients(limit: number): readonly TimeClient[];
}

const seconds = (what: string) =>
  z
    .number()
    .nullable()
    .openapi({ description: `Seconds. ${what}` });

const TrackingView = z
  .object({
    mode: z.enum(["steer", "observe", "local"]),
    synchronised: z.boolean(),
    why: z.string().openapi({ description: "One sentence: whose time this is, or why it is nobody's." }),
    source: z.string().nullable(),
    stratum: z.int(),
    leap: z.enum(["none", "last minute has 61 s", "last minute has 59 s", "unsynchronised"]),
    offset: seconds("By which the system's clock is behind what the sources tell."),
    bound: seconds("How far what is served may be from true time."),
    rate: z.number().openapi({ description: "Parts per million that the oscillator is corrected by." }),
    wander: z
      .number()
      .nullable()
      .openapi({ description: "Change of the oscillator's rate, ppm in a second." }),
    rootDelay: z.number(),
    rootDispersion: z.number(),
  })
  .openapi("TimeTracking");
export type Tracking = z.output<typeof TrackingView>;

const SourceView = z
  .object({
    name: z.string(),
    address: z.string().nullable(),
    state: z.string(),
    why: z.string().openapi({ description: "One sentence: why it is used, or why it is not." }),
    authentication: z.string(),
    stratum: z.int().nullable(),
    interval: z.number().openapi({ description: "Seconds between questions." }),
    reach: z.int().openapi({ description: "The last eight questions, one bit each, the newest lowest." }),
    asked: z.int(),
    answered: z.int(),
    offset: seconds("By which it is ahead of the system's clock."),
    error: seconds("Standard deviation of the offset."),
    delay: seconds("Shortest round trip seen lately."),
    jitter: seconds("Mean round trip beyond the shortest."),
    distance: seconds("How far it may be from true time."),
  })
  .openapi("TimeSource");
export type TimeSource = z.output<typeof SourceView>;

const ClientView = z
  .object({
    address: z.string(),
    requests: z.int(),
    refused: z.int(),
    idle: z.number().openapi({ description: "Seconds since its last request." }),
  })
  .openapi("TimeClient");
export type TimeClient = z.output<typeof ClientView>;

const Limit = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) });

/** Whose time this is, from whom, and who asks for it. */
export function timePanel(book: TimeBook): AdminPanel {
  const permission = { house: "house.read" } as const;
  return {
    name: "Time",
    doc: "Whose time this is, how well it is known, and who asks for it.",
    operations: [
      operation({
        id: "timeTracking",
        method: "get",
        path: "/time/tracking",
        permission,
        summary: "How well the time is known, and by whom.",
        answer: TrackingView,
        run: async () => ok(book.tracking()),
      }),
      operation({
        id: "timeSources",
        method: "get",
        path: "/time/sources",
        permission,
        summary: "Every source, unreachable ones included, with one reason each.",
        answer: z.object({ rows: z.array(SourceView) }),
        run: async () => ok({ rows: [...book.sources()] }),
      }),
      operation({
        id: "timeClients",
        method: "get",
        path: "/time/clients",
        permission,
        summary: "The networks that asked most.",
        query: Limit,
        answer: z.object({ rows: z.array(ClientView) }),
        run: async ({ query }) => ok({ rows: [...book.clients(query.limit)] }),
      }),
    ],
  };
}
