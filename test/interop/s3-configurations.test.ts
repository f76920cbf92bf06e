import { afterAll, beforeAll, expect } from "bun:test";
import { join } from "node:path";
import { apt, needs, run } from "./peers.ts";
import { startS3d, type S3d } from "./s3d.ts";

const house: { s3d: S3d } = {} as never;
const test = needs(apt("python3", "python3-boto3"), apt("curl"));

beforeAll(async () => {
  house.s3d = await startS3d(["--s3-access-log-every", "1s"]);
});
afterAll(() => house.s3d[Symbol.asyncDispose]());

async function python(script: string): Promise<void> {
  const head = `
import boto3, time, json, gzip, hashlib
from botocore.config import Config
s3 = boto3.client("s3", endpoint_url="${house.s3d.endpoint}", config=Config(s3={"addressing_style": "path"}))
def body(bucket, key): return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
def keys(bucket, prefix=""):
    return [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]
def until(check):
    end = time.time() + 20
    while not check():
        assert time.time() < end, "it did not come to pass"
        time.sleep(0.1)
for b in ["data", "target"]:
    if b not in [x["Name"] for x in s3.list_buckets()["Buckets"]]: s3.create_bucket(Bucket=b)
`;
  const done = await house.s3d.run(["python3", "-c", `${head}${script}\nprint("fine")`]);
  if (done.out !== "fine\n") throw new Error(`${done.out}\n${done.err}\n${house.s3d.said()}`);
}

test("access logs come to their target bucket", () =>
  python(`
on = {"LoggingEnabled": {"TargetBucket": "target", "TargetPrefix": "logs/"}}
s3.put_bucket_logging(Bucket="data", BucketLoggingStatus=on)
assert s3.get_bucket_logging(Bucket="data")["LoggingEnabled"] == on["LoggingEnabled"]
s3.put_object(Bucket="data", Key="a b", Body=b"xyz")
body("data", "a b")
until(lambda: keys("target", "logs/"))
lines = b"".join(body("target", k) for k in keys("target", "logs/")).decode().splitlines()
get = [l for l in lines if "REST.GET.OBJECT a%20b" in l][0]
assert '"GET /data/a%20b HTTP/1.1" 200 - 3 ' in get and "Boto3" in get and "AuthHeader" in get, get
`));

test("an inventory is made on demand, with manifest and checksum", async () => {
  await python(`
to = {"Bucket": "arn:aws:s3:::target", "Format": "CSV", "Prefix": "inv"}
conf = {"Id": "daily", "IsEnabled": False, "IncludedObjectVersions": "Current",
    "Schedule": {"Frequency": "Daily"}, "Destination": {"S3BucketDestination": to},
    "OptionalFields": ["Size", "ETag"]}
s3.put_object(Bucket="data", Key="more", Body=b"1234")
s3.put_bucket_inventory_configuration(Bucket="data", Id="daily", InventoryConfiguration=conf)
assert s3.list_bucket_inventory_configurations(Bucket="data")["InventoryConfigurationList"] == [conf]
for kind, more in [("metrics", {}), ("analytics", {"StorageClassAnalysis": {}})]:
    put = getattr(s3, f"put_bucket_{kind}_configuration")
    put(Bucket="data", Id="x", **{f"{kind.capitalize()}Configuration": {"Id": "x", **more}})
tier = {"Id": "x", "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}
s3.put_bucket_intelligent_tiering_configuration(Bucket="data", Id="x", IntelligentTieringConfiguration=tier)
told = s3.list_bucket_intelligent_tiering_configurations(Bucket="data")
assert told["IntelligentTieringConfigurationList"] == [tier], told
s3.put_bucket_request_payment(Bucket="data", RequestPaymentConfiguration={"Payer": "Requester"})
s3.put_bucket_accelerate_configuration(Bucket="data", AccelerateConfiguration={"Status": "Enabled"})
assert s3.get_bucket_accelerate_configuration(Bucket="data")["Status"] == "Enabled"
`);
  const main = join(import.meta.dir, "../../cmd/holdfast/main.ts");
  const words = ["bucket", "inventory", "data", "daily", "--data", house.s3d.data];
  const made = await run([process.execPath, "--no-env-file", main, ...words]);
  expect(`${made.out}${made.err}`).toContain("manifest.json");
  await python(`
[name] = [k for k in keys("target", "inv/") if k.endswith("manifest.json")]
manifest = json.loads(body("target", name))
assert manifest["fileSchema"] == "Bucket, Key, Size, ETag", manifest
checksum = body("target", name.replace(".json", ".checksum")).decode()
assert checksum == hashlib.md5(body("target", name)).hexdigest()
data = body("target", manifest["files"][0]["key"])
assert hashlib.md5(data).hexdigest() == manifest["files"][0]["MD5checksum"]
lines = gzip.decompress(data).decode().splitlines()
assert any(l.startswith('"data","more","4",') for l in lines), lines
`);
});

test("a website is shown on its own host", async () => {
  await python(`
conf = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "404.html"}}
s3.put_bucket_website(Bucket="data", WebsiteConfiguration=conf)
got = s3.get_bucket_website(Bucket="data")
assert got["IndexDocument"] == conf["IndexDocument"], got
s3.put_object(Bucket="data", Key="sub/index.html", Body=b"<p>here</p>", ContentType="text/html")
acts = [("s3:GetObject", "arn:aws:s3:::data/*"), ("s3:ListBucket", "arn:aws:s3:::data")]
allow = [{"Effect": "Allow", "Principal": "*", "Action": a, "Resource": r} for a, r in acts]
s3.put_bucket_policy(Bucket="data", Policy=json.dumps({"Version": "2012-10-17", "Statement": allow}))
`);
  const at = `http://data.s3-website.localhost:${house.s3d.port}`;
  const curl = async (...words: string[]) =>
    (
      await run([
        "curl",
        "-s",
        "--resolve",
        `data.s3-website.localhost:${house.s3d.port}:127.0.0.1`,
        ...words,
      ])
    ).out;
  expect(await curl("-L", `${at}/sub`)).toBe("<p>here</p>");
  expect(await curl("-o", "/dev/null", "-w", "%{http_code}", `${at}/none`)).toBe("404");
});
