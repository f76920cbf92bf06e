import { z } from "@hono/zod-openapi";
import { ok, type Result } from "../base/result.ts";
import type { Actor } from "../rules/identity.ts";
import type { ObjectName, Objects, ObjectVersion } from "../store/objects.ts";
import { BucketPath } from "./names.ts";
import {
  Moment,
  momentText,
  operation,
  pageAnswer,
  pageOf,
  PageQuery,
  stream,
  type AdminPanel,
  type Operation,
} from "./panel.ts";

export interface ObjectsNeeds {
  /** The same port for one asker, checked at every name (`store/guard.ts`). */
  readonly objectsFor: (by: Actor) => Pick<Objects, "list" | "listVersions" | "get" | "remove" | "copy">;
}

export const guarded = {
  guarded: "every name is asked for by itself, so that a grant on a prefix is enough",
} as const;

export const Key = z.string().min(1).max(1024);
const Version = z.string().min(1).max(64);
const One = z.object({ key: Key, version: Version.optional() });

const ObjectView = z
  .object({
    key: z.string(),
    version: z.string(),
    latest: z.boolean(),
    removed: z.boolean().openapi({ description: "A delete marker: from here on the name is free." }),
    size: z.int(),
    etag: z.string(),
    contentType: z.string().nullable(),
    createdAt: Moment,
  })
  .openapi("Object");
export type ObjectView = z.output<typeof ObjectView>;

export const ListQuery = PageQuery.extend({
  prefix: z.string().max(1024).default("").openapi({ description: "Keys that begin so." }),
  deep: z
    .stringbool()
    .default(false)
    .openapi({ description: "Also what lies in folders, which are otherwise told by name alone." }),
});
export const FolderPage = pageOf(ObjectView).extend({
  folders: z.array(z.string()).openapi({ description: "Common prefixes, each with its slash." }),
});
export type FolderPage = z.output<typeof FolderPage>;

/** What buckets hold, to look through, to fetch, to remove and to bring back. What is large or many goes
 *  through the doors made for it. */
export function objectsPanel(needs: ObjectsNeeds): AdminPanel {
  return {
    name: "Objects",
    doc: "What buckets hold: to look through, fetch, remove and bring back.",
    operations: [...lookAt(needs), ...change(needs)],
  };
}

const lookAt = (needs: ObjectsNeeds): Operation[] => [
  operation({
    id: "listObjects",
    method: "get",
    path: "/buckets/{bucket}/objects",
    permission: guarded,
    summary: "A folder of a bucket, or everything beneath it, in byte order of the keys.",
    params: BucketPath,
    query: ListQuery,
    answer: FolderPage,
    run: async ({ by, params, query }) => await folderPage(needs.objectsFor(by), params.bucket, query),
  }),
  operation({
    id: "listObjectVersions",
    method: "get",
    path: "/buckets/{bucket}/versions",
    permission: guarded,
    summary: "Every version of one object, the newest first: a thousand at most.",
    params: BucketPath,
    query: z.object({ key: Key }),
    answer: z.object({ rows: z.array(ObjectView) }),
    run: async ({ by, params, query }) => await versionsOf(needs.objectsFor(by), params.bucket, query.key),
  }),
  stream({
    id: "readObject",
    method: "get",
    path: "/buckets/{bucket}/object",
    permission: guarded,
    summary: "The bytes of an object, or of one of its versions, as a download.",
    params: BucketPath,
    query: One,
    streams: "application/octet-stream",
    open: async ({ by, params, query, signal }) =>
      await download(needs.objectsFor(by), { bucket: params.bucket, key: query.key }, query.version, signal),
  }),
];

