import {
  notificationXml,
  readNotification,
  targetOfArn,
  type NotificationRule,
} from "../../proto/s3/notification.ts";
import { refuse, type Parsed } from "../../proto/s3/error.ts";
import { emptyDocument } from "../../proto/s3/unset.ts";
import { parseXml } from "../../proto/s3/xml-walk.ts";
import { readDocument } from "./body.ts";
import { answer, xmlAnswer, type Answer, type Call } from "./call.ts";
import { notificationDocument, notificationSince } from "./event-collector.ts";
import { faultAnswer } from "./faults.ts";

export async function getNotification(call: Call): Promise<Answer> {
  const kept = call.bucket.documents[notificationDocument];
  return xmlAnswer(kept ?? emptyDocument("NotificationConfiguration"));
}

/** Every target named must be one of the daemon's own; each gets a test event, unless the caller skips it. */
export async function putNotification(call: Call): Promise<Answer> {
  const body = await readDocument(call, 65_536);
  if (!body.ok) return body;
  const root = parseXml(body.value);
  if (!root.ok) return root;
  const rules = readNotification(root.value);
  if (!rules.ok) return rules;
  const targets = targetsOf(call, rules.value);
  if (!targets.ok) return targets;
  const none = rules.value.length === 0;
  const documents = {
    [notificationDocument]: none ? null : notificationXml(rules.value),
    [notificationSince]: none ? null : String(call.now),
  };
  const { name } = call.bucket;
  const done = await call.objects.changeBucket(call.actor, name, { documents });
  if (!done.ok) return faultAnswer(done.fault, "NoSuchBucket");
  if (none) return answer(200);
  call.events.configured(name);
  const skips = call.headers.get("x-amz-skip-destination-validation")?.toLowerCase() === "true";
  if (!skips) await call.events.test(name, targets.value, call.actor.request);
  return answer(200);
}

function targetsOf(call: Call, rules: readonly NotificationRule[]): Parsed<readonly string[]> {
  const targets = new Set<string>();
  for (const { arn } of rules) {
    const target = targetOfArn(arn);
    if (target === undefined || !call.events.knows(target)) {
      return refuse("InvalidArgument", "Unable to validate the following destination configurations", {
        extra: { ArgumentName: arn, ArgumentValue: "The destination does not exist: see notify.targets" },
      });
    }
    targets.add(target);
  }
  return { ok: true, value: [...targets] };
}
