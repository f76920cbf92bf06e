import { expect, test } from "bun:test";
import { asUnixMs } from "../../base/time.ts";
import { trialS3 } from "./trial-s3.ts";
import { lineOf } from "./logging.ts";
import { rowOf } from "./inventory-row.ts";

async function house() {
  const trial = await trialS3();
  for (const bucket of ["bkt", "dest"]) await trial.ask({ method: "PUT", target: `/${bucket}` });
  const put = (target: string, body: string) => trial.ask({ method: "PUT", target, body });
  return { ...trial, put };
}

const metrics = (id: string): string => `<MetricsConfiguration><Id>${id}</Id></MetricsConfiguration>`;

test("configurations by id are put, listed a hundred at a time, given back and taken away", async () => {
  const { ask, put } = await house();
  expect((await put("/bkt?metrics&id=a", metrics("b"))).code).toBe("InvalidArgument");
  expect((await put("/bkt?metrics&id=a", "<Other><Id>a</Id></Other>")).code).toBe("MalformedXML");
  for (let i = 100; i < 203; i++) {
    expect((await put(`/bkt?metrics&id=m${i}`, metrics(`m${i}`))).status).toBe(200);
  }
  const first = (await ask({ target: "/bkt?metrics" })).text;
  expect(first.split("<Id>")).toHaveLength(101);
  const next = /<NextContinuationToken>(.*?)</.exec(first)![1]!;
  const rest = (await ask({ target: `/bkt?metrics&continuation-token=${next}` })).text;
  expect([rest.split("<Id>").length, rest.includes("<IsTruncated>false")]).toEqual([4, true]);
  expect((await ask({ target: "/bkt?metrics&id=m100" })).text).toBe(metrics("m100"));
  expect((await ask({ method: "DELETE", target: "/bkt?metrics&id=m100" })).status).toBe(204);
  expect((await ask({ target: "/bkt?metrics&id=m100" })).code).toBe("NoSuchConfiguration");
  expect((await ask({ method: "DELETE", target: "/bkt?analytics&id=x" })).code).toBe("NoSuchConfiguration");
});

const inventory = (format: string, more = "", bucket = "dest"): string =>
  "<InventoryConfiguration><Id>i</Id><IsEnabled>true</IsEnabled><Destination><S3BucketDestination>" +
  `<Bucket>arn:aws:s3:::${bucket}</Bucket><Format>${format}</Format></S3BucketDestination></Destination>` +
  `<Schedule><Frequency>Daily</Frequency></Schedule><IncludedObjectVersions>All</IncludedObjectVersions>` +
  `${more}</InventoryConfiguration>`;

test("an inventory's destination, format and fields are checked", async () => {
  const { put } = await house();
  const code = async (text: string): Promise<string> => (await put("/bkt?inventory&id=i", text)).code;
  expect(await code(inventory("CSV"))).toBe("");
  expect(await code(inventory("JSON"))).toBe("");
  expect(await code(inventory("ORC"))).toBe("NotImplemented");
  expect(await code(inventory("XML"))).toBe("MalformedXML");
  expect(await code(inventory("CSV", "", "nowhere"))).toBe("InvalidS3DestinationBucket");
  expect(await code(inventory("CSV", "<OptionalFields><Field>Nonsense</Field></OptionalFields>"))).toBe(
    "NotImplemented",
  );
});

test("a line of an inventory is CSV with every value quoted, or JSON", async () => {
  const { ask, objects } = await house();
  await ask({ method: "PUT", target: "/bkt/a%20%22b%22", body: "x" });
  const found = await objects.head({ bucket: "bkt", key: 'a "b"' });
  if (!found.ok) throw new Error("gone");
  const to = { bucket: "dest", prefix: "" };
  const plan = { id: "i", enabled: true, prefix: "", allVersions: false, weekly: false } as const;
  const fields = ["Size", "ETag"] as const;
  const csv = rowOf({ ...plan, fields, to: { ...to, format: "CSV" } }, found.value);
  expect(csv).toBe('"bkt","a%20%22b%22","1","9dd4e461268c8034f5c8564e155c67a6"\n');
  const json = rowOf({ ...plan, fields: ["Size"], to: { ...to, format: "JSON" } }, found.value);
  expect(JSON.parse(json)).toEqual({ Bucket: "bkt", Key: 'a "b"', Size: 1 });
});

test("logging, payer and acceleration are checked and kept", async () => {
  const { ask, put, alice } = await house();
  const logging = (bucket: string): string =>
    `<BucketLoggingStatus><LoggingEnabled><TargetBucket>${bucket}</TargetBucket>` +
    "<TargetPrefix>l/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>";
  expect((await put("/bkt?logging", logging("nowhere"))).code).toBe("InvalidTargetBucketForLogging");
  expect((await put("/bkt?logging", logging("dest"))).status).toBe(200);
  expect((await ask({ target: "/bkt?logging" })).text).toContain("<TargetBucket>dest<");
  const body = logging("dest");
  expect((await ask({ method: "PUT", target: "/bkt?logging", body, by: alice.by })).code).toBe(
    "AccessDenied",
  );
  expect((await put("/bkt?logging", "<BucketLoggingStatus/>")).status).toBe(200);
  expect((await ask({ target: "/bkt?logging" })).text).not.toContain("dest");
  const payer = (who: string): string =>
    `<RequestPaymentConfiguration><Payer>${who}</Payer></RequestPaymentConfiguration>`;
  expect((await ask({ target: "/bkt?requestPayment" })).text).toContain("BucketOwner");
  expect((await put("/bkt?requestPayment", payer("Somebody"))).code).toBe("MalformedXML");
  expect((await put("/bkt?requestPayment", payer("Requester"))).status).toBe(200);
  expect((await ask({ target: "/bkt?requestPayment" })).text).toBe(payer("Requester"));
});

test("a line of an access log is AWS's, breaks nowhere, and holds no signature", async () => {
  const { ask, observed } = await house();
  const agent = 'evil" agent\u0007';
  const target = "/bkt/a%20b?X-Amz-Signature=secret";
  await ask({ target, headers: { "user-agent": agent, referer: "r" }, by: "nobody" });
  const line = lineOf(observed.at(-1)!, "owner", asUnixMs(Date.UTC(2026, 1, 6, 0, 0, 38)));
  expect(line).toStartWith("owner bkt [06/Feb/2026:00:00:38 +0000] 192.0.2.7 - ");
  expect(line).toContain('"GET /bkt/a%20b?X-Amz-Signature=- HTTP/1.1"');
  expect(line).toContain('"evil\' agent "');
  expect(line).not.toContain("secret");
  expect(line.split("\n")).toHaveLength(2);
});
