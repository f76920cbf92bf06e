import { afterAll, beforeAll, expect } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apt, needs, run } from "./peers.ts";
import { startS3d, type S3d } from "./s3d.ts";

/** Two houses, each the other's mirror, as two hosts would be. */
const pair: { here: S3d; there: S3d } = {} as never;
const test = needs(apt("python3", "python3-boto3"));

beforeAll(async () => {
  const flags = ["--s3-min-part", "1B"];
  [pair.here, pair.there] = await Promise.all([startS3d(flags), startS3d(flags)]);
  await know(pair.here, "there", pair.there);
  await know(pair.there, "here", pair.here);
});
afterAll(async () => {
  await pair.here[Symbol.asyncDispose]();
  await pair.there[Symbol.asyncDispose]();
});

async function holdfast(house: S3d, ...words: string[]): Promise<string> {
  const main = join(import.meta.dir, "../../cmd/holdfast/main.ts");
  const done = await run([process.execPath, "--no-env-file", main, ...words, "--data", house.data]);
  if (done.code !== 0) throw new Error(`${words.join(" ")}: ${done.err}`);
  return done.out;
}

async function know(house: S3d, name: string, other: S3d): Promise<void> {
  const secret = join(house.files, "secret.txt");
  await writeFile(secret, `${other.secret}\n`, { mode: 0o600 });
  const key = ["--key", other.keyId, "--password-file", secret];
  await holdfast(house, "remote", "add", name, other.endpoint, ...key);
}

/** Runs a script in which `here` and `there` are clients of the two houses. */
async function python(script: string): Promise<void> {
  const { here, there } = pair;
  const head = `
import boto3, time, datetime
from botocore.config import Config
from botocore.exceptions import ClientError
how = Config(signature_version="s3v4", s3={"addressing_style": "path"})
here = boto3.client("s3", endpoint_url="${here.endpoint}", config=how)
there = boto3.client("s3", endpoint_url="${there.endpoint}", config=how,
    aws_access_key_id="${there.keyId}", aws_secret_access_key="${there.secret}")
def until(check, seconds=20):
    end = time.time() + seconds
    while True:
        try:
            value = check()
            if value: return value
        except ClientError: value = None
        assert time.time() < end, "it did not come to pass"
        time.sleep(0.1)
def refused(code, call):
    try: call()
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e.response["Error"]
        return
    assert False, "not refused: " + code
def bucket(s3, name, **more):
    s3.create_bucket(Bucket=name, **more)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
def rule(to, prefix="", markers="Enabled", **more):
    return {"ID": to + prefix, "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": prefix},
        "DeleteMarkerReplication": {"Status": markers}, "Destination": {"Bucket": to}, **more}
def replicate(s3, name, *rules):
    s3.put_bucket_replication(Bucket=name, ReplicationConfiguration={"Role": "", "Rules": list(rules)})
def ids(s3, name):
    told = s3.list_object_versions(Bucket=name)
    rows = told.get("Versions", []) + told.get("DeleteMarkers", [])
    return sorted((r["Key"], r["VersionId"], "ETag" in r) for r in rows)
def status(s3, name, key):
    return s3.head_object(Bucket=name, Key=key).get("ReplicationStatus")
`;
  const done = await here.run(["python3", "-c", `${head}${script}\nprint("fine")`]);
  if (done.out !== "fine\n") throw new Error(`${done.out}\n${done.err}\n${here.said()}\n${there.said()}`);
}

test("two houses mirror each other: versions, facts, markers, and nothing goes round", () =>
  python(`
bucket(here, "twin"); bucket(there, "twin")
replicate(here, "twin", rule("arn:aws:s3::there:twin"))
replicate(there, "twin", rule("arn:aws:s3::here:twin"))
meta = {"Metadata": {"who": "me"}, "Tagging": "a=b", "CacheControl": "no-store", "ContentType": "text/x"}
first = here.put_object(Bucket="twin", Key="a b/ü+c", Body=b"one", **meta)
second = here.put_object(Bucket="twin", Key="a b/ü+c", Body=b"two" * 100_000)
other = there.put_object(Bucket="twin", Key="back", Body=b"three")
here.delete_object(Bucket="twin", Key="a b/ü+c")
until(lambda: len(ids(here, "twin")) == 4 and ids(here, "twin") == ids(there, "twin"))
old = there.get_object(Bucket="twin", Key="a b/ü+c", VersionId=first["VersionId"])
assert old["Body"].read() == b"one" and old["Metadata"] == {"who": "me"}, old
assert (old["CacheControl"], old["ContentType"], old["TagCount"]) == ("no-store", "text/x", 1)
assert old["ReplicationStatus"] == "REPLICA" and old["ETag"] == first["ETag"]
until(lambda: status(there, "twin", "back") == "COMPLETED")
assert status(here, "twin", "back") == "REPLICA"
tags = {"TagSet": [{"Key": "x", "Value": "y"}]}
here.put_object_tagging(Bucket="twin", Key="a b/ü+c", VersionId=first["VersionId"], Tagging=tags)
def same():
    told = there.get_object_tagging(Bucket="twin", Key="a b/ü+c", VersionId=first["VersionId"])
    return told["TagSet"] == tags["TagSet"]
until(same)
parts = []
up = here.create_multipart_upload(Bucket="twin", Key="parts")
for i in range(3):
    body = bytes([i]) * (300_000 + i)
    put = here.upload_part(Bucket="twin", Key="parts", UploadId=up["UploadId"], PartNumber=i + 1, Body=body)
    parts.append({"PartNumber": i + 1, "ETag": put["ETag"]})
done = here.complete_multipart_upload(Bucket="twin", Key="parts", UploadId=up["UploadId"],
    MultipartUpload={"Parts": parts})
until(lambda: there.head_object(Bucket="twin", Key="parts")["ETag"] == done["ETag"])
time.sleep(1)
assert len(ids(here, "twin")) == len(ids(there, "twin")) == 5, (ids(here, "twin"), ids(there, "twin"))
`));

