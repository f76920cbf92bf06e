import type { XmlElement } from "../../wire/xml.ts";
import { refuse, type Parsed } from "./error.ts";
import { checkTags } from "./facts.ts";
import { childOf, childrenOf, countIn, malformedXml, strangerIn, textIn, wordIn } from "./xml-walk.ts";

/** One rule of a bucket's replication. */
export interface ReplicationRule {
  readonly id: string;
  readonly enabled: boolean;
  /** The highest wins where several rules have one destination. */
  readonly priority: number;
  readonly prefix: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly markers: boolean;
  readonly to: Destination;
}

export interface Destination {
  /** "": this house; else the name of another S3 server. */
  readonly remote: string;
  readonly bucket: string;
}

const ruleParts = [
  "ID",
  "Priority",
  "Prefix",
  "Filter",
  "Status",
  "SourceSelectionCriteria",
  "ExistingObjectReplication",
  "Destination",
  "DeleteMarkerReplication",
];

/** Reads `<ReplicationConfiguration>`: 1–1,000 rules, ids unique. What would promise more than is kept
 *  (replica modifications, replication time control, another owner, re-encryption) is refused. */
export function readReplication(root: XmlElement): Parsed<readonly ReplicationRule[]> {
  if (root.name !== "ReplicationConfiguration" || strangerIn(root, ["Role", "Rule"]) !== undefined)
    return malformedXml();
  const rules: ReplicationRule[] = [];
  for (const [i, element] of childrenOf(root, "Rule").entries()) {
    const rule = readRule(element, i);
    if (!rule.ok) return rule;
    rules.push(rule.value);
  }
  if (rules.length === 0 || rules.length > 1000) return malformedXml();
  if (new Set(rules.map(({ id }) => id)).size !== rules.length) {
    return refuse("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule");
  }
  const ranks = rules.map(({ priority, to }) => `${priority} ${to.remote}/${to.bucket}`);
  if (rules.length > 1 && new Set(ranks).size !== ranks.length) {
    return refuse("InvalidRequest", "Found duplicate priorities for rules of the same destination");
  }
  return { ok: true, value: rules };
}

function readRule(element: XmlElement, index: number): Parsed<ReplicationRule> {
  const status = wordIn(element, "Status");
  const id = textIn(element, "ID") || `rule-${index + 1}`;
  if (strangerIn(element, ruleParts) !== undefined || id.length > 255) return malformedXml();
  if (status !== "Enabled" && status !== "Disabled") return malformedXml();
  const text = wordIn(element, "Priority");
  const priority = text === undefined ? 0 : countIn(text, 0, 2_147_483_647);
  if (priority === undefined) return malformedXml();
  const unkept = unkeptIn(element);
  if (unkept) return unkept;
  const filter = readFilter(element);
  if (!filter.ok) return filter;
  const markers = readMarkers(element, Object.keys(filter.value.tags).length > 0);
  if (!markers.ok) return markers;
  const to = readDestination(childOf(element, "Destination"));
  if (!to.ok) return to;
  const rule = { id, enabled: status === "Enabled", priority, ...filter.value };
  return { ok: true, value: { ...rule, markers: markers.value, to: to.value } };
}

/** What a rule may ask for elsewhere, and does not get here. */
function unkeptIn(rule: XmlElement): ReturnType<typeof refuse> | undefined {
  const not = (what: string): ReturnType<typeof refuse> =>
    refuse("NotImplemented", `${what} is not implemented.`);
  const criteria = childOf(rule, "SourceSelectionCriteria");
  for (const one of criteria?.children ?? []) {
    if (wordIn(one, "Status") === "Enabled") return not(one.name);
  }
  if (wordIn(childOf(rule, "ExistingObjectReplication") ?? rule, "Status") === "Enabled") {
    if (childOf(rule, "ExistingObjectReplication")) return not("ExistingObjectReplication in a rule");
  }
  const to = childOf(rule, "Destination");
  if (to && childOf(to, "EncryptionConfiguration")) return not("EncryptionConfiguration");
  if (to && childOf(to, "AccessControlTranslation")) return not("AccessControlTranslation");
  const timed = to && childOf(to, "ReplicationTime");
  return timed && wordIn(timed, "Status") === "Enabled" ? not("ReplicationTime") : undefined;
}

function readFilter(rule: XmlElement): Parsed<Pick<ReplicationRule, "prefix" | "tags">> {
  const filter = childOf(rule, "Filter");
  if (!filter) return { ok: true, value: { prefix: textIn(rule, "Prefix") ?? "", tags: {} } };
  if (filter.children.length > 1 || childOf(rule, "Prefix")) return malformedXml();
  const from = childOf(filter, "And") ?? filter;
  if (strangerIn(from, ["Prefix", "Tag"]) !== undefined) return malformedXml();
  const pairs = childrenOf(from, "Tag").map(
    (one) => [textIn(one, "Key") ?? "", textIn(one, "Value") ?? ""] as const,
  );
  const tags = checkTags(pairs, 10);
  return tags.ok ? { ok: true, value: { prefix: textIn(from, "Prefix") ?? "", tags: tags.value } } : tags;
}

/** The older form of a rule, without Filter, replicates markers; the newer says so. */
function readMarkers(rule: XmlElement, tagged: boolean): Parsed<boolean> {
  const element = childOf(rule, "DeleteMarkerReplication");
  if (!childOf(rule, "Filter"))
    return { ok: true, value: !element || wordIn(element, "Status") === "Enabled" };
  const status = element && wordIn(element, "Status");
  if (status !== "Enabled" && status !== "Disabled") {
    return refuse("InvalidRequest", "DeleteMarkerReplication must be specified for a rule with a Filter.");
  }
  if (status === "Enabled" && tagged) {
    return refuse(
      "InvalidRequest",
      "Delete marker replication is not supported if any Tag filter is specified.",
    );
  }
  return { ok: true, value: status === "Enabled" };
}

/** "arn:aws:s3:::bucket" is of this house; "arn:aws:s3::NAME:bucket" and MinIO's
 *  "arn:minio:replication:region:NAME:bucket" are of the server NAME. */
function readDestination(element: XmlElement | undefined): Parsed<Destination> {
  const arn = (element && wordIn(element, "Bucket")) ?? "";
  const [start, partition, service, , remote = "", bucket = "", ...rest] = arn.split(":");
  const known =
    (partition === "aws" && service === "s3") || (partition === "minio" && service === "replication");
  if (start !== "arn" || !known || rest.length > 0 || !/^[a-z0-9.-]{3,63}$/.test(bucket)) {
    return refuse("InvalidRequest", "Invalid bucket ARN.");
  }
  if (!/^[a-z0-9-]{0,64}$/.test(remote)) return refuse("InvalidRequest", "Invalid bucket ARN.");
  return { ok: true, value: { remote, bucket } };
}
