import { z } from "@hono/zod-openapi";
import { ok, type Result } from "../base/result.ts";
import type { Page } from "../store/content.ts";
import { operation, pageAnswer, pageOf, PageQuery, type AdminPanel } from "./panel.ts";

/** The trail as the API reads it: the files of every daemon of the house. */
export interface AuditBook {
  /** The daemons that keep a chain. */
  chains(): Promise<readonly string[]>;
  /** A chain's lines (JSON), newest first. Faults: invalid, io. */
  page(daemon: string, after: string, limit: number): Promise<Result<Page<string>>>;
  /** Faults: not-found, io. */
  prove(): Promise<Result<z.input<typeof Proof>>>;
}

export interface AuditNeeds {
  /** Whose chain is shown when none is named. */
  readonly service: string;
  readonly book: AuditBook;
}

const AuditLine = z
  .looseObject({ seq: z.int(), at: z.string(), daemon: z.string(), verb: z.string() })
  .openapi("AuditLine");
const AuditQuery = PageQuery.extend({
  daemon: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/)
    .optional()
    .openapi({ description: "Whose chain; this daemon's own when absent." }),
});
const Proof = z
  .object({
    key: z
      .string()
      .openapi({ description: "Fingerprint of the audit key; compare it with one kept elsewhere." }),
    chains: z
      .array(
        z.object({
          daemon: z.string(),
          files: z.int(),
          lines: z.int(),
          checkpoints: z.int(),
          sealedTo: z.int(),
          firstAt: z.string(),
          lastAt: z.string(),
          findings: z.array(z.object({ where: z.string(), what: z.string() })).readonly(),
        }),
      )
      .readonly(),
  })
  .openapi("AuditProof");

/** Who did what: the hash-chained trail, page by page and proved. */
export function auditPanel({ service, book }: AuditNeeds): AdminPanel {
  return {
    name: "Audit",
    doc: "Who did what, in a chain that shows any change made to it afterwards.",
    operations: [
      operation({
        id: "listAudit",
        method: "get",
        path: "/audit",
        permission: { house: "house.read" },
        summary: "One daemon's trail, newest first.",
        query: AuditQuery,
        answer: pageOf(AuditLine),
        run: async ({ query }) => {
          const failed: { fault?: Result<never> } = {};
          const page = await pageAnswer(
            query,
            async (after, limit) => {
              const read = await book.page(query.daemon ?? service, after, limit);
              if (read.ok) return read.value;
              failed.fault = read;
              return { rows: [], next: undefined };
            },
            (line) => JSON.parse(line) as z.input<typeof AuditLine>,
          );
          return failed.fault ?? page;
        },
      }),
      operation({
        id: "listAuditChains",
        method: "get",
        path: "/audit/chains",
        permission: { house: "house.read" },
        summary: "The daemons that keep a trail.",
        answer: z.object({ rows: z.array(z.string()) }),
        run: async () => ok({ rows: [...(await book.chains())] }),
      }),
      operation({
        id: "proveAudit",
        method: "get",
        path: "/audit/proof",
        permission: { house: "house.read" },
        summary: "Prove every chain from its files; this reads all of them.",
        answer: Proof,
        run: async () => await book.prove(),
      }),
    ],
  };
}
