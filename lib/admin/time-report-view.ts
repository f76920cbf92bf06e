import { z } from "@hono/zod-openapi";

const Span = z.object({ from: z.string(), to: z.string(), seconds: z.number() });
const Spread = z.object({ median: z.number(), worst: z.number() });
const parts = ["provider", "transmission", "estimate", "drift", "residual"] as const;

/** A statement of traceability to UTC over a period; spans are seconds, moments RFC 3339. */
export const TimeReportView = z
  .object({
    from: z.string(),
    to: z.string(),
    clock: z.enum(["host", "served"]),
    profile: z.object({ name: z.string(), limit: z.number(), asked: z.string() }),
    verdict: z.enum(["within", "exceeded", "unproven"]),
    reasons: z.array(z.string()).readonly(),
    evidence: z.object({
      key: z.string(),
      lines: z.int(),
      firstSeq: z.int(),
      lastSeq: z.int(),
      lastHash: z.string(),
      sealed: z.boolean(),
      findings: z.array(z.object({ where: z.string(), what: z.string() })).readonly(),
    }),
    coveredSeconds: z.number(),
    missingSeconds: z.number(),
    worst: z.object({ at: z.string(), bound: z.number(), offset: z.number() }).nullable(),
    quantiles: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
    budget: z.record(z.enum(parts), Spread).nullable(),
    sources: z
      .array(
        z.object({
          name: z.string(),
          seconds: z.number(),
          stratum: z.string(),
          reference: z.string(),
          authentication: z.string(),
        }),
      )
      .readonly(),
    excursions: z.array(Span.extend({ why: z.string(), bound: z.number() })).readonly(),
    gaps: z.array(Span).readonly(),
    events: z.array(z.object({ at: z.string(), what: z.string(), about: z.string() })).readonly(),
    days: z
      .array(
        z.object({
          day: z.string(),
          coveredSeconds: z.number(),
          worstBound: z.number(),
          worstOffset: z.number(),
          excursionSeconds: z.number(),
        }),
      )
      .readonly(),
  })
  .openapi("TimeReport");
export type TimeReportAnswer = z.input<typeof TimeReportView>;

export const TimeReportQuery = z.object({
  from: z.string().max(40).optional(),
  to: z.string().max(40).optional(),
  profile: z.enum(["100us", "1ms", "50ms", "1s"]).optional(),
  clock: z.enum(["host", "served"]).optional(),
});
export type TimeReportWish = z.output<typeof TimeReportQuery>;