test("to a bucket of the same house, by prefix and tag, with retention", () =>
  python(`
bucket(here, "source", ObjectLockEnabledForBucket=True); bucket(here, "copy", ObjectLockEnabledForBucket=True)
tagged = {"And": {"Prefix": "in/", "Tags": [{"Key": "keep", "Value": "yes"}]}}
replicate(here, "source", {**rule("arn:aws:s3:::copy", markers="Disabled"), "Filter": tagged})
day = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
keep = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": day}
made = here.put_object(Bucket="source", Key="in/a", Body=b"x", Tagging="keep=yes", **keep)
here.put_object(Bucket="source", Key="in/b", Body=b"x")
here.put_object(Bucket="source", Key="out", Body=b"x", Tagging="keep=yes")
until(lambda: status(here, "source", "in/a") == "COMPLETED")
assert [key for key, _, _ in ids(here, "copy")] == ["in/a"], ids(here, "copy")
copy = here.head_object(Bucket="copy", Key="in/a")
assert (copy["VersionId"], copy["ObjectLockMode"]) == (made["VersionId"], "GOVERNANCE"), copy
assert status(here, "source", "in/b") is None, here.head_object(Bucket="source", Key="in/b")
here.delete_object(Bucket="source", Key="in/a")
time.sleep(0.5)
assert status(here, "copy", "in/a") == "REPLICA"
`));

test("what was there before goes when asked; what another house refuses is told and retried", async () => {
  await python(`
bucket(here, "late"); bucket(there, "late")
for i in range(20): here.put_object(Bucket="late", Key=f"k{i}", Body=str(i).encode())
replicate(here, "late", rule("arn:aws:s3::there:late"))
assert status(here, "late", "k1") is None
`);
  expect(await holdfast(pair.here, "bucket", "replicate", "late")).toContain("20 versions");
  await python(`
until(lambda: ids(here, "late") == ids(there, "late"))
until(lambda: status(here, "late", "k19") == "COMPLETED")
there.delete_bucket_replication(Bucket="twin")
refused("ReplicationConfigurationNotFoundError", lambda: there.get_bucket_replication(Bucket="twin"))
told = here.get_bucket_replication(Bucket="late")["ReplicationConfiguration"]["Rules"][0]
assert told["Destination"]["Bucket"] == "arn:aws:s3::there:late", told
here.create_bucket(Bucket="plain")
refused("InvalidRequest", lambda: replicate(here, "plain", rule("arn:aws:s3:::late")))
refused("InvalidRequest", lambda: replicate(here, "late", rule("arn:aws:s3:::plain")))
refused("InvalidRequest", lambda: replicate(here, "late", rule("arn:aws:s3:::missing")))
refused("InvalidRequest", lambda: replicate(here, "late", rule("arn:aws:s3::nobody:late")))
refused("InvalidRequest", lambda: replicate(here, "late", rule("arn:aws:s3::there:missing")))
refused("NotImplemented", lambda: replicate(here, "late",
    rule("arn:aws:s3::there:late", ExistingObjectReplication={"Status": "Enabled"})))
bucket(there, "deaf")
replicate(here, "late", rule("arn:aws:s3::there:deaf"))
there.delete_bucket(Bucket="deaf")
here.put_object(Bucket="late", Key="waits", Body=b"x")
time.sleep(0.5)
assert status(here, "late", "waits") == "PENDING"
bucket(there, "deaf")
until(lambda: status(here, "late", "waits") == "COMPLETED")
`);
}, 600_000);
