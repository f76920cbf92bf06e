import { textOf } from "../../base/bytes.ts";
import { refuse, type Parsed } from "../../proto/s3/error.ts";
import { readReplication, type Destination } from "../../proto/s3/replication.ts";
import { parseXml } from "../../proto/s3/xml-walk.ts";
import type { Condition } from "../../store/objects.ts";
import { permissions } from "./authority.ts";
import { readDocument } from "./body.ts";
import { answer, xmlAnswer, type Answer, type Call } from "./call.ts";
import { faultAnswer } from "./faults.ts";
import { replicationDocument, replicationSince } from "./replication-rules.ts";

const none = (): ReturnType<typeof refuse> =>
  refuse("ReplicationConfigurationNotFoundError", "The replication configuration was not found");

export async function getReplication(call: Call): Promise<Answer> {
  const text = call.bucket.documents[replicationDocument];
  return text === undefined ? none() : xmlAnswer(text);
}

export async function putReplication(call: Call): Promise<Answer> {
  const body = await readDocument(call, 262_144);
  if (!body.ok) return body;
  const root = parseXml(body.value);
  if (!root.ok) return root;
  const rules = readReplication(root.value);
  if (!rules.ok) return rules;
  if (call.bucket.versioning !== "enabled") {
    return refuse(
      "InvalidRequest",
      "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
    );
  }
  for (const { to } of rules.value) {
    const refusal = await refusalOf(call, to);
    if (refusal) return refusal;
  }
  const documents = {
    [replicationDocument]: textOf(body.value) ?? "",
    [replicationSince]: call.bucket.documents[replicationSince] ?? String(call.now),
  };
  const done = await call.objects.changeBucket(call.actor, call.bucket.name, { documents });
  if (!done.ok) return faultAnswer(done.fault, "NoSuchBucket");
  call.events.configured(call.bucket.name);
  return answer(200);
}

export async function deleteReplication(call: Call): Promise<Answer> {
  const documents = { [replicationDocument]: null, [replicationSince]: null };
  const done = await call.objects.changeBucket(call.actor, call.bucket.name, { documents });
  return done.ok ? answer(204) : faultAnswer(done.fault, "NoSuchBucket");
}

/** A destination of this house must keep versions, and the caller must be allowed to write replicas there; of
 *  another server the daemon must have the name, and may ask it. */
async function refusalOf(call: Call, to: Destination): Promise<ReturnType<typeof refuse> | undefined> {
  const no = (message: string): ReturnType<typeof refuse> => refuse("InvalidRequest", message);
  if (to.remote !== "") {
    const why = await call.events.refusesDestination(to);
    return why === undefined ? undefined : no(why);
  }
  if (to.bucket === call.bucket.name) return no("The destination bucket must be another bucket.");
  const bucket = await call.objects.bucket(to.bucket);
  if (!bucket.ok) return no("Destination bucket must exist.");
  if (bucket.value.versioning !== "enabled") return no("Destination bucket must have versioning enabled.");
  const may = await call.mayAlso(permissions.replicate, bucket.value, "");
  return may ? undefined : refuse("AccessDenied", "Access Denied");
}

/** The header under which our own replicators tell the source's version id. */
export const replicaVersionHeader = "x-holdfast-version-id";

export interface ReplicaPlan {
  readonly headers: Readonly<Record<string, string>>;
  readonly when: Pick<Condition, "replica">;
}

const plainWrite: ReplicaPlan = { headers: {}, when: {} };

/** Whether the request brings a replica, which needs its own permission: then what is written says so, and
 *  has its source's version id. */
export async function planReplica(call: Call): Promise<Parsed<ReplicaPlan>> {
  if (call.headers.get("x-amz-replication-status") !== "REPLICA") return { ok: true, value: plainWrite };
  if (!(await call.mayAlso(permissions.replicate, call.bucket, call.operation.key))) {
    return refuse("AccessDenied", "Access Denied");
  }
  const replica = call.headers.get(replicaVersionHeader) ?? "";
  if (!/^[A-Za-z0-9._-]{0,64}$/.test(replica))
    return refuse("InvalidArgument", "Invalid version id specified");
  const headers = { "x-amz-replication-status": "REPLICA" };
  return { ok: true, value: { headers, when: { replica } } };
}

/** Whether the replica is here already: its sender was not told, and tells it again. */
export async function isHere(call: Call, { when }: ReplicaPlan): Promise<boolean> {
  if (!when.replica) return false;
  const { bucket, key } = call.operation;
  return (await call.objects.head({ bucket, key }, when.replica)).ok;
}