const change = (needs: ObjectsNeeds): Operation[] => [
  operation({
    id: "removeObject",
    method: "delete",
    path: "/buckets/{bucket}/object",
    permission: guarded,
    summary: "Remove an object as the bucket's versioning says, or one version for good.",
    params: BucketPath,
    query: One,
    audit: ({ params, query }) => ({
      verb: "object.delete",
      target: `${params.bucket}/${query.key}`,
      detail: query.version === undefined ? {} : { version: query.version },
    }),
    run: async ({ by, params, query }) => {
      const name = { bucket: params.bucket, key: query.key };
      const removed = await needs.objectsFor(by).remove(by, name, query.version);
      return removed.ok ? ok() : removed;
    },
  }),
  operation({
    id: "restoreObject",
    method: "post",
    path: "/buckets/{bucket}/object/restore",
    permission: guarded,
    summary: "Make an older version the current one again: a new version of the same bytes.",
    params: BucketPath,
    body: z.strictObject({ key: Key, version: Version }).openapi("OlderVersion"),
    answer: ObjectView,
    audit: ({ params, body }) => ({
      verb: "object.write",
      target: `${params.bucket}/${body.key}`,
      detail: { restored: body.version },
    }),
    run: async ({ by, params, body }) => {
      const name = { bucket: params.bucket, key: body.key };
      const from = { ...name, version: body.version };
      const ask = { from, to: name, facts: undefined, when: {}, digests: [] };
      const restored = await needs.objectsFor(by).copy(by, ask);
      return restored.ok ? ok(objectView(restored.value)) : restored;
    },
  }),
];

/** Faults: invalid (the cursor), and `list`'s. */
export async function folderPage(
  objects: Pick<Objects, "list">,
  bucket: string,
  query: z.output<typeof ListQuery>,
): Promise<Result<FolderPage>> {
  const folders: string[] = [];
  let refused: Result<never> | undefined;
  const page = await pageAnswer(
    query,
    async (after, limit) => {
      const delimiter = query.deep ? "" : "/";
      const listed = await objects.list({ bucket, prefix: query.prefix, delimiter, after, limit });
      if (!listed.ok) {
        refused = listed;
        return { rows: [], next: undefined };
      }
      folders.push(...listed.value.prefixes);
      return { rows: listed.value.objects, next: listed.value.next };
    },
    objectView,
  );
  if (refused) return refused;
  return page.ok ? ok({ ...page.value, folders }) : page;
}

async function versionsOf(
  objects: Pick<Objects, "listVersions">,
  bucket: string,
  key: string,
): Promise<Result<{ rows: ObjectView[] }>> {
  const ask = { bucket, prefix: key, delimiter: "", after: "", afterVersion: "", limit: 1000 };
  const listed = await objects.listVersions(ask);
  if (!listed.ok) return listed;
  return ok({ rows: listed.value.versions.filter((version) => version.key === key).map(objectView) });
}

/** Never shown in the page of the API's own origin, whatever its type says: always saved. */
export async function download(
  objects: Pick<Objects, "get">,
  name: ObjectName,
  version: string | undefined,
  gone: AbortSignal,
): Promise<Result<Response>> {
  const found = await objects.get(name, version);
  if (!found.ok) return found;
  const { content } = found.value;
  const chunks = content.read(0, content.size)[Symbol.asyncIterator]();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = gone.aborted ? { done: true as const } : await chunks.next();
      if (!next.done) return controller.enqueue(next.value);
      await content.close();
      controller.close();
    },
    cancel: async () => await content.close(),
  });
  const headers = {
    "content-type": "application/octet-stream",
    "content-length": String(content.size),
    "content-disposition": `attachment; filename*=UTF-8''${fileName(name.key)}`,
    "x-content-type-options": "nosniff",
  };
  return ok(new Response(body, { headers }));
}

/** The last part of a key, as RFC 8187 writes it. */
const fileName = (key: string): string =>
  encodeURIComponent(key.split("/").findLast((part) => part !== "") ?? "object").replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const objectView = (one: ObjectVersion): ObjectView => ({
  key: one.key,
  version: one.version,
  latest: one.latest,
  removed: one.deleteMarker,
  size: one.size,
  etag: one.etag,
  contentType: one.contentType ?? null,
  createdAt: momentText(one.createdAt),
});
