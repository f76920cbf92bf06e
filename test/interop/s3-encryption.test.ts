/** Encryption at rest, at the wire with boto3 and the aws command line. */
import { afterAll, beforeAll, expect } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { top } from "../sources.ts";
import { startFakeKms } from "./key-service.ts";
import { apt, needs, run } from "./peers.ts";
import { startS3d, type S3d } from "./s3d.ts";

const house: { s3d: S3d } = {} as never;
beforeAll(async () => {
  house.s3d = await startS3d();
});
afterAll(() => house.s3d[Symbol.asyncDispose]());

const test = needs(apt("python3", "python3-boto3"));

async function python(script: string, s3d = house.s3d): Promise<void> {
  const head = `
import boto3, io, hashlib, base64, os
from botocore.config import Config
from botocore.exceptions import ClientError
from boto3.s3.transfer import TransferConfig
how = Config(signature_version="s3v4", s3={"addressing_style": "path"})
s3 = boto3.client("s3", endpoint_url="${s3d.endpoint}", config=how)
def refused(code, call):
    try: call()
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e.response["Error"]
        return
    assert False, "not refused: " + code
word = b"a plain word that must not be seen\\n"
big = word * 400000
`;
  const done = await s3d.run(["python3", "-c", `${head}${script}\nprint("fine")`]);
  if (done.out !== "fine\n") throw new Error(`${done.out}\n${done.err}`);
  expect(done.code).toBe(0);
}

