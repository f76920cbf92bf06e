import { z } from "@hono/zod-openapi";
import { fail, ok } from "../base/result.ts";
import type { UnixMs } from "../base/time.ts";
import { IdPath } from "./names.ts";
import { Moment, momentText, operation, type AdminPanel } from "./panel.ts";

/** One client that is connected now. */
export interface SessionRow {
  /** Unique in the daemon. */
  readonly id: string;
  /** "ftp", "sftp", "s3", "smb". */
  readonly door: string;
  /** "" before sign-in. */
  readonly user: string;
  readonly address: string;
  readonly since: UnixMs;
  /** What it does at this moment: "idle", "STOR report.pdf". Never a secret. */
  readonly doing: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** What an engine hands to the panel: who is connected, and how to end it. */
export interface SessionBook {
  list(): readonly SessionRow[];
  /** False where there is no such session. */
  end(id: string): boolean;
}

const SessionView = z
  .object({
    id: z.string(),
    door: z.string(),
    user: z.string(),
    address: z.string(),
    since: Moment,
    doing: z.string(),
    bytesIn: z.int(),
    bytesOut: z.int(),
  })
  .openapi("Session");

/** Who is connected to this daemon. */
export function sessionsPanel(books: readonly SessionBook[]): AdminPanel {
  return {
    name: "Sessions",
    doc: "Who is connected to this daemon now.",
    operations: [
      operation({
        id: "listSessions",
        method: "get",
        path: "/sessions",
        permission: { house: "house.read" },
        summary: "Every session, oldest first; at most a thousand.",
        answer: z.object({ rows: z.array(SessionView), total: z.int() }),
        run: async () => {
          const all = books.flatMap((book) => book.list()).sort((a, b) => a.since - b.since);
          const rows = all.slice(0, 1000).map((row) => ({ ...row, since: momentText(row.since) }));
          return ok({ rows, total: all.length });
        },
      }),
      operation({
        id: "endSession",
        method: "delete",
        path: "/sessions/{id}",
        permission: { house: "house.configure" },
        summary: "End a session.",
        params: IdPath,
        audit: ({ params }) => ({ verb: "sign-out", target: `session ${params.id}` }),
        run: async ({ params }) =>
          books.some((book) => book.end(params.id))
            ? ok()
            : fail("not-found", "no such session", { where: params.id }),
      }),
    ],
  };
}
