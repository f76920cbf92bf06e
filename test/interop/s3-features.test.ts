import { afterAll, beforeAll, expect } from "bun:test";
import { apt, needs } from "./peers.ts";
import { startS3d, type S3d } from "./s3d.ts";

const house: { s3d: S3d } = {} as never;
beforeAll(async () => {
  house.s3d = await startS3d();
});
afterAll(() => house.s3d[Symbol.asyncDispose]());

const test = needs(apt("python3", "python3-boto3"));

/** Runs a script in which `s3` is a client and `refused(code, call)` expects an error. */
async function python(script: string): Promise<void> {
  const head = `
import boto3, io, json, datetime, urllib.request, urllib.error
from botocore.config import Config
from botocore.exceptions import ClientError
how = Config(signature_version="s3v4", s3={"addressing_style": "path"})
s3 = boto3.client("s3", endpoint_url="${house.s3d.endpoint}", config=how)
def refused(code, call):
    try: call()
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e.response["Error"]
        return
    assert False, "not refused: " + code
`;
  const done = await house.s3d.run(["python3", "-c", `${head}${script}\nprint("fine")`]);
  if (done.out !== "fine\n") throw new Error(`${done.out}\n${done.err}`);
  expect(done.code).toBe(0);
}

test("versions, delete markers, restoring", () =>
  python(`
b = "vers"
s3.create_bucket(Bucket=b)
s3.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": "Enabled"})
assert s3.get_bucket_versioning(Bucket=b)["Status"] == "Enabled"
ids = [s3.put_object(Bucket=b, Key="k", Body=str(i).encode())["VersionId"] for i in range(5)]
marker = s3.delete_object(Bucket=b, Key="k")
assert marker["DeleteMarker"] is True
refused("NoSuchKey", lambda: s3.get_object(Bucket=b, Key="k"))
assert s3.get_object(Bucket=b, Key="k", VersionId=ids[2])["Body"].read() == b"2"
pages = s3.get_paginator("list_object_versions").paginate(Bucket=b, PaginationConfig={"PageSize": 2})
seen = [v["VersionId"] for p in pages for v in p.get("Versions", [])]
assert seen == ids[::-1], seen
s3.delete_object(Bucket=b, Key="k", VersionId=marker["VersionId"])
assert s3.get_object(Bucket=b, Key="k")["Body"].read() == b"4"
s3.copy_object(Bucket=b, Key="old", CopySource={"Bucket": b, "Key": "k", "VersionId": ids[0]})
assert s3.get_object(Bucket=b, Key="old")["Body"].read() == b"0"
r = s3.delete_objects(Bucket=b, Delete={"Objects": [{"Key": "k", "VersionId": i} for i in ids]})
assert len(r["Deleted"]) == 5
`));

test("object lock as backup programs use it", () =>
  python(`
b = "locked"
s3.create_bucket(Bucket=b, ObjectLockEnabledForBucket=True)
rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}
s3.put_object_lock_configuration(Bucket=b, ObjectLockConfiguration=rule)
assert s3.get_object_lock_configuration(Bucket=b)["ObjectLockConfiguration"] == rule
v = s3.put_object(Bucket=b, Key="k", Body=b"x")["VersionId"]
assert s3.get_object_retention(Bucket=b, Key="k")["Retention"]["Mode"] == "GOVERNANCE"
refused("AccessDenied", lambda: s3.delete_object(Bucket=b, Key="k", VersionId=v))
s3.put_object_legal_hold(Bucket=b, Key="k", LegalHold={"Status": "ON"})
def drop(key, version, bypass):
    s3.delete_object(Bucket=b, Key=key, VersionId=version, BypassGovernanceRetention=bypass)
refused("AccessDenied", lambda: drop("k", v, True))
s3.put_object_legal_hold(Bucket=b, Key="k", LegalHold={"Status": "OFF"})
until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)
w = s3.put_object(Bucket=b, Key="c", Body=b"x", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until)
refused("AccessDenied", lambda: drop("c", w["VersionId"], True))
drop("k", v, True)
keep = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}
up = s3.create_multipart_upload(Bucket=b, Key="m", **keep)
p = s3.upload_part(Bucket=b, Key="m", UploadId=up["UploadId"], PartNumber=1, Body=b"part")
parts = {"Parts": [{"PartNumber": 1, "ETag": p["ETag"]}]}
s3.complete_multipart_upload(Bucket=b, Key="m", UploadId=up["UploadId"], MultipartUpload=parts)
assert s3.head_object(Bucket=b, Key="m")["ObjectLockMode"] == "COMPLIANCE"
`));

