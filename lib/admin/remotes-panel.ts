import { z } from "@hono/zod-openapi";
import { ok, type Result } from "../base/result.ts";
import type { Remote, Remotes } from "../store/remotes.ts";
import { BucketPath } from "./names.ts";
import { Moment, momentText, operation, type AdminPanel, type Operation } from "./panel.ts";

export interface RemotesNeeds {
  readonly remotes: Remotes;
  /** Orders what a bucket's replication rules speak of and has not gone yet; gives how much. */
  readonly replicateExisting: (bucket: string, prefix: string) => Promise<Result<number>>;
}

const RemotePath = z.object({ remote: z.string().min(1).max(64) });
const RemoteView = z
  .object({
    name: z.string(),
    endpoint: z.string(),
    region: z.string(),
    keyId: z.string(),
    ownAuthority: z
      .boolean()
      .openapi({ description: "Whether its certificate is of an authority of its own." }),
    createdAt: Moment,
  })
  .openapi("Remote");
export type RemoteView = z.output<typeof RemoteView>;

const RemoteBody = z
  .strictObject({
    endpoint: z.string().max(1024).openapi({ description: "https://s3.example.org:9000" }),
    region: z.string().max(63).default("us-east-1"),
    keyId: z.string().max(256),
    secret: z.string().max(256).openapi({ description: "Kept sealed, and never shown again." }),
    ca: z.string().max(65_536).default("").openapi({ description: "An authority's certificate, PEM." }),
  })
  .openapi("NewRemote");

/** Other S3 servers that replication rules may name. */
export const remotesPanel = (needs: RemotesNeeds): AdminPanel => ({
  name: "Remotes",
  doc: "Other S3 servers that buckets are replicated to, with our credentials there.",
  operations: [...remoteOperations(needs), existing(needs)],
});

const remoteOperations = ({ remotes }: RemotesNeeds): Operation[] => [
  operation({
    id: "listRemotes",
    method: "get",
    path: "/remotes",
    permission: { house: "house.read" },
    summary: "Every other S3 server that is known here.",
    answer: z.object({ rows: z.array(RemoteView) }),
    run: async () => ok({ rows: (await remotes.all()).map(remoteView) }),
  }),
  operation({
    id: "putRemote",
    method: "put",
    path: "/remotes/{remote}",
    permission: { house: "house.configure" },
    summary: "Add a server, or change the one of that name.",
    params: RemotePath,
    body: RemoteBody,
    answer: RemoteView,
    audit: ({ params, body }) => ({
      verb: "remote.put",
      target: params.remote,
      detail: { endpoint: body.endpoint },
    }),
    run: async ({ params, body }) => {
      const made = await remotes.put({ ...body, name: params.remote });
      return made.ok ? ok(remoteView(made.value)) : made;
    },
  }),
  operation({
    id: "removeRemote",
    method: "delete",
    path: "/remotes/{remote}",
    permission: { house: "house.configure" },
    summary: "Forget a server. What waits for it waits on until it is given up.",
    params: RemotePath,
    audit: ({ params }) => ({ verb: "remote.remove", target: params.remote }),
    run: ({ params }) => remotes.remove(params.remote),
  }),
];

const existing = ({ replicateExisting }: RemotesNeeds): Operation =>
  operation({
    id: "replicateExisting",
    method: "post",
    path: "/buckets/{bucket}/replicate",
    permission: { bucket: "bucket.configure" },
    summary: "Replicate what was in the bucket before its rules, and what failed: all but what went already.",
    params: BucketPath,
    query: z.object({ prefix: z.string().max(1024).default("") }),
    answer: z.object({ versions: z.int() }),
    status: 202,
    audit: ({ params }) => ({
      verb: "delivery.change",
      target: params.bucket,
      detail: { change: "replicate" },
    }),
    run: async ({ params, query }) => {
      const written = await replicateExisting(params.bucket, query.prefix);
      return written.ok ? ok({ versions: written.value }) : written;
    },
  });

const remoteView = ({ name, endpoint, region, keyId, ca, createdAt }: Remote): RemoteView => ({
  name,
  endpoint,
  region,
  keyId,
  ownAuthority: ca !== "",
  createdAt: momentText(createdAt),
});
