import { afterAll, beforeAll, expect } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apt, needs, run } from "./peers.ts";
import { startS3d, type S3d } from "./s3d.ts";

const house: { s3d: S3d } = {} as never;
const test = needs(apt("python3", "python3-boto3"), apt("aws", "awscli"));

beforeAll(async () => {
  house.s3d = await startS3d();
});
afterAll(() => house.s3d[Symbol.asyncDispose]());

test("boto3 and the aws command line use temporary credentials, and are held to them", async () => {
  const { s3d } = house;
  const statement = {
    Effect: "Allow",
    Action: ["s3:GetObject", "s3:PutObject"],
    Resource: "arn:aws:s3:::sts/in/*",
  };
  const file = join(s3d.files, "policy.json");
  await writeFile(file, JSON.stringify({ Version: "2012-10-17", Statement: [statement] }));
  const main = join(import.meta.dir, "../../cmd/holdfast/main.ts");
  const words = ["role", "add", "writer", "--policy", file, "--trust", "*", "--data", s3d.data];
  const added = await run([process.execPath, "--no-env-file", main, ...words]);
  expect(`${added.out}${added.err}`).toContain("arn:aws:iam::main:role/writer");
  const done = await s3d.run([
    "python3",
    "-c",
    `
import boto3, urllib.request, json
from botocore.config import Config
from botocore.exceptions import ClientError
how = Config(signature_version="s3v4", s3={"addressing_style": "path"})
at = dict(endpoint_url="${s3d.endpoint}", config=how)
def refused(code, call):
    try: call()
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e.response["Error"]
        return
    assert False, "not refused: " + code
s3 = boto3.client("s3", **at)
s3.create_bucket(Bucket="sts")
sts = boto3.client("sts", endpoint_url="${s3d.endpoint}")
me = sts.get_caller_identity()
assert me["Arn"].startswith("arn:aws:iam::main:user/"), me
def client(c):
    return boto3.client("s3", **at, aws_access_key_id=c["AccessKeyId"],
        aws_secret_access_key=c["SecretAccessKey"], aws_session_token=c["SessionToken"])
whole = client(sts.get_session_token(DurationSeconds=900)["Credentials"])
whole.put_object(Bucket="sts", Key="out", Body=b"x")
given = sts.assume_role(RoleArn="arn:aws:iam::main:role/writer", RoleSessionName="job")["Credentials"]
role = client(given)
role.put_object(Bucket="sts", Key="in/a", Body=b"hello" * 3_000_000)
assert len(role.get_object(Bucket="sts", Key="in/a")["Body"].read()) == 15_000_000
refused("AccessDenied", lambda: role.put_object(Bucket="sts", Key="out", Body=b"x"))
refused("AccessDenied", lambda: role.delete_object(Bucket="sts", Key="in/a"))
refused("AccessDenied", lambda: role.list_objects_v2(Bucket="sts"))
url = role.generate_presigned_url("get_object", Params={"Bucket": "sts", "Key": "in/a"})
assert len(urllib.request.urlopen(url).read()) == 15_000_000
form = role.generate_presigned_post("sts", "in/form")
print(json.dumps({"form": form, "given": {k: str(v) for k, v in given.items()}}))
`,
  ]);
  if (done.code !== 0) throw new Error(`${done.err}\n${s3d.said()}`);
  const { form, given } = JSON.parse(done.out) as {
    form: { url: string; fields: Record<string, string> };
    given: Record<string, string>;
  };
  const data = new FormData();
  for (const [name, value] of Object.entries(form.fields)) data.set(name, value);
  data.set("file", "posted");
  expect((await fetch(form.url, { method: "POST", body: data })).status).toBe(204);
  data.delete("x-amz-security-token");
  expect((await fetch(form.url, { method: "POST", body: data })).status).toBe(403);
  const env = {
    AWS_ACCESS_KEY_ID: given["AccessKeyId"]!,
    AWS_SECRET_ACCESS_KEY: given["SecretAccessKey"]!,
    AWS_SESSION_TOKEN: given["SessionToken"]!,
  };
  const cp = ["aws", "--endpoint-url", s3d.endpoint, "s3", "cp", "s3://sts/in/form", "-"];
  expect((await s3d.run(cp, { env })).out).toBe("posted");
}, 150_000);
