import { readReplication, type Destination, type ReplicationRule } from "../../proto/s3/replication.ts";
import { parseXmlText } from "../../proto/s3/xml-walk.ts";
import type { Change } from "../../store/feed.ts";
import { replicationStatus, type Bucket, type ObjectVersion } from "../../store/objects.ts";
import type { NewLetter } from "../../store/outbox.ts";
import type { Writer } from "./event-collector.ts";

export const replicationDocument = "replication";
/** When the configuration was put, in ms since 1970: what was there before is replicated on demand alone. */
export const replicationSince = "replication-since";

/** What a letter asks for: a version, its marker, or what is said of it, to be the same over there. */
export interface ReplicaOrder {
  readonly bucket: string;
  readonly key: string;
  readonly version: string;
  readonly what: "object" | "marker" | "facts";
  readonly to: Destination;
}

export const replicaQueue = ({ remote, bucket }: Destination): string => `replicate:${remote}/${bucket}`;

export function replicaLetter(order: ReplicaOrder, at: NewLetter["at"]): NewLetter {
  const { bucket, key, version, to } = order;
  const about = `${bucket}/${key}?versionId=${version}`;
  return { queue: replicaQueue(to), at, about, body: JSON.stringify(order) };
}

/** The rules that are on; empty where the bucket has none. */
export function replicationRules(bucket: Bucket): readonly ReplicationRule[] {
  const root = parseXmlText(bucket.documents[replicationDocument]);
  const rules = root && readReplication(root);
  return rules?.ok ? rules.value.filter(({ enabled }) => enabled) : [];
}

/** Where a key may have to go, once a destination; a tag filter is asked when the version is looked at. */
function destinationsOf(rules: readonly ReplicationRule[], key: string, marker: boolean): Destination[] {
  const found = new Map<string, Destination>();
  for (const rule of rules) {
    if (!key.startsWith(rule.prefix) || (marker && !rule.markers)) continue;
    found.set(replicaQueue(rule.to), rule.to);
  }
  return [...found.values()];
}

/** The rule that sends this version to this destination: the one of the highest priority. */
export function ruleFor(
  rules: readonly ReplicationRule[],
  version: Pick<ObjectVersion, "key" | "tags" | "deleteMarker">,
  to: Destination,
): ReplicationRule | undefined {
  const fits = rules.filter(
    (rule) =>
      replicaQueue(rule.to) === replicaQueue(to) &&
      version.key.startsWith(rule.prefix) &&
      Object.entries(rule.tags).every(([name, value]) => version.tags[name] === value),
  );
  const best = fits.toSorted((a, b) => b.priority - a.priority)[0];
  return best && version.deleteMarker && !best.markers ? undefined : best;
}

/** The letters that replication configurations ask for. A replica is never replicated again. */
export function replicationWriter(): Writer {
  return (change, bucket) => {
    if (bucket.documents[replicationDocument] === undefined || change.how === "replica") return [];
    if (change.at < Number(bucket.documents[replicationSince] ?? 0)) return [];
    const what = orderOf(change);
    if (!what || change.version === "") return [];
    const { subject: key, version } = change;
    const destinations = destinationsOf(replicationRules(bucket), key, what === "marker");
    return destinations.map((to) =>
      replicaLetter({ bucket: bucket.name, key, version, what, to }, change.at),
    );
  };
}

function orderOf({ kind, how }: Change): ReplicaOrder["what"] | undefined {
  if (kind === "object.created" || kind === "object.moved") return "object";
  if (kind === "object.marked") return "marker";
  return kind === "object.described" && (how === "tags" || how === "untag" || how === "lock")
    ? "facts"
    : undefined;
}

/** `x-amz-replication-status` of a version that says nothing of it yet: PENDING where a rule speaks of it. */
export function pendingStatus(bucket: Bucket, version: ObjectVersion): "PENDING" | undefined {
  if (bucket.documents[replicationDocument] === undefined) return undefined;
  if (version.headers[replicationStatus] !== undefined || version.deleteMarker) return undefined;
  if (version.createdAt < Number(bucket.documents[replicationSince] ?? 0)) return undefined;
  const rules = replicationRules(bucket);
  return rules.some(({ to }) => ruleFor(rules, version, to)) ? "PENDING" : undefined;
}
