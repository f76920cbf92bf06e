/** A bucket brought over from another S3 server: here another daemon of ours, filled by boto3. */
import { afterAll, beforeAll, expect } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImportView } from "../../lib/admin/imports-panel.ts";
import { top } from "../sources.ts";
import { apt, needs, run, type Ran } from "./peers.ts";
import { startS3d, type S3d } from "./s3d.ts";

const houses: { from: S3d; to: S3d } = {} as never;
beforeAll(async () => {
  [houses.from, houses.to] = await Promise.all([startS3d(), startS3d()]);
  await writeFile(join(houses.to.files, "secret"), houses.from.secret);
  await writeFile(join(houses.to.files, "wrong"), "not-the-secret-at-all");
  for (const [name, file] of [
    ["old", "secret"],
    ["stranger", "wrong"],
  ] as const) {
    const { from, to } = houses;
    const how = ["--key", from.keyId, "--password-file", join(to.files, file)];
    const added = await holdfast("remote", "add", name, from.endpoint, ...how);
    if (added.code !== 0) throw new Error(added.err);
  }
});
afterAll(async () => {
  await houses.from[Symbol.asyncDispose]();
  await houses.to[Symbol.asyncDispose]();
});

const holdfast = (...words: string[]): Promise<Ran> =>
  run([
    process.execPath,
    "--no-env-file",
    join(top, "cmd/holdfast/main.ts"),
    ...words,
    "--data",
    houses.to.data,
  ]);

async function imported(...words: string[]): Promise<ImportView> {
  const done = await holdfast("s3", "import", ...words, "--json");
  if (done.out === "") throw new Error(done.err);
  return JSON.parse(done.out) as ImportView;
}

/** Runs a script in which `old` and `new` are clients of both. */
async function python(script: string): Promise<void> {
  const { from, to } = houses;
  const head = `
import boto3, io, datetime
from botocore.config import Config
from botocore.exceptions import ClientError
from concurrent.futures import ThreadPoolExecutor
from boto3.s3.transfer import TransferConfig
how = Config(signature_version="s3v4", s3={"addressing_style": "path"})
def client(url, id, secret):
    keys = {"aws_access_key_id": id, "aws_secret_access_key": secret}
    return boto3.client("s3", endpoint_url=url, config=how, region_name="us-east-1", **keys)
old = client("${from.endpoint}", "${from.keyId}", "${from.secret}")
new = client("${to.endpoint}", "${to.keyId}", "${to.secret}")
big = bytes(range(256)) * 50000
def shown(s3, b):
    r = s3.list_object_versions(Bucket=b)
    rows = [(v["Key"], v["VersionId"], v["ETag"], v["Size"], v["IsLatest"]) for v in r.get("Versions", [])]
    return rows, [(m["Key"], m["VersionId"], m["IsLatest"]) for m in r.get("DeleteMarkers", [])]
`;
  const done = await to.run(["python3", "-c", `${head}${script}\nprint("fine")`]);
  if (done.out !== "fine\n") throw new Error(`${done.out}\n${done.err}`);
}

const test = needs(apt("python3", "python3-boto3"));

test("every version, marker, tag, lock and ETag comes over, and a second time nothing", async () => {
  await python(`
b = "versions"
old.create_bucket(Bucket=b, ObjectLockEnabledForBucket=True)
for i in range(3):
    old.put_object(Bucket=b, Key="a/k", Body=b"v%d" % i, Metadata={"n": str(i)}, ContentType="text/x")
old.delete_object(Bucket=b, Key="a/k")
old.put_object(Bucket=b, Key="gone", Body=b"x")
old.delete_object(Bucket=b, Key="gone")
old.put_object(Bucket=b, Key="a/k", Body=b"last", Tagging="team=a&x=y%20z", CacheControl="no-store")
old.put_object(Bucket=b, Key="ünï + ?#&.txt", Body=b"name")
old.put_object(Bucket=b, Key="zipped", Body=b"not really gzip", ContentEncoding="gzip")
old.put_object(Bucket=b, Key="empty", Body=b"")
until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until}
old.put_object(Bucket=b, Key="locked", Body=b"kept", ObjectLockLegalHoldStatus="ON", **lock)
parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
old.upload_fileobj(io.BytesIO(big), b, "big", Config=parts)
rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}
old.put_object_lock_configuration(Bucket=b, ObjectLockConfiguration=rule)
`);
  const first = await imported("old", "versions");
  expect(first).toMatchObject({ state: "done", failed: 0, failures: [], there: 0, versions: 12 });
  await python(`
b = "versions"
assert shown(new, b) == shown(old, b), (shown(new, b), shown(old, b))
for v in old.list_object_versions(Bucket=b)["Versions"]:
    which = {"Bucket": b, "Key": v["Key"], "VersionId": v["VersionId"]}
    was, now = old.get_object(**which), new.get_object(**which)
    assert was["Body"].read() == now["Body"].read(), which
    for name in ("Metadata", "ContentType", "CacheControl", "ContentEncoding", "ETag", "TagCount",
                 "ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus"):
        assert was.get(name) == now.get(name), (which, name, was.get(name), now.get(name))
tags = lambda s3: s3.get_object_tagging(Bucket=b, Key="a/k")["TagSet"]
assert tags(new) == tags(old)
lock = lambda s3: s3.get_object_lock_configuration(Bucket=b)["ObjectLockConfiguration"]
assert lock(new) == lock(old)
`);
  const again = await imported("old", "versions");
  expect(again).toMatchObject({ state: "done", failed: 0, versions: 0, there: 12 });
  await python(`assert shown(new, "versions") == shown(old, "versions")`);
});

test("a bucket without versions, part of it, under another name; begun again it takes the new", async () => {
  await python(`
b = "plain"
old.create_bucket(Bucket=b)
put = lambda i: old.put_object(Bucket=b, Key="in/%04d" % i, Body=b"%d" % i)
with ThreadPoolExecutor(4) as pool: list(pool.map(put, range(1050)))
old.put_object(Bucket=b, Key="out/side", Body=b"no")
`);
  const first = await imported("old", "plain", "--to", "taken", "--prefix", "in/", "--parallel", "16");
  expect(first).toMatchObject({ state: "done", failed: 0, versions: 1050 });
  await python(`old.put_object(Bucket="plain", Key="in/0003", Body=b"changed")`);
  const again = await imported("old", "plain", "--to", "taken", "--prefix", "in/");
  expect(again).toMatchObject({ state: "done", failed: 0, versions: 1, there: 1049 });
  await python(`
pages = new.get_paginator("list_objects_v2").paginate(Bucket="taken")
keys = [o["Key"] for p in pages for o in p["Contents"]]
assert len(keys) == 1050 and all(k.startswith("in/") for k in keys)
assert new.get_object(Bucket="taken", Key="in/0003")["Body"].read() == b"changed"
assert new.get_object(Bucket="taken", Key="in/1049")["Body"].read() == b"1049"
`);
});

test("what cannot be is said: no such bucket, a wrong secret, an unknown remote, versions lost", async () => {
  expect((await imported("old", "nowhere")).why).toContain("404");
  expect((await imported("stranger", "plain", "--to", "other")).state).toBe("failed");
  expect((await holdfast("s3", "import", "nobody", "plain")).code).not.toBe(0);
  await python(`new.create_bucket(Bucket="flat")`);
  const refused = await imported("old", "versions", "--to", "flat");
  expect(refused).toMatchObject({ state: "failed", versions: 0 });
  expect(refused.why).toContain("versions");
  expect((await holdfast("s3", "imports")).out).toContain("old/versions");
});
