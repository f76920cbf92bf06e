import { z } from "@hono/zod-openapi";
import { ok } from "../base/result.ts";
import type { UnixMs } from "../base/time.ts";
import type { Letter, Outbox } from "../store/outbox.ts";
import { Moment, momentText, operation, pageAnswer, pageOf, PageQuery, type AdminPanel } from "./panel.ts";
import type { Operation } from "./panel.ts";

export interface DeliveriesNeeds {
  readonly outbox: Pick<Outbox, "dead" | "revive" | "forget">;
  readonly queues: () => Promise<readonly QueueFacts[]>;
}

export interface QueueFacts {
  readonly queue: string;
  readonly kind: string;
  readonly at: string;
  readonly waiting: number;
  readonly dead: number;
  readonly oldest: UnixMs | undefined;
}

const Count = z.int().min(0);
const Queue = z
  .object({
    queue: z.string(),
    kind: z.string(),
    at: z.string().openapi({ description: "Where it goes, without credentials." }),
    waiting: Count,
    dead: Count,
    oldest: Moment.nullable(),
  })
  .openapi("DeliveryQueue");

const DeadLetter = z
  .object({
    id: z.int(),
    queue: z.string(),
    at: Moment,
    about: z.string(),
    attempts: Count,
    error: z.string(),
    body: z.string(),
  })
  .openapi("DeadLetter");

const QueuePath = z.object({ queue: z.string().min(1).max(200) });
const One = z.object({ id: z.coerce.number().int().min(1).optional() });
const Counted = z.object({ letters: Count });

/** What is on its way out of the house, and what was given up. */
export const deliveriesPanel = (needs: DeliveriesNeeds): AdminPanel => ({
  name: "Deliveries",
  doc: "Events and replicas on their way to others, and the dead letters: those that were given up.",
  operations: [...readDeliveries(needs), ...changeDeliveries(needs)],
});

const readDeliveries = ({ queues, outbox }: DeliveriesNeeds): Operation[] => [
  operation({
    id: "listDeliveryQueues",
    method: "get",
    path: "/deliveries",
    permission: { house: "house.read" },
    summary: "Every queue: who gets its letters, how many wait, how many were given up.",
    answer: z.object({ rows: z.array(Queue) }),
    run: async () => {
      const rows = await queues();
      const shown = rows.map((row) => ({ ...row, oldest: row.oldest ? momentText(row.oldest) : null }));
      return ok({ rows: shown });
    },
  }),
  operation({
    id: "listDeadLetters",
    method: "get",
    path: "/deliveries/dead",
    permission: { house: "house.configure" },
    summary: "Letters that were given up, oldest first, of all queues or of one.",
    query: PageQuery.extend({ queue: z.string().max(200).optional() }),
    answer: pageOf(DeadLetter),
    run: ({ query }) =>
      pageAnswer(query, (after, limit) => outbox.dead(query.queue, after, limit), letterView),
  }),
];

const changeDeliveries = ({ outbox }: DeliveriesNeeds): Operation[] => [
  operation({
    id: "retryDeadLetters",
    method: "post",
    path: "/deliveries/{queue}/retry",
    permission: { house: "house.configure" },
    summary: "Send the dead letters of a queue again, or the one named.",
    params: QueuePath,
    query: One,
    answer: Counted,
    audit: ({ params }) => ({ verb: "delivery.change", target: params.queue, detail: { change: "retry" } }),
    run: async ({ params, query }) => ok({ letters: await outbox.revive(params.queue, query.id) }),
  }),
  operation({
    id: "dropDeadLetters",
    method: "delete",
    path: "/deliveries/{queue}/dead",
    permission: { house: "house.configure" },
    summary: "Forget the dead letters of a queue, or the one named.",
    params: QueuePath,
    query: One,
    answer: Counted,
    audit: ({ params }) => ({ verb: "delivery.change", target: params.queue, detail: { change: "drop" } }),
    run: async ({ params, query }) => ok({ letters: await outbox.forget(params.queue, query.id) }),
  }),
];

const letterView = ({ id, queue, at, about, attempts, error, body }: Letter) => ({
  id,
  queue,
  at: momentText(at),
  about,
  attempts,
  error,
  body,
});
