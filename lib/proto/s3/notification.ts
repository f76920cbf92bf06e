import { maybe, tag, xmlDocument, type Xml } from "../../wire/xml-text.ts";
import type { XmlElement } from "../../wire/xml.ts";
import { refuse, type Parsed } from "./error.ts";
import { namespace } from "./listing.ts";
import { childOf, childrenOf, malformedXml, strangerIn, textIn, wordIn } from "./xml-walk.ts";

/** One line of a bucket's notification configuration: which events go where. */
export interface NotificationRule {
  readonly id: string;
  readonly form: NotificationForm;
  readonly arn: string;
  /** "s3:ObjectCreated:Put", "s3:ObjectCreated:*". */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

/** S3's three kinds of addressee. Here they mean the same: a target of the daemon's configuration. */
const forms = {
  TopicConfiguration: "Topic",
  QueueConfiguration: "Queue",
  CloudFunctionConfiguration: "CloudFunction",
} as const;
export type NotificationForm = keyof typeof forms;

/** Everything S3 tells of. What never happens in this house may be asked for all the same. */
export const eventNames: ReadonlySet<string> = new Set([
  "s3:ReducedRedundancyLostObject",
  "s3:ObjectCreated:*",
  "s3:ObjectCreated:Put",
  "s3:ObjectCreated:Post",
  "s3:ObjectCreated:Copy",
  "s3:ObjectCreated:CompleteMultipartUpload",
  "s3:ObjectRemoved:*",
  "s3:ObjectRemoved:Delete",
  "s3:ObjectRemoved:DeleteMarkerCreated",
  "s3:ObjectRestore:*",
  "s3:ObjectRestore:Post",
  "s3:ObjectRestore:Completed",
  "s3:ObjectRestore:Delete",
  "s3:Replication:*",
  "s3:Replication:OperationFailedReplication",
  "s3:Replication:OperationNotTracked",
  "s3:Replication:OperationMissedThreshold",
  "s3:Replication:OperationReplicatedAfterThreshold",
  "s3:LifecycleTransition",
  "s3:IntelligentTiering",
  "s3:ObjectAcl:Put",
  "s3:LifecycleExpiration:*",
  "s3:LifecycleExpiration:Delete",
  "s3:LifecycleExpiration:DeleteMarkerCreated",
  "s3:ObjectTagging:*",
  "s3:ObjectTagging:Put",
  "s3:ObjectTagging:Delete",
]);

const bad = (message: string): ReturnType<typeof refuse> => refuse("InvalidArgument", message);

/** Reads `<NotificationConfiguration>`: at most 100 rules, ids unique; one without an id gets `rule-N`.
 *  EventBridge is refused: there is none here. */
export function readNotification(root: XmlElement): Parsed<readonly NotificationRule[]> {
  const known = [...Object.keys(forms), "EventBridgeConfiguration"];
  if (root.name !== "NotificationConfiguration" || strangerIn(root, known) !== undefined)
    return malformedXml();
  if (childOf(root, "EventBridgeConfiguration")) {
    return refuse("NotImplemented", "There is no EventBridge here: name a queue, a topic or a function.");
  }
  const rules: NotificationRule[] = [];
  for (const [i, element] of root.children.entries()) {
    const rule = readRule(element, element.name as NotificationForm, i);
    if (!rule.ok) return rule;
    rules.push(rule.value);
  }
  if (rules.length > 100) return bad("A bucket has at most 100 notification configurations");
  if (new Set(rules.map(({ id }) => id)).size !== rules.length) {
    return bad("Same ID used for multiple configurations. IDs must be unique");
  }
  return { ok: true, value: rules };
}

function readRule(element: XmlElement, form: NotificationForm, index: number): Parsed<NotificationRule> {
  const arn = wordIn(element, forms[form]) ?? "";
  const events = childrenOf(element, "Event").map(({ text }) => text.trim());
  const id = textIn(element, "Id") || `rule-${index + 1}`;
  if (strangerIn(element, ["Id", forms[form], "Event", "Filter"]) !== undefined) return malformedXml();
  if (arn === "" || events.length === 0 || id.length > 255) return malformedXml();
  const stranger = events.find((event) => !eventNames.has(event));
  if (stranger !== undefined) {
    return refuse("InvalidArgument", "A specified event is not supported for notifications.", {
      extra: { ArgumentName: "Event", ArgumentValue: stranger },
    });
  }
  const filter = readFilter(childOf(element, "Filter"));
  return filter.ok ? { ok: true, value: { id, form, arn, events, ...filter.value } } : filter;
}

function readFilter(filter: XmlElement | undefined): Parsed<Pick<NotificationRule, "prefix" | "suffix">> {
  const found: { prefix?: string; suffix?: string } = {};
  const key = filter && childOf(filter, "S3Key");
  if (filter && filter.children.length > (key ? 1 : 0)) return malformedXml();
  for (const rule of key?.children ?? []) {
    const name = wordIn(rule, "Name")?.toLowerCase();
    if (rule.name !== "FilterRule") return malformedXml();
    if (name !== "prefix" && name !== "suffix") {
      return bad("filter rule name must be either prefix or suffix");
    }
    if (found[name] !== undefined) return bad(`Cannot specify more than one ${name} rule in a filter.`);
    const value = textIn(rule, "Value") ?? "";
    if (value.length > 1024) return bad("Size of filter rule value cannot exceed 1024 bytes in UTF-8");
    found[name] = value;
  }
  return { ok: true, value: { prefix: found.prefix ?? "", suffix: found.suffix ?? "" } };
}

/** The document as it is kept and given back: every rule with its id. */
export const notificationXml = (rules: readonly NotificationRule[]): string =>
  xmlDocument(`NotificationConfiguration ${namespace}`, rules.map(ruleXml));

const ruleXml = ({ id, form, arn, events, prefix, suffix }: NotificationRule): Xml =>
  tag(
    form,
    tag("Id", id),
    tag(forms[form], arn),
    events.map((event) => tag("Event", event)),
    prefix === "" && suffix === ""
      ? []
      : [tag("Filter", tag("S3Key", filterXml("prefix", prefix), filterXml("suffix", suffix)))],
  );

const filterXml = (name: string, value: string): Xml =>
  value === "" ? maybe(name, undefined) : tag("FilterRule", tag("Name", name), tag("Value", value));

/** The name of the target that an ARN means: "arn:aws:sqs:us-east-1:main:NAME" (also sns, lambda's function),
 *  or MinIO's "arn:minio:sqs:us-east-1:NAME:webhook". Undefined: it is no such ARN. */
export function targetOfArn(arn: string): string | undefined {
  const parts = arn.split(":");
  if (parts[0] !== "arn" || parts.length < 6) return undefined;
  if (parts[1] === "minio") return parts.length === 6 && parts[2] === "sqs" ? parts[4] : undefined;
  if (parts[1] !== "aws") return undefined;
  if (parts[2] === "lambda") return parts[5] === "function" ? parts[6] : undefined;
  return parts.length === 6 && (parts[2] === "sqs" || parts[2] === "sns") ? parts[5] : undefined;
}
