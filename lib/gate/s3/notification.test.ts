import { expect, test } from "bun:test";
import { seededEntropy } from "../../base/entropy.ts";
import { asUnixMs } from "../../base/time.ts";
import { readNotification, targetOfArn, type NotificationRule } from "../../proto/s3/notification.ts";
import { parseXmlText } from "../../proto/s3/xml-walk.ts";
import type { Change } from "../../store/feed.ts";
import { notificationWriter } from "./event-collector.ts";
import { eventsOf, wants } from "./event-record.ts";
import { trialS3 } from "./trial-s3.ts";

const configuration = (inside: string): string =>
  `<NotificationConfiguration>${inside}</NotificationConfiguration>`;
const queue = (inside: string, arn = "arn:aws:sqs:us-east-1:main:orders"): string =>
  `<QueueConfiguration><Queue>${arn}</Queue>${inside}</QueueConfiguration>`;
const filter = (...rules: [string, string][]): string => {
  const all = rules.map(
    ([name, value]) => `<FilterRule><Name>${name}</Name><Value>${value}</Value></FilterRule>`,
  );
  return `<Filter><S3Key>${all.join("")}</S3Key></Filter>`;
};
const created = "<Event>s3:ObjectCreated:*</Event>";

async function house() {
  const tests: string[] = [];
  const trial = await trialS3(
    {},
    {
      events: {
        knows: (name) => name === "orders",
        test: async (bucket, names) => void tests.push(...names.map((name) => `${bucket} ${name}`)),
      },
    },
  );
  await trial.ask({ method: "PUT", target: "/bkt" });
  const put = (body: string, headers: Record<string, string> = {}) =>
    trial.ask({ method: "PUT", target: "/bkt?notification", body, headers });
  return { ...trial, put, tests };
}

test("a configuration is checked, kept with ids, tested, and taken away", async () => {
  const { ask, put, tests } = await house();
  expect((await ask({ target: "/bkt?notification" })).text).toContain("<NotificationConfiguration");
  expect((await put(configuration(queue(created + filter(["Prefix", "a/"]))))).status).toBe(200);
  expect(tests).toEqual(["bkt orders"]);
  const got = (await ask({ target: "/bkt?notification" })).text;
  for (const part of ["<Id>rule-1</Id>", "orders</Queue>", "<Value>a/</Value>"]) expect(got).toContain(part);
  const skip = { "x-amz-skip-destination-validation": "true" };
  await put(configuration(queue(created)), skip);
  expect(tests).toHaveLength(1);
  expect((await put(configuration(""))).status).toBe(200);
  expect((await ask({ target: "/bkt?notification" })).text).not.toContain("Queue");
});

test("what cannot be is refused with S3's codes", async () => {
  const { ask, put, alice } = await house();
  const code = async (inside: string): Promise<string> => (await put(configuration(inside))).code;
  expect(await code(queue(created, "arn:aws:sqs:us-east-1:main:nobody"))).toBe("InvalidArgument");
  expect(await code(queue(created, "orders"))).toBe("InvalidArgument");
  expect(await code(queue("<Event>s3:Nonsense</Event>"))).toBe("InvalidArgument");
  expect(await code(queue(""))).toBe("MalformedXML");
  expect(await code("<Other/>")).toBe("MalformedXML");
  expect(await code(queue(created + filter(["infix", "a"])))).toBe("InvalidArgument");
  expect(await code(queue(created + filter(["prefix", "a"], ["prefix", "b"])))).toBe("InvalidArgument");
  expect(await code("<EventBridgeConfiguration/>")).toBe("NotImplemented");
  const twice = queue(`<Id>a</Id>${created}`).repeat(2);
  expect(await code(twice)).toBe("InvalidArgument");
  const mine = { method: "PUT", target: "/bkt?notification", by: alice.by, body: configuration("") };
  expect((await ask(mine)).code).toBe("AccessDenied");
});

