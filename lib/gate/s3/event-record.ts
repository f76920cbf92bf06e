import { percentEncode } from "../../proto/s3/target.ts";
import type { NotificationRule } from "../../proto/s3/notification.ts";
import type { Change } from "../../store/feed.ts";
import type { Bucket } from "../../store/objects.ts";

/** One event as S3 tells it. */
export interface S3Event {
  /** "s3:ObjectCreated:Put" */
  readonly name: string;
  readonly key: string;
  readonly change: Change;
}

/** What the house calls what it does of itself for a replication: no lifecycle's doing. */
export const replicationRequest = "replication";

/** The events a change of the house is told as; none for what S3 does not tell of. */
export function eventsOf(change: Change): readonly S3Event[] {
  const event = (name: string, key = change.subject): S3Event[] => [{ name: `s3:${name}`, key, change }];
  const byLifecycle = change.door === "house" && change.request !== replicationRequest;
  switch (change.kind) {
    case "object.created":
      return event(`ObjectCreated:${createdBy[change.how] ?? "Put"}`);
    case "object.removed":
      return event(byLifecycle ? "LifecycleExpiration:Delete" : "ObjectRemoved:Delete");
    case "object.marked":
      return event(`${byLifecycle ? "LifecycleExpiration" : "ObjectRemoved"}:DeleteMarkerCreated`);
    case "object.moved":
      return [...event("ObjectCreated:Copy"), ...event("ObjectRemoved:Delete", change.from)];
    case "object.described":
      return describedBy[change.how] === undefined ? [] : event(describedBy[change.how]!);
    default:
      return [];
  }
}

const createdBy: Partial<Record<Change["how"], string>> = {
  post: "Post",
  copy: "Copy",
  complete: "CompleteMultipartUpload",
};
const describedBy: Partial<Record<Change["how"], string>> = {
  tags: "ObjectTagging:Put",
  untag: "ObjectTagging:Delete",
  acl: "ObjectAcl:Put",
};

/** Whether a rule asks to be told of an event. */
export function wants(rule: NotificationRule, { name, key }: S3Event): boolean {
  if (!key.startsWith(rule.prefix) || !key.endsWith(rule.suffix)) return false;
  return rule.events.some((asked) =>
    asked.endsWith(":*") ? name.startsWith(asked.slice(0, -1)) : asked === name,
  );
}

/** The message: S3's own record, version 2.1, with MinIO's `EventName` and `Key` beside it. */
export function eventMessage(event: S3Event, bucket: Bucket, rule: NotificationRule, region: string): string {
  const { change, name, key } = event;
  const kept = change.version !== "" && change.version !== "null";
  const object = {
    key: percentEncode(key).replaceAll("%2F", "/").replaceAll("%20", "+"),
    ...(name.startsWith("s3:ObjectCreated") ? { size: change.size, eTag: change.etag } : {}),
    ...(kept ? { versionId: change.version } : {}),
    sequencer: change.seq.toString(16).toUpperCase().padStart(16, "0"),
  };
  const record = {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: region,
    eventTime: new Date(change.at).toISOString(),
    eventName: name.slice(3),
    userIdentity: { principalId: change.by },
    requestParameters: { sourceIPAddress: change.address },
    responseElements: { "x-amz-request-id": change.request, "x-amz-id-2": change.request },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId: rule.id,
      bucket: {
        name: bucket.name,
        ownerIdentity: { principalId: bucket.owner },
        arn: `arn:aws:s3:::${bucket.name}`,
      },
      object,
    },
  };
  return JSON.stringify({ EventName: name, Key: `${bucket.name}/${key}`, Records: [record] });
}

/** What a target gets when a configuration first names it. */
export function testMessage(bucket: string, atMs: number, request: string): string {
  const Time = new Date(atMs).toISOString();
  const ids = { RequestId: request, HostId: request };
  return JSON.stringify({
    Service: "Amazon S3",
    Event: "s3:TestEvent",
    Time,
    Bucket: bucket,
    ...ids,
  });
}