test("tags, policy, public access, CORS, lifecycle, attributes", () =>
  python(`
b = "settings"
s3.create_bucket(Bucket=b)
s3.put_object(Bucket=b, Key="pub/a", Body=b"open", Tagging="k=v")
assert s3.get_object_tagging(Bucket=b, Key="pub/a")["TagSet"] == [{"Key": "k", "Value": "v"}]
s3.put_bucket_tagging(Bucket=b, Tagging={"TagSet": [{"Key": "team", "Value": "a"}]})
assert s3.get_bucket_tagging(Bucket=b)["TagSet"][0]["Key"] == "team"
url = s3.meta.endpoint_url + "/settings/pub/a"
def anybody():
    try: return urllib.request.urlopen(url).read()
    except urllib.error.HTTPError as e: return e.code
assert anybody() == 403
pub = "arn:aws:s3:::settings/pub/*"
open = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": pub}
policy = {"Version": "2012-10-17", "Statement": [open]}
s3.put_bucket_policy(Bucket=b, Policy=json.dumps(policy))
assert anybody() == b"open"
assert s3.get_bucket_policy_status(Bucket=b)["PolicyStatus"]["IsPublic"] is True
names = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
block = {name: True for name in names}
s3.put_public_access_block(Bucket=b, PublicAccessBlockConfiguration=block)
assert s3.get_public_access_block(Bucket=b)["PublicAccessBlockConfiguration"] == block
assert anybody() == 403
cors = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
s3.put_bucket_cors(Bucket=b, CORSConfiguration=cors)
assert s3.get_bucket_cors(Bucket=b)["CORSRules"] == cors["CORSRules"]
rules = [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}}]
s3.put_bucket_lifecycle_configuration(Bucket=b, LifecycleConfiguration={"Rules": rules})
assert s3.get_bucket_lifecycle_configuration(Bucket=b)["Rules"] == rules
assert s3.get_bucket_acl(Bucket=b)["Grants"][0]["Permission"] == "FULL_CONTROL"
a = s3.get_object_attributes(Bucket=b, Key="pub/a", ObjectAttributes=["ETag", "ObjectSize", "Checksum"])
assert a["ObjectSize"] == 4, a
refused("NoSuchWebsiteConfiguration", lambda: s3.get_bucket_website(Bucket=b))
refused("ReplicationConfigurationNotFoundError", lambda: s3.get_bucket_replication(Bucket=b))
assert s3.get_bucket_request_payment(Bucket=b)["Payer"] == "BucketOwner"
s3.delete_bucket_policy(Bucket=b); s3.delete_bucket_cors(Bucket=b); s3.delete_bucket_lifecycle(Bucket=b)
`));

test("a browser's form upload, as boto3 prepares it", () =>
  python(`
b = "forms"
s3.create_bucket(Bucket=b)
conditions = [["content-length-range", 1, 100], {"success_action_status": "201"}]
post = s3.generate_presigned_post(b, "up/\${filename}", {"success_action_status": "201"}, conditions, 60)
def send(body, name="f.txt"):
    edge = "edge"
    head = '--' + edge + '\\r\\nContent-Disposition: form-data; name="%s"\\r\\n\\r\\n'
    text = "".join(head % k + v + "\\r\\n" for k, v in post["fields"].items())
    text += head % ('file"; filename="' + name)
    data = text.encode() + body + ("\\r\\n--%s--\\r\\n" % edge).encode()
    kind = {"Content-Type": "multipart/form-data; boundary=" + edge}
    request = urllib.request.Request(post["url"], data=data, headers=kind)
    try: return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as e: return e.code
assert send(b"hello") == 201
assert s3.get_object(Bucket=b, Key="up/f.txt")["Body"].read() == b"hello"
assert send(b"x" * 101) == 400
`));

needs(apt("s3cmd"))("s3cmd with signature version 2, where it is taken", async () => {
  await using s3d = await startS3d(["--s3-signature-v2"]);
  const where = [`--host=127.0.0.1:${s3d.port}`, "--host-bucket=", "--no-ssl", "--config=/dev/null"];
  const who = [`--access_key=${s3d.keyId}`, `--secret_key=${s3d.secret}`, "--signature-v2"];
  const s3cmd = (...words: string[]) => s3d.run(["s3cmd", ...where, ...who, ...words]);
  await Bun.write(`${s3d.files}/a b.txt`, "old ways");
  expect((await s3cmd("mb", "s3://old")).err).toBe("");
  expect((await s3cmd("put", "a b.txt", "s3://old/a b.txt")).code).toBe(0);
  expect((await s3cmd("get", "s3://old/a b.txt", "back.txt")).code).toBe(0);
  expect(await Bun.file(`${s3d.files}/back.txt`).text()).toBe("old ways");
  expect((await s3cmd("ls", "s3://old")).out).toContain("s3://old/a b.txt");
});
