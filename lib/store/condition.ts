import { fail, ok, type Result } from "../base/result.ts";
import type { Condition, ObjectVersion } from "./objects.ts";

/** Whether `when` holds of the current version (undefined or a delete marker: none). Called in the
 *  transaction that commits. Faults: precondition; conflict (the base is no longer current); not-found,
 *  only for a writer's ifMatch on a free name (S3 answers 404 there, and 412 to a remover). */
export function checkCondition(
  when: Condition | undefined,
  current: Pick<ObjectVersion, "deleteMarker" | "etag" | "version"> | undefined,
  doing: "write" | "remove",
): Result<void> {
  if (!when) return ok();
  const now = current?.deleteMarker ? undefined : current;
  if (when.ifMatch !== undefined) {
    if (!now && doing === "write") return fail("not-found", "there is no such object to match");
    if (!now || !matches(when.ifMatch, now.etag))
      return fail("precondition", "the object's ETag is another one");
  }
  if (when.ifNoneMatch !== undefined && now && matches(when.ifNoneMatch, now.etag)) {
    return fail("precondition", "the object exists already");
  }
  if (when.base !== undefined && when.base !== (now?.version ?? "")) {
    return fail("conflict", "somebody else has changed the object meanwhile");
  }
  return ok();
}

const matches = (etags: readonly string[] | "any", etag: string): boolean =>
  etags === "any" || etags.includes(etag);
