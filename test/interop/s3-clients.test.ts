import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apt, needs, type Ran } from "./peers.ts";
import { noise, startS3d, type S3d } from "./s3d.ts";

const house: { s3d: S3d } = {} as never;
beforeAll(async () => {
  house.s3d = await startS3d();
  await writeFile(join(house.s3d.files, "small.txt"), "hello, house\n");
  await writeFile(join(house.s3d.files, "large.bin"), noise(20 << 20));
});
afterAll(() => house.s3d[Symbol.asyncDispose]());

const ran = async (command: readonly string[], how?: Parameters<S3d["run"]>[1]): Promise<Ran> => {
  const done = await house.s3d.run(command, how);
  if (done.code !== 0) throw new Error(`${command.join(" ")}: exit ${done.code}\n${done.out}\n${done.err}`);
  return done;
};

describe("aws cli", () => {
  const test = needs(apt("aws", "awscli"));
  const aws = (...words: string[]): Promise<Ran> =>
    ran(["aws", "--endpoint-url", house.s3d.endpoint, ...words]);

  test("makes a bucket, copies files there and back, small and in parts, and syncs", async () => {
    await aws("s3", "mb", "s3://aws-one");
    await aws("s3", "cp", "small.txt", "s3://aws-one/a/small é+&.txt");
    await aws("s3", "cp", "large.bin", "s3://aws-one/large.bin");
    await aws("s3", "cp", "s3://aws-one/large.bin", "back.bin");
    await ran(["cmp", "large.bin", "back.bin"]);
    await aws("s3", "cp", "s3://aws-one/large.bin", "s3://aws-one/copy.bin");
    expect((await aws("s3", "ls", "--recursive", "s3://aws-one")).out.trim().split("\n")).toHaveLength(3);
    await mkdir(join(house.s3d.files, "tree/sub"), { recursive: true });
    for (let i = 0; i < 20; i++) await writeFile(join(house.s3d.files, `tree/sub/f${i}`), `file ${i}`);
    await aws("s3", "sync", "tree", "s3://aws-one/tree");
    await aws("s3", "sync", "--delete", "s3://aws-one/tree", "tree-back");
    await ran(["diff", "-r", "tree", "tree-back"]);
    await aws("s3", "rb", "--force", "s3://aws-one");
  });

  test("checksums of its own choice, from a file and from standard input", async () => {
    await aws("s3", "mb", "s3://aws-two");
    for (const algorithm of ["CRC32", "SHA1", "SHA256"]) {
      await aws("s3", "cp", "small.txt", `s3://aws-two/${algorithm}`, "--checksum-algorithm", algorithm);
      const at = ["--bucket", "aws-two", "--key", algorithm, "--checksum-mode", "ENABLED"];
      expect((await aws("s3api", "head-object", ...at)).out).toContain(`Checksum${algorithm}`);
    }
    const command = ["aws", "--endpoint-url", house.s3d.endpoint, "s3", "cp", "-", "s3://aws-two/piped"];
    await ran(command, { input: "from a pipe" });
    expect((await aws("s3", "cp", "s3://aws-two/piped", "-")).out).toBe("from a pipe");
  });

  test("a presigned link is good for anybody", async () => {
    await ran(["aws", "configure", "set", "default.s3.signature_version", "s3v4"]);
    await aws("s3", "mb", "s3://aws-three");
    await aws("s3", "cp", "small.txt", "s3://aws-three/x y");
    const link = (await aws("s3", "presign", "s3://aws-three/x y")).out.trim();
    expect(await (await fetch(link)).text()).toBe("hello, house\n");
    expect((await fetch(link.replace(/.$/, (c) => (c === "0" ? "1" : "0")))).status).toBe(403);
    expect((await fetch(link.split("?")[0]!)).status).toBe(403);
  });

  test("conditional writes and reads", async () => {
    await aws("s3", "mb", "s3://aws-four");
    const put = ["s3api", "put-object", "--bucket", "aws-four", "--key", "lock", "--body", "small.txt"];
    const etag = (JSON.parse((await aws(...put)).out) as { ETag: string }).ETag;
    const get = ["s3api", "get-object", "--bucket", "aws-four", "--key", "lock"];
    const stale = await house.s3d.run([
      "aws",
      "--endpoint-url",
      house.s3d.endpoint,
      ...get,
      "--if-none-match",
      etag,
      "out",
    ]);
    expect(stale.err).toContain("304");
    await aws(...get, "--range", "bytes=7-11", "part.txt");
    expect((await ran(["cat", "part.txt"])).out).toBe("house");
  });
});

