import { limits } from "../../base/limits.ts";
import { deleteXml, readDelete, type DeleteOne, type DeleteOutcome } from "../../proto/s3/delete-objects.ts";
import { permissions } from "./authority.ts";
import { readDocument } from "./body.ts";
import { xmlAnswer, type Answer, type Call } from "./call.ts";
import { faultAnswer } from "./faults.ts";
import { mayBypass } from "./object-lock.ts";

/** How many deletions of one request are under way at once. */
const atOnce = 64;

export async function deleteObjects(call: Call): Promise<Answer> {
  const body = await readDocument(call, 2 * limits.documentBytes, true);
  if (!body.ok) return body;
  const ask = readDelete(body.value);
  if (!ask.ok) return ask;
  const outcomes: DeleteOutcome[] = [];
  for (let at = 0; at < ask.value.objects.length; at += atOnce) {
    const some = ask.value.objects.slice(at, at + atOnce);
    outcomes.push(...(await Promise.all(some.map((one) => remove(call, one)))));
  }
  return xmlAnswer(deleteXml(ask.value.quiet, outcomes));
}

/** Each key needs its own permission. */
async function remove(call: Call, one: DeleteOne): Promise<DeleteOutcome> {
  const { key, version, etag } = one;
  const permission = version === undefined ? permissions.deleteObject : permissions.deleteVersion;
  if (!(await call.mayAlso(permission, call.bucket, key))) {
    return { ...one, done: false, code: "AccessDenied", message: "Access Denied" };
  }
  const match = etag === undefined ? {} : { ifMatch: etag === "*" ? ("any" as const) : [etag] };
  const when = { ...match, bypassGovernance: version !== undefined && (await mayBypass(call, key)) };
  const done = await call.objects.remove(call.actor, { bucket: call.bucket.name, key }, version, when);
  if (!done.ok) {
    const { code, message } = faultAnswer(done.fault, "NoSuchVersion").fault;
    return { ...one, done: false, code, message };
  }
  return { ...one, done: true, marker: done.value.deleteMarker ? done.value.version : undefined };
}
