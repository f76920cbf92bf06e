import { z } from "@hono/zod-openapi";
import { ok } from "../base/result.ts";
import type { TransferBook } from "../store/transfer-book.ts";
import { Moment, momentText, operation, type AdminPanel } from "./panel.ts";

const TransferView = z
  .object({
    id: z.int(),
    at: Moment.openapi({ description: "When it ended." }),
    ms: z.int(),
    user: z.string(),
    door: z.string(),
    address: z.string(),
    way: z.enum(["in", "out"]),
    path: z.string(),
    bytes: z.int(),
    outcome: z.string().openapi({ description: '"ok", or why it broke.' }),
  })
  .openapi("Transfer");

const Query = z.object({
  user: z.string().max(64).optional(),
  before: z.coerce.number().int().min(1).optional().openapi({ description: "Older than this id." }),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** Files moved by FTP, SFTP and scp. */
export function transfersPanel(page: (ask: Parameters<TransferBook["page"]>[0]) => Rows): AdminPanel {
  return {
    name: "Transfers",
    doc: "Files moved by FTP, SFTP and scp; what moves now is in Sessions.",
    operations: [
      operation({
        id: "listTransfers",
        method: "get",
        path: "/transfers",
        permission: { house: "house.read" },
        summary: "What was moved, the latest first.",
        query: Query,
        answer: z.object({ rows: z.array(TransferView) }),
        run: async ({ query }) => {
          const rows = page(query);
          return ok({ rows: rows.map((row) => ({ ...row, at: momentText(row.at) })) });
        },
      }),
    ],
  };
}

type Rows = ReturnType<TransferBook["page"]>;