test("an ARN names a target, AWS's way or MinIO's", () => {
  const names = [
    "arn:aws:sqs:us-east-1:1:a",
    "arn:aws:sns:us-east-1:1:b",
    "arn:aws:lambda:us-east-1:1:function:c",
    "arn:minio:sqs:us-east-1:d:webhook",
    "arn:aws:ec2:x:1:e",
    "f",
  ];
  expect(names.map(targetOfArn)).toEqual(["a", "b", "c", "d", undefined, undefined]);
});

const change = (more: Partial<Change>): Change => ({
  seq: 26,
  at: asUnixMs(5000),
  kind: "object.created",
  tenant: "main",
  bucket: "bkt",
  subject: "a b/ü.txt",
  version: "v1",
  size: 3,
  etag: "abc",
  from: "",
  how: "",
  by: "alice",
  door: "ftp",
  address: "192.0.2.1",
  request: "R",
  ...more,
});

test("changes of any door are S3's events", () => {
  const names = (more: Partial<Change>): string[] =>
    eventsOf(change(more)).map(({ name, key }) => `${name} ${key}`);
  const key = "a b/ü.txt";
  expect(names({})).toEqual([`s3:ObjectCreated:Put ${key}`]);
  expect(names({ how: "complete" })).toEqual([`s3:ObjectCreated:CompleteMultipartUpload ${key}`]);
  expect(names({ kind: "object.moved", from: "old", door: "smb" })).toEqual([
    `s3:ObjectCreated:Copy ${key}`,
    "s3:ObjectRemoved:Delete old",
  ]);
  expect(names({ kind: "object.marked" })).toEqual([`s3:ObjectRemoved:DeleteMarkerCreated ${key}`]);
  expect(names({ kind: "object.removed", door: "house" })).toEqual([`s3:LifecycleExpiration:Delete ${key}`]);
  expect(names({ kind: "object.described", how: "untag" })).toEqual([`s3:ObjectTagging:Delete ${key}`]);
  expect(names({ kind: "object.described", how: "status" })).toEqual([]);
  expect(names({ kind: "user.added" })).toEqual([]);
});

test("a rule wants its events, under its prefix and suffix", () => {
  const rule = { id: "r", form: "QueueConfiguration", arn: "", prefix: "a", suffix: ".txt" } as const;
  const [event] = eventsOf(change({}));
  const asks = (events: string[], more: Partial<NotificationRule> = {}): boolean =>
    wants({ ...rule, events, ...more }, event!);
  expect(asks(["s3:ObjectCreated:*"])).toBe(true);
  expect(asks(["s3:ObjectCreated:Put"])).toBe(true);
  expect(asks(["s3:ObjectCreated:Copy"])).toBe(false);
  expect(asks(["s3:ObjectCreated:*"], { prefix: "b" })).toBe(false);
  expect(asks(["s3:ObjectCreated:*"], { suffix: ".csv" })).toBe(false);
});

test("the letter holds S3's record; what was before the configuration is not told", async () => {
  const { put, objects } = await house();
  await put(configuration(queue(created)));
  const bucket = await objects.bucket("bkt");
  if (!bucket.ok) throw new Error("gone");
  const write = notificationWriter("us-east-1", () => true);
  expect(write(change({}), bucket.value)).toEqual([]);
  const at = asUnixMs(Number(bucket.value.documents["notification-since"]) + 1);
  const [letter] = write(change({ at }), bucket.value);
  expect(letter!.queue).toBe("notify:orders");
  const [record] = (JSON.parse(letter!.body) as { Records: { s3: { object: object } }[] }).Records;
  expect(record!.s3.object).toEqual({
    key: "a+b/%C3%BC.txt",
    size: 3,
    eTag: "abc",
    versionId: "v1",
    sequencer: "000000000000001A",
  });
});

test("bent documents are refused, never a fall", () => {
  const whole = configuration(queue(created + filter(["prefix", "x"])));
  for (let seed = 1; seed < 400; seed++) {
    const [a, b, c] = seededEntropy(seed)(3) as unknown as [number, number, number];
    const at = (a * 256 + b) % whole.length;
    const text =
      whole.slice(0, at) + (seed % 2 ? "" : String.fromCharCode(c)) + whole.slice(at + 1 + (c % 9));
    const root = parseXmlText(text);
    if (root) expect(typeof readNotification(root).ok).toBe("boolean");
  }
});