describe("boto3", () => {
  const test = needs(apt("python3", "python3-boto3"));

  test("paginators, multipart with threads, presigned POST-free PUT, bulk delete", async () => {
    const script = `
import boto3, io, os, urllib.request
from botocore.config import Config
for style in ("path", "auto"):
    how = Config(signature_version="s3v4", s3={"addressing_style": style})
    s3 = boto3.client("s3", endpoint_url="${house.s3d.endpoint}", config=how)
    b = "boto-" + style
    s3.create_bucket(Bucket=b)
    keys = ["k/%03d é" % i for i in range(30)]
    for k in keys: s3.put_object(Bucket=b, Key=k, Body=k.encode(), Metadata={"who": "me"})
    for listing in ("list_objects", "list_objects_v2"):
        pages = s3.get_paginator(listing).paginate(Bucket=b, PaginationConfig={"PageSize": 7})
        seen = [o["Key"] for p in pages for o in p["Contents"]]
        assert seen == sorted(keys), seen
    assert s3.get_object(Bucket=b, Key=keys[3])["Body"].read().decode() == keys[3]
    assert s3.head_object(Bucket=b, Key=keys[3])["Metadata"] == {"who": "me"}
    big = os.urandom(17 << 20)
    s3.upload_fileobj(io.BytesIO(big), b, "big")
    out = io.BytesIO(); s3.download_fileobj(b, "big", out)
    assert out.getvalue() == big
    s3.copy({"Bucket": b, "Key": "big"}, b, "big2")
    assert s3.get_object(Bucket=b, Key="big2", Range="bytes=-5")["Body"].read() == big[-5:]
    url = s3.generate_presigned_url("put_object", Params={"Bucket": b, "Key": "pre"}, ExpiresIn=60)
    urllib.request.urlopen(urllib.request.Request(url, data=b"signed", method="PUT"))
    assert s3.get_object(Bucket=b, Key="pre")["Body"].read() == b"signed"
    r = s3.delete_objects(Bucket=b, Delete={"Objects": [{"Key": k} for k in keys]})
    assert len(r["Deleted"]) == 30, r
    try: s3.get_object(Bucket=b, Key=keys[0]); assert False
    except s3.exceptions.NoSuchKey: pass
print("fine")
`;
    expect((await ran(["python3", "-c", script])).out).toBe("fine\n");
  });
});

describe("s3cmd", () => {
  const test = needs(apt("s3cmd"));

  test("makes, puts, lists, syncs, moves, removes", async () => {
    const s3cmd = (...words: string[]): Promise<Ran> => {
      const where = [
        `--host=127.0.0.1:${house.s3d.port}`,
        "--host-bucket=",
        "--no-ssl",
        "--config=/dev/null",
      ];
      const who = [`--access_key=${house.s3d.keyId}`, `--secret_key=${house.s3d.secret}`];
      return ran(["s3cmd", ...where, ...who, ...words]);
    };
    await s3cmd("mb", "s3://cmd-one");
    await s3cmd("put", "small.txt", "s3://cmd-one/a b/small+é.txt");
    await s3cmd("put", "large.bin", "--multipart-chunk-size-mb=5", "s3://cmd-one/large.bin");
    await s3cmd("get", "s3://cmd-one/large.bin", "cmd-back.bin");
    await ran(["cmp", "large.bin", "cmd-back.bin"]);
    await s3cmd("mv", "s3://cmd-one/large.bin", "s3://cmd-one/moved.bin");
    expect((await s3cmd("ls", "-r", "s3://cmd-one")).out).toContain("s3://cmd-one/a b/small+é.txt");
    expect((await s3cmd("info", "s3://cmd-one/moved.bin")).out).toContain("20971520");
    await s3cmd("rb", "--force", "--recursive", "s3://cmd-one");
  });
});

