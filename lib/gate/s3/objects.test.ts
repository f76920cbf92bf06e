import { beforeEach, describe, expect, test } from "bun:test";
import { utf8 } from "../../base/bytes.ts";
import { checksums } from "../../proto/s3/checksum.ts";
import { digestsOf } from "../../store/digests.ts";
import { trialS3, type Got, type TrialS3 } from "./trial-s3.ts";

const s3: { house: TrialS3 } = {} as never;
const ask: TrialS3["ask"] = (what) => s3.house.ask(what);

beforeEach(async () => {
  s3.house = await trialS3();
  await ask({ method: "PUT", target: "/bkt" });
});

const put = (key: string, body: string, headers: Record<string, string> = {}): Promise<Got> =>
  ask({ method: "PUT", target: `/bkt/${key}`, body, headers });
const get = (key: string, headers: Record<string, string> = {}): Promise<Got> =>
  ask({ target: `/bkt/${key}`, headers });
const sum = (name: "md5" | "crc32" | "sha256", body: string): string =>
  digestsOf([name], utf8(body))[name]!.toBase64();

describe("PUT and GET", () => {
  test("gives back bytes, type, metadata, and says ETag and checksum", async () => {
    const made = await put("a.txt", "hello", {
      "content-type": "text/plain",
      "cache-control": "no-store",
      "x-amz-meta-who": "me",
      "x-amz-tagging": "k=v&l=w",
      "content-encoding": "aws-chunked,gzip",
    });
    expect(made.status).toBe(200);
    expect(made.headers["etag"]).toBe('"5d41402abc4b2a76b9719d911017c592"');
    expect(made.headers["x-amz-checksum-crc64nvme"]).toBeDefined();
    const got = await get("a.txt");
    expect(got.text).toBe("hello");
    expect(got.headers).toMatchObject({
      "content-type": "text/plain",
      "cache-control": "no-store",
      "content-encoding": "gzip",
      "x-amz-meta-who": "me",
      "x-amz-tagging-count": "2",
      "accept-ranges": "bytes",
    });
    expect(got.headers["x-amz-checksum-crc64nvme"]).toBeUndefined();
    expect(got.headers["x-amz-version-id"]).toBeUndefined();
    const head = await ask({
      method: "HEAD",
      target: "/bkt/a.txt",
      headers: { "x-amz-checksum-mode": "ENABLED" },
    });
    expect(head.headers).toMatchObject({ "content-length": "5", "x-amz-checksum-type": "FULL_OBJECT" });
    expect(head.body).toBeUndefined();
  });

  test("keys are bytes: dots, slashes, percent signs and the like", async () => {
    for (const key of [
      "a/../b",
      ".",
      "..",
      "a//b",
      "dir/",
      "%2525",
      "a%20b%2Bc",
      "%E2%82%AC",
      "__proto__",
      "%3Fx",
    ]) {
      const made = await put(key, `of ${key}`);
      expect(made.status).toBe(200);
    }
    for (const key of ["a/../b", "..", "dir/", "%2525", "__proto__"])
      expect((await get(key)).text).toBe(`of ${key}`);
    expect((await get("a/b")).code).toBe("NoSuchKey");
  });

  const ranges: readonly [string, number, string, string | undefined][] = [
    ["bytes=0-1", 206, "he", "bytes 0-1/5"],
    ["bytes=3-", 206, "lo", "bytes 3-4/5"],
    ["bytes=-2", 206, "lo", "bytes 3-4/5"],
    ["bytes=-99", 206, "hello", "bytes 0-4/5"],
    ["bytes=0-99", 206, "hello", "bytes 0-4/5"],
    ["bytes=2-1", 200, "hello", undefined],
    ["bytes=0-1,3-4", 200, "hello", undefined],
    ["lines=0-1", 200, "hello", undefined],
    ["bytes=a-b", 200, "hello", undefined],
  ];
  for (const [range, status, text, contentRange] of ranges) {
    test(`${range} is ${status}`, async () => {
      await put("r", "hello");
      const got = await get("r", { range });
      expect([got.status, got.text, got.headers["content-range"]]).toEqual([status, text, contentRange]);
    });
  }

  test("a range past the end, and any of an empty object, is 416", async () => {
    await put("r", "hello");
    await put("e", "");
    for (const [key, size] of [
      ["r", 5],
      ["e", 0],
    ] as const) {
      const got = await get(key, { range: "bytes=5-" });
      expect([got.status, got.code, got.headers["content-range"]]).toEqual([
        416,
        "InvalidRange",
        `bytes */${size}`,
      ]);
    }
  });

  test("conditions of a read, the ETag before the date", async () => {
    const etag = (await put("c", "hello")).headers["etag"]!;
    const past = "Mon, 01 Jan 2001 00:00:00 GMT";
    const future = "Fri, 01 Jan 2100 00:00:00 GMT";
    const cases: readonly [Record<string, string>, number][] = [
      [{ "if-match": etag }, 200],
      [{ "if-match": `"x", ${etag}` }, 200],
      [{ "if-match": "*" }, 200],
      [{ "if-match": '"x"' }, 412],
      [{ "if-match": etag, "if-unmodified-since": past }, 200],
      [{ "if-unmodified-since": past }, 412],
      [{ "if-none-match": etag }, 304],
      [{ "if-none-match": `W/${etag}` }, 304],
      [{ "if-none-match": '"x"', "if-modified-since": future }, 200],
      [{ "if-modified-since": future }, 304],
      [{ "if-modified-since": past }, 200],
      [{ "if-modified-since": "yesterday" }, 200],
    ];
    for (const [headers, status] of cases)
      expect([headers, (await get("c", headers)).status]).toEqual([headers, status]);
    const same = await get("c", { "if-none-match": etag });
    expect(same.headers["etag"]).toBe(etag);
    expect(same.body).toBeUndefined();
  });

  test("overrides of response headers are for the signed, and hold no line ends", async () => {
    await put("o", "hello");
    const got = await get("o?response-content-type=a%2Fb&response-content-disposition=attachment");
    expect(got.headers).toMatchObject({ "content-type": "a/b", "content-disposition": "attachment" });
    expect((await get("o?response-content-type=a%0d%0ax")).code).toBe("InvalidArgument");
  });
});

