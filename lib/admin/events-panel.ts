import { z } from "@hono/zod-openapi";
import { utf8 } from "../base/bytes.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Change, ChangeFeed } from "../store/feed.ts";
import {
  Moment,
  momentText,
  operation,
  pageOf,
  pageAnswer,
  PageQuery,
  stream,
  type AdminPanel,
} from "./panel.ts";

export interface EventsNeeds {
  readonly feed: Pick<ChangeFeed, "read" | "head" | "wait">;
  /** How often a silent stream says that it lives, in milliseconds. Default 15 s. */
  readonly beatMs?: number;
  /** How long a stream lasts before its reader must come again, and be authorised again. Default 5 min. */
  readonly lastsMs?: number;
}

const streamLimit = 64;

const EventView = z
  .object({
    seq: z.int(),
    at: Moment,
    kind: z.string(),
    bucket: z.string(),
    subject: z.string(),
    version: z.string(),
    size: z.int(),
    from: z.string(),
    by: z.string(),
    door: z.string(),
    address: z.string(),
    request: z.string(),
  })
  .openapi("Event");
export type EventView = z.output<typeof EventView>;

const EventsQuery = PageQuery.extend({
  last: z.coerce
    .number()
    .int()
    .min(0)
    .max(1000)
    .optional()
    .openapi({ description: "Begin so many events before the newest." }),
});
const LiveQuery = z.object({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .openapi({ description: "Begin after this seq; Last-Event-ID wins. Without either: what comes now." }),
});

/** The change feed: what happened to objects, buckets and users, read by page or as it happens. */
export function eventsPanel(needs: EventsNeeds): AdminPanel {
  const open = { streams: 0 };
  return {
    name: "Events",
    doc: "Every change of the catalog in its order, by page or live.",
    operations: [
      operation({
        id: "listEvents",
        method: "get",
        path: "/events",
        permission: { house: "house.read" },
        summary: "Changes, oldest first.",
        query: EventsQuery,
        answer: pageOf(EventView),
        run: async ({ query, tenant }) => await events(needs, tenant, query),
      }),
      stream({
        id: "watchEvents",
        method: "get",
        path: "/events/live",
        permission: { house: "house.read" },
        summary: "Changes as they happen (server-sent events); an event's id is its seq.",
        query: LiveQuery,
        streams: "text/event-stream",
        open: async ({ query, headers, signal, tenant }) => {
          if (open.streams >= streamLimit) return fail("too-many", "too many live feeds are open");
          const resumed = /^\d{1,15}$/.exec(headers.get("last-event-id") ?? "")?.[0];
          const after = resumed === undefined ? query.after : Number(resumed);
          return ok(liveFeed(needs, tenant, after ?? (await needs.feed.head()), signal, open));
        },
      }),
    ],
  };
}

async function events(
  { feed }: EventsNeeds,
  tenant: string,
  query: z.output<typeof EventsQuery>,
): Promise<Result<{ rows: EventView[]; next: string | null }>> {
  const begin = query.last === undefined ? 0 : Math.max(0, (await feed.head()) - query.last);
  return await pageAnswer(
    query,
    async (cursor, limit) => {
      const rows = await feed.read(/^\d{1,15}$/.test(cursor) ? Number(cursor) : begin, limit);
      const next = rows.length === limit ? String(rows.at(-1)!.seq) : undefined;
      return { rows: rows.filter((change) => change.tenant === tenant), next };
    },
    eventView,
  );
}

/** Reads the feed at the client's own pace: a slow one costs a page, and gets everything in the end. */
function liveFeed(
  { feed, beatMs = 15_000, lastsMs = 300_000 }: EventsNeeds,
  tenant: string,
  from: number,
  gone: AbortSignal,
  open: { streams: number },
): Response {
  const closed = new AbortController();
  const over = AbortSignal.any([gone, closed.signal, AbortSignal.timeout(lastsMs)]);
  open.streams++;
  let after = from;
  const end = (): void => {
    if (closed.signal.aborted) return;
    closed.abort();
    open.streams--;
  };
  const body = new ReadableStream<Uint8Array>({
    start: (out) => out.enqueue(utf8(`retry: 2000\nid: ${from}\n\n`)),
    async pull(out) {
      while (!over.aborted) {
        const changes = await feed.read(after, 100);
        after = changes.at(-1)?.seq ?? after;
        const text = changes.filter((change) => change.tenant === tenant).map(eventText);
        if (text.length > 0) return out.enqueue(utf8(text.join("")));
        if (changes.length > 0) continue;
        const beat = AbortSignal.timeout(beatMs);
        await feed.wait(after, AbortSignal.any([over, beat]));
        if (beat.aborted && !over.aborted) return out.enqueue(utf8(":\n\n"));
      }
      end();
      if (!gone.aborted) out.close();
    },
    cancel: end,
  });
  gone.addEventListener("abort", end);
  return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
}

const eventText = (change: Change): string =>
  `id: ${change.seq}\nevent: change\ndata: ${JSON.stringify(eventView(change))}\n\n`;

function eventView(change: Change): EventView {
  const { tenant: _tenant, etag: _etag, at, ...rest } = change;
  return { ...rest, at: momentText(at) };
}