/** Files of the data directory in which the plain word is seen. */
async function seen(data: string): Promise<string[]> {
  const entries = await readdir(data, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const bodies = await Promise.all(names.map(async (name) => [name, await readFile(name)] as const));
  return bodies.filter(([, body]) => body.includes("must not be seen")).map(([name]) => name);
}

const holdfast = (data: string, ...words: string[]) =>
  run([process.execPath, "--no-env-file", join(top, "cmd/holdfast/main.ts"), ...words, "--data", data]);

test("a bucket's default, single objects, parts, copies, ranges; nothing of it on disk", async () => {
  await python(`
b = "sealed"
s3.create_bucket(Bucket=b)
by = {"SSEAlgorithm": "AES256"}
rule = {"Rules": [{"ApplyServerSideEncryptionByDefault": by, "BucketKeyEnabled": False}]}
s3.put_bucket_encryption(Bucket=b, ServerSideEncryptionConfiguration=rule)
assert s3.get_bucket_encryption(Bucket=b)["ServerSideEncryptionConfiguration"] == rule
r = s3.put_object(Bucket=b, Key="small", Body=word)
assert r["ServerSideEncryption"] == "AES256"
assert r["ETag"] == '"' + hashlib.md5(word).hexdigest() + '"'
assert s3.get_object(Bucket=b, Key="small")["Body"].read() == word
s3.put_object(Bucket=b, Key="empty", Body=b"")
assert s3.get_object(Bucket=b, Key="empty")["Body"].read() == b""
s3.put_object(Bucket=b, Key="large", Body=big)
assert s3.head_object(Bucket=b, Key="large")["ContentLength"] == len(big)
for a, e in ((0, 0), (65535, 65536), (1000000, 1300000), (len(big) - 5, len(big) - 1)):
    got = s3.get_object(Bucket=b, Key="large", Range="bytes=%d-%d" % (a, e))["Body"].read()
    assert got == big[a:e + 1], (a, e)
parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
s3.upload_fileobj(io.BytesIO(big), b, "multi", Config=parts)
assert s3.get_object(Bucket=b, Key="multi")["Body"].read() == big
assert s3.get_object(Bucket=b, Key="multi", PartNumber=2)["Body"].read() == big[5 << 20:10 << 20]
s3.copy_object(Bucket=b, Key="copy", CopySource={"Bucket": b, "Key": "multi"})
assert s3.get_object(Bucket=b, Key="copy")["Body"].read() == big
sizes = {o["Key"]: o["Size"] for o in s3.list_objects_v2(Bucket=b)["Contents"]}
assert sizes["large"] == len(big) and sizes["copy"] == len(big), sizes
s3.upload_fileobj(io.BytesIO(big), b, "unfinished-" + "x", Config=parts)
up = s3.create_multipart_upload(Bucket=b, Key="open")
s3.upload_part(Bucket=b, Key="open", UploadId=up["UploadId"], PartNumber=1, Body=big[:6 << 20])
`);
  expect(await seen(house.s3d.data)).toEqual([]);
});

test("customers' keys, as boto3 sends them", async () => {
  await python(`
b = "customers"
s3.create_bucket(Bucket=b)
key, other = os.urandom(32), os.urandom(32)
mine = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}
wrong = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": other}
s3.put_object(Bucket=b, Key="k", Body=word, **mine)
assert s3.get_object(Bucket=b, Key="k", **mine)["Body"].read() == word
refused("InvalidRequest", lambda: s3.get_object(Bucket=b, Key="k"))
refused("AccessDenied", lambda: s3.get_object(Bucket=b, Key="k", **wrong))
refused("400", lambda: s3.head_object(Bucket=b, Key="k"))
refused("403", lambda: s3.head_object(Bucket=b, Key="k", **wrong))
s3.upload_fileobj(io.BytesIO(big), b, "m", ExtraArgs=mine, Config=TransferConfig(multipart_chunksize=5 << 20))
assert s3.get_object(Bucket=b, Key="m", **mine)["Body"].read() == big
few = s3.get_object(Bucket=b, Key="m", Range="bytes=7000000-7000009", **mine)
assert few["Body"].read() == big[7000000:7000010]
source = {"CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": key}
s3.copy_object(Bucket=b, Key="c", CopySource={"Bucket": b, "Key": "m"}, **source, **wrong)
assert s3.get_object(Bucket=b, Key="c", **wrong)["Body"].read() == big
refused("AccessDenied", lambda: s3.get_object(Bucket=b, Key="c", **mine))
`);
  expect(await seen(house.s3d.data)).toEqual([]);
});

test("keys of the ring: made, rotated, disabled and retired by the command line", async () => {
  const { data } = house.s3d;
  const made = await holdfast(data, "kms", "add", "payroll");
  expect(made.code).toBe(0);
  const id = made.out.trim();
  await python(`
b = "keyed"
s3.create_bucket(Bucket=b)
kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/payroll"}
context = base64.b64encode(b'{"team":"a"}').decode()
r = s3.put_object(Bucket=b, Key="k", Body=word, SSEKMSEncryptionContext=context, **kms)
assert r["SSEKMSKeyId"].endswith(":key/${id}"), r["SSEKMSKeyId"]
assert s3.get_object(Bucket=b, Key="k")["Body"].read() == word
nobody = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "nobody"}
refused("KMS.NotFoundException", lambda: s3.put_object(Bucket=b, Key="x", Body=b"", **nobody))
s3.put_object(Bucket=b, Key="default", Body=word, ServerSideEncryption="aws:kms")
`);
  expect((await holdfast(data, "kms", "rotate", "payroll")).code).toBe(0);
  const listed = async () => {
    const rows = JSON.parse((await holdfast(data, "kms", "list", "--json")).out) as Record<string, unknown>[];
    return rows.find((row) => row["id"] === id);
  };
  for (let i = 0; i < 60 && (await listed())?.["pending"] !== 0; i++) await Bun.sleep(250);
  expect(await listed()).toMatchObject({ alias: "payroll", version: 2, seals: 1, pending: 0 });
  expect((await holdfast(data, "kms", "disable", "payroll")).code).toBe(0);
  await python(`refused("KMS.DisabledException", lambda: s3.get_object(Bucket="keyed", Key="k"))`);
  expect((await holdfast(data, "kms", "retire", "payroll")).code).toBe(0);
  await python(`
assert s3.get_object(Bucket="keyed", Key="k")["Body"].read() == word
kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/payroll"}
refused("KMS.DisabledException", lambda: s3.put_object(Bucket="keyed", Key="y", Body=b"", **kms))
`);
  expect((await holdfast(data, "kms", "remove", "payroll")).code).not.toBe(0);
  await python(`s3.delete_object(Bucket="keyed", Key="k")`);
  expect((await holdfast(data, "kms", "remove", "payroll")).code).toBe(0);
  expect((await holdfast(data, "bucket", "encryption", "keyed", "house")).out).toContain("under house");
  await python(
    `assert s3.put_object(Bucket="keyed", Key="z", Body=word)["ServerSideEncryption"] == "AES256"`,
  );
  expect(await seen(data)).toEqual([]);
});

test("a bucket that compresses and keeps equal bodies once, set by the command line", async () => {
  const { data } = house.s3d;
  await python(`s3.create_bucket(Bucket="small")`);
  const set = await holdfast(data, "bucket", "store", "small", "--compress", "on", "--deduplicate", "on");
  expect(set.out).toContain("compressed by zstd");
  await python(`
b = "small"
for i in range(3): s3.put_object(Bucket=b, Key="k%d" % i, Body=big)
parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
s3.upload_fileobj(io.BytesIO(big), b, "m", Config=parts)
for key in ("k0", "k2", "m"): assert s3.get_object(Bucket=b, Key=key)["Body"].read() == big
assert s3.get_object(Bucket=b, Key="m", Range="bytes=6000000-6000099")["Body"].read() == big[6000000:6000100]
assert s3.head_object(Bucket=b, Key="k0")["ContentLength"] == len(big)
`);
  const shown = JSON.parse((await holdfast(data, "bucket", "store", "small", "--json")).out) as {
    logicalBytes: number;
    storedBytes: number;
  };
  expect(shown.logicalBytes).toBe(4 * 35 * 400_000);
  expect(shown.storedBytes).toBeLessThan(100_000);
});

test("a key service of AWS's kind instead of the ring", async () => {
  await using kms = startFakeKms();
  const who = ["--kms-endpoint", kms.endpoint, "--kms-access-key", kms.keyId, "--kms-key", "alias/objects"];
  await using s3d = await startS3d([...who, "--kms-secret-key", kms.secret]);
  await python(
    `
b = "served"
s3.create_bucket(Bucket=b)
r = s3.put_object(Bucket=b, Key="k", Body=big, ServerSideEncryption="aws:kms")
assert r["SSEKMSKeyId"].startswith("arn:aws:kms:us-east-1:000000000000:key/"), r
assert s3.get_object(Bucket=b, Key="k")["Body"].read() == big
nobody = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "nobody"}
refused("KMS.NotFoundException", lambda: s3.put_object(Bucket=b, Key="x", Body=b"1", **nobody))
for i in range(4):
    s3.put_object(Bucket=b, Key="b%d" % i, Body=word, ServerSideEncryption="aws:kms", BucketKeyEnabled=True)
    assert s3.get_object(Bucket=b, Key="b%d" % i)["Body"].read() == word
`,
    s3d,
  );
  const once = ["GenerateDataKey", "Decrypt"];
  expect(kms.asked).toEqual([...once, "GenerateDataKey", ...once]);
  kms.disable(true);
  await python(`refused("KMS.DisabledException", lambda: s3.get_object(Bucket="served", Key="k"))`, s3d);
  expect(await seen(s3d.data)).toEqual([]);
});