describe("PUT refuses", () => {
  const cases: readonly [string, Record<string, string>, number, string][] = [
    ["a wrong Content-MD5", { "content-md5": sum("md5", "other") }, 400, "BadDigest"],
    ["a Content-MD5 that is none", { "content-md5": "eee" }, 400, "InvalidDigest"],
    ["a wrong checksum", { "x-amz-checksum-crc32": sum("crc32", "other") }, 400, "BadDigest"],
    ["a checksum that is none", { "x-amz-checksum-crc32": "AAA=" }, 400, "InvalidRequest"],
    [
      "two checksums",
      { "x-amz-checksum-crc32": sum("crc32", "hello"), "x-amz-checksum-sha256": sum("sha256", "hello") },
      400,
      "InvalidRequest",
    ],
    ["an algorithm without its value", { "x-amz-sdk-checksum-algorithm": "CRC32" }, 400, "InvalidRequest"],
    ["too much metadata", { "x-amz-meta-a": "x".repeat(2048) }, 400, "MetadataTooLarge"],
    ["an ETag in If-None-Match", { "if-none-match": '"x"' }, 501, "NotImplemented"],
    ["a tag of AWS's", { "x-amz-tagging": "aws:a=b" }, 400, "InvalidTag"],
  ];
  for (const [what, headers, status, code] of cases) {
    test(what, async () => {
      const got = await put("k", "hello", headers);
      expect([got.status, got.code]).toEqual([status, code]);
      expect((await get("k")).code).toBe("NoSuchKey");
    });
  }

  test("a body that is not what was signed", async () => {
    const payload = digestsOf(["sha256"], utf8("other")).sha256!.toHex();
    const got = await ask({ method: "PUT", target: "/bkt/k", body: "hello", payload });
    expect(got.code).toBe("XAmzContentSHA256Mismatch");
  });

  test("a key over 1024 bytes", async () => {
    expect((await put("é".repeat(513).replaceAll("é", "%C3%A9"), "x")).code).toBe("KeyTooLongError");
    expect((await put("x".repeat(1024), "x")).status).toBe(200);
  });
});

test("right checksums of every kind are kept and told", async () => {
  for (const name of checksums.map((one) => one.name)) {
    const value = digestsOf([name], utf8("hello"))[name]!.toBase64();
    const header = `x-amz-checksum-${name}`;
    expect((await put(name, "hello", { [header]: value })).headers[header]).toBe(value);
    const got = await get(name, { "x-amz-checksum-mode": "ENABLED" });
    expect(got.headers[header]).toBe(value);
    expect(Object.keys(got.headers).filter((h) => h.startsWith("x-amz-checksum-"))).toEqual([
      header,
      "x-amz-checksum-type",
    ]);
  }
});

