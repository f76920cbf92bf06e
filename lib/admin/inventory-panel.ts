import { z } from "@hono/zod-openapi";
import type { Result } from "../base/result.ts";
import { operation, type AdminPanel } from "./panel.ts";

export interface InventoryNeeds {
  /** Makes a bucket's inventory now. Faults: not-found. */
  readonly make: (bucket: string, id: string) => Promise<Result<{ objects: number; manifest: string }>>;
}

const Path = z.object({ bucket: z.string().min(1).max(63), id: z.string().min(1).max(64) });

/** Inventories on demand: they are configured through S3. */
export const inventoryPanel = ({ make }: InventoryNeeds): AdminPanel => ({
  name: "Inventories",
  doc: "Lists of a bucket's objects, made before they are due.",
  operations: [
    operation({
      id: "makeInventory",
      method: "post",
      path: "/buckets/{bucket}/inventories/{id}",
      permission: { bucket: "bucket.configure" },
      summary: "Make an inventory of the bucket now, as its configuration says.",
      params: Path,
      answer: z.object({ objects: z.int().min(0), manifest: z.string() }),
      audit: ({ params }) => ({
        verb: "bucket.configure",
        target: params.bucket,
        detail: { inventory: params.id },
      }),
      run: ({ params }) => make(params.bucket, params.id),
    }),
  ],
});
