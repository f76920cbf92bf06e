import { createHash } from "node:crypto";
import { createGzip } from "node:zlib";
import { utf8 } from "../../lib/base/bytes.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import type { Clock } from "../../lib/base/time.ts";
import { byIdName, inventoryMade } from "../../lib/gate/s3/by-id.ts";
import { columnsOf, rowOf } from "../../lib/gate/s3/inventory-row.ts";
import { readInventory, type Inventory } from "../../lib/proto/s3/inventory.ts";
import { parseXmlText } from "../../lib/proto/s3/xml-walk.ts";
import { houseActor } from "../../lib/rules/identity.ts";
import type { Identities } from "../../lib/store/identities.ts";
import type { Bucket, Objects, ObjectVersion } from "../../lib/store/objects.ts";
import type { Log } from "../../lib/watch/log.ts";
import { keepDoing } from "../keep-doing.ts";
import { everyBucket } from "./every-bucket.ts";

export interface InventoryNeeds {
  readonly objects: Objects;
  readonly identities: Pick<Identities, "tenants">;
  readonly clock: Clock;
  readonly log: Log;
  /** Never the same twice. */
  readonly newId: () => string;
}

const dayMs = 86_400_000;

/** Makes the inventories that are due, at once and then every `everyMs`. */
export function keepInventories(needs: InventoryNeeds, everyMs: number): AsyncDisposable {
  const failed = (error: unknown): void => needs.log.error("inventories failed", { error: String(error) });
  return keepDoing((signal) => makeDue(needs, signal), everyMs, failed);
}

async function makeDue(needs: InventoryNeeds, signal: AbortSignal): Promise<void> {
  const { objects, identities, clock, log } = needs;
  for await (const bucket of everyBucket(objects, identities)) {
    for (const inventory of inventoriesOf(bucket)) {
      if (signal.aborted) return;
      const made = Number(bucket.documents[inventoryMade(inventory.id)] ?? 0);
      const every = inventory.weekly ? 7 * dayMs : dayMs;
      if (!inventory.enabled || clock.wall() - made < every) continue;
      const done = await makeInventory(needs, bucket, inventory, signal);
      const about = { bucket: bucket.name, inventory: inventory.id };
      if (done.ok) log.info("inventory made", { ...about, objects: done.value.objects });
      else log.warn("an inventory could not be made", { ...about, why: done.fault.what });
    }
  }
}

function inventoriesOf(bucket: Bucket): Inventory[] {
  return Object.entries(bucket.documents).flatMap(([name, text]) => {
    const root = name.startsWith("inventory:") ? parseXmlText(text) : undefined;
    const read = root && readInventory(root);
    return read?.ok ? [read.value] : [];
  });
}

/** Makes one inventory now, due or not. Faults: not-found. */
export async function inventoryNow(
  needs: InventoryNeeds,
  bucketName: string,
  id: string,
): Promise<Result<{ objects: number; manifest: string }>> {
  const bucket = await needs.objects.bucket(bucketName);
  if (!bucket.ok) return bucket;
  const inventory = inventoriesOf(bucket.value).find((one) => one.id === id);
  const known = bucket.value.documents[byIdName("inventory", id)] !== undefined;
  if (!inventory || !known) return fail("not-found", "the bucket has no inventory of that id", { where: id });
  return await makeInventory(needs, bucket.value, inventory, new AbortController().signal);
}

/** Writes the list, its manifest and the manifest's checksum, in this order: who sees a manifest finds
 *  all. */
async function makeInventory(
  needs: InventoryNeeds,
  bucket: Bucket,
  inventory: Inventory,
  signal: AbortSignal,
): Promise<Result<{ objects: number; manifest: string }>> {
  const { objects, clock } = needs;
  const { to, id } = inventory;
  const at = clock.wall();
  const folder = `${to.prefix === "" ? "" : `${to.prefix.replace(/\/$/, "")}/`}${bucket.name}/${id}`;
  const key = `${folder}/data/${needs.newId().toLowerCase()}.${to.format.toLowerCase()}.gz`;
  const listed = new Listed();
  const chunks = zipped(listed.rows(objects, bucket, inventory, signal));
  const data = await put(objects, to.bucket, key, undefined, chunks, "application/gzip");
  if (!data.ok) return data;
  const manifest = JSON.stringify({
    sourceBucket: bucket.name,
    destinationBucket: `arn:aws:s3:::${to.bucket}`,
    version: "2016-11-30",
    creationTimestamp: String(at),
    fileFormat: to.format,
    fileSchema: columnsOf(inventory).join(", "),
    files: [{ key, size: data.value.size, MD5checksum: data.value.etag }],
  });
  const minute = `${new Date(at).toISOString().slice(0, 16).replace(":", "-")}Z`;
  const name = `${folder}/${minute}/manifest.json`;
  const bytes = utf8(manifest);
  const written = await put(objects, to.bucket, name, bytes.length, [bytes], "application/json");
  if (!written.ok) return written;
  const sum = utf8(createHash("md5").update(bytes).digest("hex"));
  const checksum = name.replace(/json$/, "checksum");
  const summed = await put(objects, to.bucket, checksum, sum.length, [sum], "text/plain");
  if (!summed.ok) return summed;
  await objects.changeBucket(houseActor, bucket.name, { documents: { [inventoryMade(id)]: String(at) } });
  return ok({ objects: listed.count, manifest: name });
}

function put(
  objects: Objects,
  bucket: string,
  key: string,
  size: number | undefined,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  contentType: string,
): Promise<Result<ObjectVersion>> {
  const facts = { contentType, headers: {}, metadata: {}, tags: {}, modifiedAt: undefined };
  const source = { size, chunks: each(chunks) };
  const how = { ...facts, digests: ["crc64nvme"] as const, expect: () => ({}), when: {} };
  return objects.put(houseActor, { bucket, key }, source, how);
}

async function* each(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** Counts what it lists. */
class Listed {
  count = 0;

  async *rows(
    objects: Objects,
    bucket: Bucket,
    inventory: Inventory,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    let next: { key: string; version: string } | undefined = { key: "", version: "" };
    while (next) {
      if (signal.aborted) throw new Error("the daemon stops");
      const ask = { bucket: bucket.name, prefix: inventory.prefix, delimiter: "", limit: 1000 };
      const page = await objects.listVersions({ ...ask, after: next.key, afterVersion: next.version });
      if (!page.ok) throw new Error(page.fault.what);
      const versions = page.value.versions.filter(
        (one) => inventory.allVersions || (one.latest && !one.deleteMarker),
      );
      this.count += versions.length;
      if (versions.length > 0) yield utf8(versions.map((one) => rowOf(inventory, one)).join(""));
      next = page.value.next;
    }
  }
}

async function* zipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const zip = createGzip();
  const fed = (async () => {
    for await (const chunk of chunks) {
      if (!zip.write(chunk)) await new Promise<void>((go) => zip.once("drain", go));
    }
    zip.end();
  })();
  fed.catch((error: unknown) => zip.destroy(error as Error));
  for await (const chunk of zip) yield new Uint8Array(chunk as Buffer);
  await fed;
}
