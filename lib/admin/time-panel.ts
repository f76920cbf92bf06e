import { z } from "@hono/zod-openapi";
import { fail, ok, type Result } from "../base/result.ts";
import { operation, type AdminPanel, type Operation } from "./panel.ts";
import {
  TimeReportQuery,
  TimeReportView,
  type TimeReportAnswer,
  type TimeReportWish,
} from "./time-report-view.ts";

/** What the time daemon tells of itself; all of it in base units, as of the moment it is asked. */
export interface TimeBook {
  tracking(): Tracking;
  /** In the order of the configuration. */
  sources(): readonly TimeSource[];
  /** Busiest first. */
  clients(limit: number): readonly TimeClient[];
  /** Oldest first; of the clock itself where no source is named. */
  history(series: string, spanSeconds: number): readonly HistoryStep[];
  /** Undefined while nobody knows the time. */
  now(): TimeNow | undefined;
  /** Faults: invalid, not-found (no evidence), io. */
  report(wish: TimeReportWish): Promise<Result<TimeReportAnswer>>;
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
    forecast: z.array(z.object({ hours: z.number(), bound: z.number() })).openapi({
      description: "The bound if no source is heard any more from now on.",
    }),
    ageing: z
      .object({ perDay: z.number(), error: z.number(), days: z.number() })
      .nullable()
      .openapi({ description: "The oscillator's change of rate, ppm a day, with its standard error." }),
    anomalies: z.array(
      z.object({
        about: z.string(),
        what: z.enum(["rate", "delay"]),
        was: z.number(),
        is: z.number(),
        since: z.number().openapi({ description: "Unix seconds." }),
      }),
    ),
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
    interleaved: z.boolean().openapi({ description: "Whether its stamps are those of the wire." }),
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

const three = z.tuple([z.number(), z.number(), z.number()]);
const HistoryView = z
  .object({
    at: z.number().openapi({ description: "Unix seconds at which the step begins." }),
    seconds: z.number(),
    count: z.number(),
    mean: three.openapi({
      description: "Offset, bound, rate in ppm of the clock; offset, delay, distance of a source.",
    }),
    least: three,
    most: three,
  })
  .openapi("TimeHistoryStep");
export type HistoryStep = z.output<typeof HistoryView>;

const NowView = z
  .object({
    time: z.string().openapi({ description: "RFC 3339 with microseconds." }),
    earliest: z.string().openapi({ description: "It is certainly not earlier than this." }),
    latest: z.string().openapi({ description: "It is certainly not later than this." }),
    unix: z.number(),
    bound: z.number().openapi({ description: "Seconds." }),
    stratum: z.int(),
    leap: z.enum(["none", "insert", "delete"]),
  })
  .openapi("TimeNow");
export type TimeNow = z.output<typeof NowView>;

const Past = z.object({
  source: z.string().max(300).default("clock").openapi({ description: "A source's name, or clock." }),
  hours: z.coerce.number().min(0.01).max(17_520).default(1),
});

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
      ...pastOperations(book),
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

/** What is kept of the clock's past, and the moment that is its newest. */
function pastOperations(book: TimeBook): Operation[] {
  const permission = { house: "house.read" } as const;
  return [
    operation({
      id: "timeHistory",
      method: "get",
      path: "/time/history",
      permission,
      summary: "The past of the clock or of one source, in steps that grow with its age.",
      query: Past,
      answer: z.object({ rows: z.array(HistoryView) }),
      run: async ({ query }) => ok({ rows: [...book.history(query.source, query.hours * 3600)] }),
    }),
    operation({
      id: "timeNow",
      method: "get",
      path: "/time/now",
      permission: { open: "The time is no secret." },
      summary: "The time, and how early or late it may be.",
      answer: NowView,
      run: async () => {
        const now = book.now();
        return now ? ok(now) : fail("unavailable", "nobody knows the time here");
      },
    }),
    operation({
      id: "timeReport",
      method: "get",
      path: "/time/report",
      permission,
      summary: "Traceability to UTC over a period, proved from the evidence on disk.",
      query: TimeReportQuery,
      answer: TimeReportView,
      run: ({ query }) => book.report(query),
    }),
  ];
}
