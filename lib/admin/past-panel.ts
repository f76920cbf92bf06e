import { z } from "@hono/zod-openapi";
import { fail, ok, type Result } from "../base/result.ts";
import { asUnixMs } from "../base/time.ts";
import type { Actor } from "../rules/identity.ts";
import type { Objects } from "../store/objects.ts";
import type { Moment as Point, Snapshot, TimeTravel } from "../store/time-travel.ts";
import { BucketPath } from "./names.ts";
import { download, folderPage, FolderPage, guarded, Key, ListQuery } from "./objects-panel.ts";
import { Moment, momentText, operation, stream, type AdminPanel, type Operation } from "./panel.ts";

export interface PastNeeds {
  readonly timeTravel: TimeTravel;
  /** A bucket as it was, for one asker, checked at every name. Faults: not-found. */
  readonly pastFor: (by: Actor, bucket: string, at: Point) => Promise<Result<Pick<Objects, "list" | "get">>>;
}

const Name = z.string().min(1).max(64);
const SnapshotPath = BucketPath.extend({ snapshot: Name });
const SnapshotView = z.object({ name: z.string(), at: Moment }).openapi("Snapshot");
export type SnapshotView = z.output<typeof SnapshotView>;
const SnapshotList = z.object({ rows: z.array(SnapshotView) });
export type SnapshotList = z.output<typeof SnapshotList>;

/** One of the two. */
const When = z.object({
  snapshot: Name.optional().openapi({ description: "A snapshot's name; or" }),
  at: Moment.optional().openapi({ description: "a moment: what of it is still kept." }),
});
type When = z.output<typeof When>;

const Restored = z
  .object({
    restored: z.int().openapi({ description: "Keys that got what they had." }),
    removed: z.int().openapi({ description: "Keys that were not there then, and went." }),
  })
  .openapi("Restored");
export type RestoredView = z.output<typeof Restored>;

/** Buckets as they were: at a snapshot, or at any moment that versions still show. */
export const pastPanel = (needs: PastNeeds): AdminPanel => ({
  name: "Time travel",
  doc: "Buckets as they were: at a snapshot, or at any moment that is still kept.",
  operations: [...snapshots(needs.timeTravel), ...lookBack(needs), bringBack(needs.timeTravel)],
});

const snapshots = (travel: TimeTravel): Operation[] => [
  operation({
    id: "listSnapshots",
    method: "get",
    path: "/buckets/{bucket}/snapshots",
    permission: { bucket: "bucket.read" },
    summary: "Every snapshot of a bucket, the oldest first.",
    params: BucketPath,
    answer: SnapshotList,
    run: async ({ params }) => {
      const found = await travel.snapshots(params.bucket);
      return found.ok ? ok({ rows: found.value.map(snapshotView) }) : found;
    },
  }),
  operation({
    id: "makeSnapshot",
    method: "post",
    path: "/buckets/{bucket}/snapshots",
    permission: { bucket: "bucket.configure" },
    summary: "Name this moment: what is replaced or removed from now on stays readable through it.",
    params: BucketPath,
    body: z.strictObject({ name: Name }).openapi("NewSnapshot"),
    answer: SnapshotView,
    status: 201,
    audit: ({ params, body }) => ({ verb: "snapshot.add", target: `${params.bucket}@${body.name}` }),
    run: async ({ params, body, by }) => {
      const made = await travel.makeSnapshot(by, params.bucket, body.name);
      return made.ok ? ok(snapshotView(made.value)) : made;
    },
  }),
  operation({
    id: "removeSnapshot",
    method: "delete",
    path: "/buckets/{bucket}/snapshots/{snapshot}",
    permission: { bucket: "bucket.configure" },
    summary: "Forget a snapshot, and delete what it alone still showed.",
    params: SnapshotPath,
    audit: ({ params }) => ({ verb: "snapshot.remove", target: `${params.bucket}@${params.snapshot}` }),
    run: async ({ params, by }) => await travel.removeSnapshot(by, params.bucket, params.snapshot),
  }),
];

const lookBack = ({ pastFor }: PastNeeds): Operation[] => [
  operation({
    id: "listPast",
    method: "get",
    path: "/buckets/{bucket}/past/objects",
    permission: guarded,
    summary: "A folder of a bucket as it was, or everything beneath it.",
    params: BucketPath,
    query: ListQuery.extend(When.shape),
    answer: FolderPage,
    run: async ({ by, params, query }) => {
      const past = await at(query, (point) => pastFor(by, params.bucket, point));
      return past.ok ? await folderPage(past.value, params.bucket, query) : past;
    },
  }),
  stream({
    id: "readPast",
    method: "get",
    path: "/buckets/{bucket}/past/object",
    permission: guarded,
    summary: "The bytes of an object as it was, as a download.",
    params: BucketPath,
    query: z.object({ key: Key }).extend(When.shape),
    streams: "application/octet-stream",
    open: async ({ by, params, query, signal }) => {
      const past = await at(query, (point) => pastFor(by, params.bucket, point));
      if (!past.ok) return past;
      return await download(past.value, { bucket: params.bucket, key: query.key }, undefined, signal);
    },
  }),
];

const bringBack = (travel: TimeTravel): Operation =>
  operation({
    id: "restoreBucket",
    method: "post",
    path: "/buckets/{bucket}/past/restore",
    permission: { bucket: "bucket.configure" },
    summary: "Give every key that begins so what it had then; what was not there then goes.",
    params: BucketPath,
    body: When.extend({ prefix: z.string().max(1024).default("") })
      .strict()
      .openapi("Restore"),
    answer: Restored,
    audit: ({ params, body }) => ({
      verb: "snapshot.restore",
      target: `${params.bucket}/${body.prefix}`,
      detail: { to: body.snapshot ?? body.at ?? "" },
    }),
    run: async ({ params, body, by }) =>
      await at(body, (point) => travel.restore(by, params.bucket, body.prefix, point)),
  });

/** Runs `look` with the moment that is meant. Faults: invalid. */
async function at<T>({ snapshot, at: when }: When, look: (at: Point) => Promise<Result<T>>) {
  if ((snapshot === undefined) === (when === undefined)) {
    return fail("invalid", "either a snapshot or a moment is needed", { where: "snapshot, at" });
  }
  return await look(snapshot === undefined ? { at: asUnixMs(Date.parse(when!)) } : { snapshot });
}

const snapshotView = ({ name, at: ms }: Snapshot): SnapshotView => ({ name, at: momentText(ms) });