describe("conditional writes", () => {
  test("If-None-Match: * makes once; If-Match replaces what was read", async () => {
    const none = { "if-none-match": "*" };
    const first = await put("w", "1", none);
    expect(first.status).toBe(200);
    expect((await put("w", "2", none)).status).toBe(412);
    expect((await put("w", "2", { "if-match": '"x"' })).status).toBe(412);
    expect((await put("w", "2", { "if-match": first.headers["etag"]! })).status).toBe(200);
    expect((await put("absent", "2", { "if-match": '"x"' })).status).toBe(404);
    expect((await get("w")).text).toBe("2");
  });

  test("of sixteen at once one wins", async () => {
    const all = await Promise.all(
      Array.from({ length: 16 }, (_, i) => put("x", String(i), { "if-none-match": "*" })),
    );
    expect(all.filter((got) => got.status === 200)).toHaveLength(1);
    expect(all.filter((got) => got.status === 412)).toHaveLength(15);
  });

  test("DELETE takes If-Match", async () => {
    await put("d", "1");
    expect((await ask({ method: "DELETE", target: "/bkt/d", headers: { "if-match": '"x"' } })).status).toBe(
      412,
    );
    expect((await ask({ method: "DELETE", target: "/bkt/d", headers: { "if-match": "*" } })).status).toBe(
      204,
    );
  });
});

describe("copy", () => {
  const copy = (to: string, source: string, headers: Record<string, string> = {}): Promise<Got> =>
    ask({ method: "PUT", target: `/bkt/${to}`, headers: { "x-amz-copy-source": source, ...headers } });

  test("keeps the metadata, or replaces it", async () => {
    await put("s?x".replace("?", "%3F"), "hello", { "x-amz-meta-a": "1", "content-type": "text/a" });
    const kept = await copy("t", "/bkt/s%3Fx");
    expect(kept.status).toBe(200);
    expect(kept.text).toContain("<CopyObjectResult");
    expect((await get("t")).headers).toMatchObject({ "x-amz-meta-a": "1", "content-type": "text/a" });
    await copy("t", "bkt/s%3Fx", { "x-amz-metadata-directive": "REPLACE", "x-amz-meta-b": "2" });
    const replaced = await get("t");
    expect(replaced.headers["x-amz-meta-a"]).toBeUndefined();
    expect(replaced.headers["x-amz-meta-b"]).toBe("2");
    expect(replaced.text).toBe("hello");
  });

  test("refusals", async () => {
    await put("s", "hello");
    expect((await copy("s", "/bkt/s")).code).toBe("InvalidRequest");
    expect((await copy("t", "/bkt/none")).code).toBe("NoSuchKey");
    expect((await copy("t", "/none/s")).code).toBe("NoSuchBucket");
    expect((await copy("t", "bkt")).code).toBe("InvalidArgument");
    expect((await copy("t", "/bkt/s", { "x-amz-copy-source-if-match": '"x"' })).code).toBe(
      "PreconditionFailed",
    );
    expect((await copy("t", "/bkt/s", { "x-amz-metadata-directive": "MAYBE" })).code).toBe("InvalidArgument");
  });
});

test("DeleteObjects deletes each, quietly if asked, and needs a digest", async () => {
  await put("a", "1");
  await put("b&<", "1");
  const object = (key: string): string => `<Object><Key>${key}</Key></Object>`;
  const body = `<Delete>${object("a")}${object("b&amp;&lt;")}</Delete>`;
  const send = (
    text: string,
    headers: Record<string, string> = { "content-md5": sum("md5", text) },
  ): Promise<Got> => ask({ method: "POST", target: "/bkt?delete", body: text, headers });
  expect((await send(body, {})).code).toBe("InvalidRequest");
  expect((await send(body, { "content-md5": sum("md5", "x") })).code).toBe("BadDigest");
  expect((await send("<Delete></Delete>")).code).toBe("MalformedXML");
  expect((await send(`<!DOCTYPE x><Delete/>`)).code).toBe("MalformedXML");
  const done = await send(body);
  expect(done.text).toContain("<Deleted><Key>a</Key></Deleted><Deleted><Key>b&amp;&lt;</Key></Deleted>");
  expect((await get("a")).code).toBe("NoSuchKey");
  expect((await send(body.replace("<Delete>", "<Delete><Quiet>true</Quiet>"))).text).not.toContain(
    "Deleted>",
  );
});
