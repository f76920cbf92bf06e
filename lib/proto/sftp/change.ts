import { fail, ok, type Result } from "../../base/result.ts";
import type { Change } from "./asks.ts";
import type { Attributes } from "./attributes.ts";

/** What of the attributes can be set; owners are names here, and numbers cannot change them.
 *  Faults: denied (owners), too-large. */
export function changeOf({ size, owner, mode, modifiedAt }: Attributes): Result<Change> {
  if (owner) return fail("denied", "owners cannot be changed here");
  if (size === Number.POSITIVE_INFINITY) return fail("too-large", "no file is so large");
  return ok({
    ...(size === undefined ? {} : { size }),
    ...(mode === undefined ? {} : { mode: mode & 0o777 }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
  });
}