describe("rclone", () => {
  const test = needs(apt("rclone"));

  test("syncs, checks by download, moves on the server, and purges", async () => {
    const rclone = (...words: string[]): Promise<Ran> =>
      ran(["rclone", "--s3-chunk-size", "5M", "--s3-upload-cutoff", "6M", ...words], {
        env: {
          RCLONE_CONFIG_HOUSE_TYPE: "s3",
          RCLONE_CONFIG_HOUSE_PROVIDER: "Other",
          RCLONE_CONFIG_HOUSE_ENV_AUTH: "true",
          RCLONE_CONFIG_HOUSE_ENDPOINT: house.s3d.endpoint,
          RCLONE_CONFIG_HOUSE_FORCE_PATH_STYLE: "true",
        },
      });
    await mkdir(join(house.s3d.files, "rc/ü"), { recursive: true });
    for (let i = 0; i < 12; i++) await writeFile(join(house.s3d.files, `rc/ü/f ${i}`), noise(i * 1000, i));
    await writeFile(join(house.s3d.files, "rc/large"), noise(12 << 20, 9));
    await rclone("mkdir", "house:rclone-one");
    await rclone("sync", "rc", "house:rclone-one/t");
    await rclone("check", "--download", "rc", "house:rclone-one/t");
    await rclone("moveto", "house:rclone-one/t/large", "house:rclone-one/t/renamed");
    expect((await rclone("lsf", "-R", "house:rclone-one")).out).toContain("t/renamed");
    await rclone("purge", "house:rclone-one");
  });
});

describe("restic", () => {
  const test = needs(apt("restic"));

  test("backs up, checks every byte, restores, forgets and prunes", async () => {
    const restic = (...words: string[]): Promise<Ran> =>
      ran(["restic", "-r", `s3:${house.s3d.endpoint}/restic-one`, "-o", "s3.bucket-lookup=path", ...words], {
        env: { RESTIC_PASSWORD: "a test", XDG_CACHE_HOME: house.s3d.files },
      });
    await mkdir(join(house.s3d.files, "backup"), { recursive: true });
    for (let i = 0; i < 5; i++) await writeFile(join(house.s3d.files, `backup/${i}`), noise(500_000, i + 1));
    await restic("init");
    await restic("backup", "backup");
    await writeFile(join(house.s3d.files, "backup/0"), "changed");
    await restic("backup", "backup");
    await restic("check", "--read-data");
    await restic("restore", "latest", "--target", "restored");
    await ran(["diff", "-r", "backup", `restored${house.s3d.files}/backup`]).catch(() =>
      ran(["diff", "-r", "backup", "restored/backup"]),
    );
    await restic("forget", "--keep-last", "1", "--prune");
    await restic("check", "--read-data");
  });
});

describe("curl", () => {
  const test = needs(apt("curl"));

  test("signs by itself: put, get, list, delete", async () => {
    const unsigned = ["-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"];
    const curl = (path: string, ...words: string[]): Promise<Ran> => {
      const who = ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", `${house.s3d.keyId}:${house.s3d.secret}`];
      return ran(["curl", "-sS", "--fail-with-body", ...who, ...words, `${house.s3d.endpoint}${path}`]);
    };
    await curl("/curl-one", "-X", "PUT");
    await curl("/curl-one/a.txt", ...unsigned, "-T", "small.txt");
    await curl("/curl-one/large", ...unsigned, "-T", "large.bin");
    expect((await curl("/curl-one/a.txt")).out).toBe("hello, house\n");
    await curl("/curl-one/large", "-o", "curl-back.bin");
    await ran(["cmp", "large.bin", "curl-back.bin"]);
    expect((await curl("/curl-one?list-type=2&prefix=a")).out).toContain("<Key>a.txt</Key>");
    await curl("/curl-one/a.txt", "-X", "DELETE");
  });
});
