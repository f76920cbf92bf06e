import { z } from "@hono/zod-openapi";
import { ok, type Result } from "../base/result.ts";
import type { Actor } from "../rules/identity.ts";
import type { Quota } from "../rules/quota.ts";
import type { Identities } from "../store/identities.ts";
import { encryptionDocument, readEncryptionDefault } from "../rules/encryption.ts";
import { compressionDocument, deduplicationDocument } from "../rules/stored-form.ts";
import { houseKeyId, type KeyRing } from "../store/keys.ts";
import type { Bucket, BucketChange, Objects } from "../store/objects.ts";
import type { ReadStoredUsage } from "../store/upkeep/stored-usage.ts";
import { BucketPath, userOf } from "./names.ts";
import {
  Moment,
  momentText,
  operation,
  pageOf,
  pageAnswer,
  PageQuery,
  type AdminPanel,
  type Operation,
} from "./panel.ts";

export interface BucketsNeeds {
  readonly identities: Pick<Identities, "user" | "userNamed">;
  readonly objects: Pick<
    Objects,
    "bucket" | "buckets" | "createBucket" | "changeBucket" | "deleteBucket" | "usage"
  >;
  readonly keyRing: Pick<KeyRing, "key">;
  readonly storedUsage: ReadStoredUsage;
}

const Count = z.int().min(0);
const QuotaPart = z
  .strictObject({ bytes: Count.nullable().default(null), objects: Count.nullable().default(null) })
  .openapi("Quota");
const Versioning = z.enum(["off", "enabled", "suspended"]);
const Encryption = z
  .string()
  .min(1)
  .max(256)
  .nullable()
  .openapi({ description: 'What new objects are sealed under unless asked: "house", a key\'s id, or null.' });
const Compression = z
  .enum(["zstd"])
  .nullable()
  .openapi({ description: "How new objects are compressed on disk; null: not." });
const StoredView = z
  .object({ logicalBytes: Count, storedBytes: Count })
  .openapi("StoredUsage", { description: "As it is read, and as it lies on disk." });
export type StoredView = z.output<typeof StoredView>;
const BucketView = z
  .object({
    name: z.string(),
    owner: z.string().openapi({ description: "A user's name." }),
    versioning: Versioning,
    quota: z.object({ bytes: Count.nullable(), objects: Count.nullable() }),
    usage: z.object({ bytes: Count, objects: Count }),
    encryption: Encryption,
    compression: Compression,
    deduplication: z.boolean().openapi({ description: "Equal bodies are kept once." }),
    createdAt: Moment,
  })
  .openapi("Bucket");
export type BucketView = z.output<typeof BucketView>;

const NewBucket = z
  .strictObject({
    name: z.string().min(3).max(63),
    owner: z.string().min(1).max(64).optional(),
    versioning: Versioning.default("off"),
    quota: QuotaPart.optional(),
  })
  .openapi("NewBucket");
const BucketPatch = z
  .strictObject({
    versioning: z.enum(["enabled", "suspended"]),
    quota: QuotaPart,
    encryption: Encryption,
    compression: Compression,
    deduplication: z.boolean(),
  })
  .partial()
  .openapi("BucketPatch");

/** Buckets with what they keep and what they may keep. Their objects are S3's and the file doors' matter. */
export function bucketsPanel(needs: BucketsNeeds): AdminPanel {
  return {
    name: "Buckets",
    doc: "Buckets, with what they keep and what they may keep.",
    operations: [...readBuckets(needs), measureBucket(needs), ...writeBuckets(needs)],
  };
}

const readBuckets = (needs: BucketsNeeds): Operation[] => [
  operation({
    id: "listBuckets",
    method: "get",
    path: "/buckets",
    permission: { house: "house.read" },
    summary: "Every bucket, in order of their names, with usage and quota.",
    query: PageQuery,
    answer: pageOf(BucketView),
    run: async ({ query, tenant }) => {
      const page = await pageAnswer(
        query,
        (after, limit) => needs.objects.buckets(tenant, after, limit),
        (bucket) => bucketView(needs, bucket),
      );
      return page.ok ? ok({ ...page.value, rows: await Promise.all(page.value.rows) }) : page;
    },
  }),
  operation({
    id: "readBucket",
    method: "get",
    path: "/buckets/{bucket}",
    permission: { bucket: "bucket.read" },
    summary: "One bucket, with usage and quota.",
    params: BucketPath,
    answer: BucketView,
    run: async ({ params }) => await shown(needs, await needs.objects.bucket(params.bucket)),
  }),
];

const measureBucket = (needs: BucketsNeeds): Operation =>
  operation({
    id: "readStoredUsage",
    method: "get",
    path: "/buckets/{bucket}/stored",
    permission: { bucket: "bucket.read" },
    summary: "What the bucket takes on disk. Reads every version: not for every minute.",
    params: BucketPath,
    answer: StoredView,
    run: async ({ params }) => await needs.storedUsage(params.bucket),
  });

