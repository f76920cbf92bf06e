import { readEtags } from "../../proto/s3/conditions.ts";
import { refuse } from "../../proto/s3/error.ts";
import { answer, nameOf, type Answer, type Call } from "./call.ts";
import { faultAnswer } from "./faults.ts";
import { mayBypass } from "./object-lock.ts";
import { planReplica } from "./replication.ts";

export async function deleteObject(call: Call): Promise<Answer> {
  const version = call.query.get("versionId");
  if (version === "") return refuse("InvalidArgument", "Version id cannot be the empty string");
  const match = call.headers.get("if-match");
  const bypassGovernance = version !== undefined && (await mayBypass(call));
  const replica = await planReplica(call);
  if (!replica.ok) return replica;
  const matches = match === undefined ? {} : { ifMatch: readEtags(match) };
  const when = { ...matches, ...replica.value.when, bypassGovernance };
  const done = await call.objects.remove(call.actor, nameOf(call), version, when);
  if (!done.ok) return faultAnswer(done.fault, version === undefined ? "NoSuchKey" : "NoSuchVersion");
  const headers: Record<string, string> = {};
  if (done.value.deleteMarker) headers["x-amz-delete-marker"] = "true";
  const told = done.value.version ?? version;
  if (told !== undefined && call.bucket.versioning !== "off") headers["x-amz-version-id"] = told;
  return answer(204, headers);
}
