import type { Identities } from "../../lib/store/identities.ts";
import type { Bucket, Objects } from "../../lib/store/objects.ts";

/** Every bucket of every tenant, in order of their names, page by page as they are asked for. */
export async function* everyBucket(
  objects: Pick<Objects, "buckets">,
  identities: Pick<Identities, "tenants">,
): AsyncGenerator<Bucket> {
  for (const { id } of await identities.tenants()) {
    for (let after: string | undefined = ""; after !== undefined;) {
      const page: Awaited<ReturnType<Objects["buckets"]>> = await objects.buckets(id, after, 1000);
      yield* page.rows;
      after = page.next;
    }
  }
}