const writeBuckets = (needs: BucketsNeeds): Operation[] => [
  operation({
    id: "addBucket",
    method: "post",
    path: "/buckets",
    permission: { house: "bucket.create" },
    summary: "Make a bucket. Its owner is the asker unless another is named.",
    body: NewBucket,
    answer: BucketView,
    status: 201,
    audit: ({ body }) => ({ verb: "bucket.create", target: body.name }),
    run: async ({ body, by, tenant }) => await addBucket(needs, by, tenant, body),
  }),
  operation({
    id: "changeBucket",
    method: "patch",
    path: "/buckets/{bucket}",
    permission: { bucket: "bucket.configure" },
    summary: "Change versioning, quota or how new objects are kept: what is absent stays.",
    params: BucketPath,
    body: BucketPatch,
    answer: BucketView,
    audit: ({ params, body }) => ({
      verb: "bucket.configure",
      target: params.bucket,
      detail: { changed: Object.keys(body).join(" ") },
    }),
    run: async ({ params, body, by, tenant }) => {
      const documents = await documentsOf(needs, tenant, body);
      if (!documents.ok) return documents;
      const change: BucketChange = {
        ...(body.versioning ? { versioning: body.versioning } : {}),
        ...(body.quota ? { quota: quotaOf(body.quota) } : {}),
        documents: documents.value,
      };
      return await shown(needs, await needs.objects.changeBucket(by, params.bucket, change));
    },
  }),
  operation({
    id: "removeBucket",
    method: "delete",
    path: "/buckets/{bucket}",
    permission: { bucket: "bucket.delete" },
    summary: "Remove an empty bucket.",
    params: BucketPath,
    audit: ({ params }) => ({ verb: "bucket.delete", target: params.bucket }),
    run: async ({ params, by }) => await needs.objects.deleteBucket(by, params.bucket),
  }),
];

/** The document that says it; none where nothing is asked. Faults: not-found (the key). */
async function documentsOf(
  { keyRing }: BucketsNeeds,
  tenant: string,
  { encryption, compression, deduplication }: z.output<typeof BucketPatch>,
): Promise<Result<Record<string, string | null>>> {
  const documents = {
    ...(compression === undefined ? {} : { [compressionDocument]: compression }),
    ...(deduplication === undefined ? {} : { [deduplicationDocument]: deduplication ? "on" : null }),
  };
  if (encryption === undefined) return ok(documents);
  if (encryption === null) return ok({ ...documents, [encryptionDocument]: null });
  const key = encryption === houseKeyId ? undefined : await keyRing.key(tenant, encryption);
  if (key && !key.ok) return key;
  const rule = key
    ? { kind: "key", key: key.value.id, bucketKey: false }
    : { kind: "house", bucketKey: false };
  return ok({ ...documents, [encryptionDocument]: JSON.stringify(rule) });
}

function encryptionOf(bucket: Bucket): string | null {
  const rule = readEncryptionDefault(bucket.documents[encryptionDocument]);
  if (!rule) return null;
  return rule.kind === "house" ? houseKeyId : (rule.key ?? "aws/s3");
}

async function addBucket(
  needs: BucketsNeeds,
  by: Actor,
  tenant: string,
  body: z.output<typeof NewBucket>,
): Promise<Result<BucketView>> {
  const asker = by.principal.kind === "user" ? by.principal.user.name : "admin";
  const owner = await userOf(needs.identities, tenant, body.owner ?? asker);
  if (!owner.ok) return owner;
  const { name, versioning, quota } = body;
  const made = await needs.objects.createBucket(by, {
    name,
    tenant,
    owner: owner.value.id,
    versioning,
    ...(quota ? { quota: quotaOf(quota) } : {}),
  });
  return await shown(needs, made);
}

async function shown(needs: BucketsNeeds, bucket: Result<Bucket>): Promise<Result<BucketView>> {
  return bucket.ok ? ok(await bucketView(needs, bucket.value)) : bucket;
}

async function bucketView({ objects, identities }: BucketsNeeds, bucket: Bucket): Promise<BucketView> {
  const [usage, owner] = await Promise.all([objects.usage(bucket.name), identities.user(bucket.owner)]);
  return {
    name: bucket.name,
    owner: owner.ok ? owner.value.name : "(removed)",
    versioning: bucket.versioning,
    quota: { bytes: bucket.quota.bytes ?? null, objects: bucket.quota.objects ?? null },
    usage: usage.ok ? { ...usage.value } : { bytes: 0, objects: 0 },
    encryption: encryptionOf(bucket),
    compression: bucket.documents[compressionDocument] === undefined ? null : "zstd",
    deduplication: bucket.documents[deduplicationDocument] !== undefined,
    createdAt: momentText(bucket.createdAt),
  };
}

const quotaOf = (quota: { bytes: number | null; objects: number | null }): Quota => ({
  bytes: quota.bytes ?? undefined,
  objects: quota.objects ?? undefined,
});
