import { refuse } from "../../proto/s3/error.ts";
import type { Operation } from "../../proto/s3/operation.ts";
import type { Query } from "../../proto/s3/target.ts";
import { may, type Resource, type Verb } from "../../rules/access.ts";
import type { Actor } from "../../rules/identity.ts";
import type { Bucket } from "../../store/objects.ts";
import { authority } from "./authority.ts";
import type { S3Needs } from "./needs.ts";

/** Asks `rules` whether the actor may do this. */
export async function allowed(
  needs: Pick<S3Needs, "identities" | "clock">,
  actor: Actor,
  verb: Verb,
  what: Resource,
): Promise<boolean> {
  const { principal } = actor;
  const own = principal.kind === "user" ? principal.user.tenant : "";
  const tenant = what.kind === "house" ? own : what.bucket.tenant;
  const grants = await needs.identities.grants(tenant);
  return may(principal, verb, what, grants, needs.clock.wall()).allowed;
}

/** Refuses what the table of authority does not allow; undefined: go on. `bucket` is undefined only for
 *  operations that need none. */
export async function authorise(
  needs: Pick<S3Needs, "identities" | "clock">,
  actor: Actor,
  operation: Operation,
  query: Query,
  bucket: Bucket | undefined,
): Promise<ReturnType<typeof refuse> | undefined> {
  const line = authority[operation.name];
  if (line.on === "each") return undefined;
  const named = line.version && query.has("versionId") ? line.version : line;
  const what = resourceOf(line.on, operation, query, bucket);
  return (await allowed(needs, actor, named.verb, what))
    ? undefined
    : refuse("AccessDenied", "Access Denied");
}

function resourceOf(
  on: "house" | "bucket" | "object" | "prefix",
  operation: Operation,
  query: Query,
  bucket: Bucket | undefined,
): Resource {
  if (on === "house" || !bucket) return { kind: "house" };
  if (on === "bucket") return { kind: "bucket", bucket };
  return { kind: "object", bucket, key: on === "prefix" ? (query.get("prefix") ?? "") : operation.key };
}
