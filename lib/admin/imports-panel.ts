import { z } from "@hono/zod-openapi";
import { ok, type Result } from "../base/result.ts";
import type { Actor } from "../rules/identity.ts";
import type { Identities } from "../store/identities.ts";
import { IdPath, userOf } from "./names.ts";
import { Moment, operation, type AdminPanel } from "./panel.ts";

const Count = z.int().min(0);
const ImportView = z
  .object({
    id: z.string(),
    remote: z.string(),
    bucket: z.string(),
    to: z.string(),
    prefix: z.string(),
    state: z.enum(["running", "done", "stopped", "failed"]),
    why: z.string().nullable().openapi({ description: "Why it failed." }),
    versions: Count.openapi({ description: "Copied." }),
    bytes: Count,
    there: Count.openapi({ description: "Were there already." }),
    failed: Count,
    failures: z.array(z.object({ key: z.string(), version: z.string(), why: z.string() })),
    begunAt: Moment,
    endedAt: Moment.nullable(),
  })
  .openapi("Import");
export type ImportView = z.output<typeof ImportView>;

const NewImport = z
  .strictObject({
    remote: z.string().min(1).max(64),
    bucket: z.string().min(1).max(255),
    to: z.string().min(3).max(63),
    prefix: z.string().max(1024).default(""),
    parallel: z.int().min(1).max(64).default(8),
    owner: z.string().min(1).max(64).optional(),
  })
  .openapi("NewImport");

export interface ImportStart {
  readonly remote: string;
  readonly bucket: string;
  readonly to: string;
  readonly prefix: string;
  readonly parallel: number;
  readonly by: Actor;
  readonly tenant: string;
  /** A user's id. */
  readonly owner: string;
}

/** Imports of this daemon, since it started. */
export interface Imports {
  /** Faults: not-found (the remote), busy (one into this bucket runs). */
  start(ask: ImportStart): Promise<Result<ImportView>>;
  all(): readonly ImportView[];
  /** Faults: not-found. */
  one(id: string): Result<ImportView>;
  stop(id: string): Result<ImportView>;
}

export interface ImportsNeeds {
  readonly imports: Imports;
  readonly identities: Pick<Identities, "user" | "userNamed">;
}

/** Buckets brought over from other S3 servers. */
export function importsPanel({ imports, identities }: ImportsNeeds): AdminPanel {
  const list = operation({
    id: "listImports",
    method: "get",
    path: "/imports",
    permission: { house: "house.read" },
    summary: "Imports since the daemon started.",
    answer: z.object({ rows: z.array(ImportView) }),
    run: async () => ok({ rows: [...imports.all()] }),
  });
  const read = operation({
    id: "readImport",
    method: "get",
    path: "/imports/{id}",
    permission: { house: "house.read" },
    summary: "How far an import has come.",
    params: IdPath,
    answer: ImportView,
    run: async ({ params }) => imports.one(params.id),
  });
  const start = operation({
    id: "startImport",
    method: "post",
    path: "/imports",
    permission: { house: "house.configure" },
    summary: "Begin to copy a bucket of another S3 server: every version with its metadata, tags and lock.",
    body: NewImport,
    answer: ImportView,
    status: 202,
    audit: ({ body }) => ({
      verb: "import.start",
      target: body.to,
      detail: { remote: body.remote, bucket: body.bucket },
    }),
    run: async ({ body, by, tenant }) => {
      const asker = by.principal.kind === "user" ? by.principal.user.name : "admin";
      const owner = await userOf(identities, tenant, body.owner ?? asker);
      return owner.ok ? await imports.start({ ...body, by, tenant, owner: owner.value.id }) : owner;
    },
  });
  const stop = operation({
    id: "stopImport",
    method: "delete",
    path: "/imports/{id}",
    permission: { house: "house.configure" },
    summary: "Stop an import. What was copied stays; the same import begun again goes on.",
    params: IdPath,
    answer: ImportView,
    audit: ({ params }) => ({ verb: "import.stop", target: params.id }),
    run: async ({ params }) => imports.stop(params.id),
  });
  return {
    name: "Imports",
    doc: "Buckets brought over from other S3 servers.",
    operations: [list, read, start, stop],
  };
}
