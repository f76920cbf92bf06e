import { beforeEach, expect, test } from "bun:test";
import { trialS3, type Got, type TrialS3 } from "./trial-s3.ts";

const s3: { house: TrialS3 } = {} as never;
const ask: TrialS3["ask"] = (what) => s3.house.ask(what);

beforeEach(async () => {
  s3.house = await trialS3();
  await ask({ method: "PUT", target: "/bkt" });
});

const tagOf = (text: string, tag: string): string =>
  new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(text)?.[1] ?? "";

async function begin(key: string, headers: Record<string, string> = {}): Promise<string> {
  return tagOf((await ask({ method: "POST", target: `/bkt/${key}?uploads`, headers })).text, "UploadId");
}
const part = (key: string, id: string, number: number, body: string, headers = {}): Promise<Got> =>
  ask({ method: "PUT", target: `/bkt/${key}?partNumber=${number}&uploadId=${id}`, body, headers });
const list = (etags: readonly (readonly [number, string])[]): string =>
  `<CompleteMultipartUpload>${etags
    .map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`)
    .join("")}</CompleteMultipartUpload>`;
const complete = (key: string, id: string, body: string, headers = {}): Promise<Got> =>
  ask({ method: "POST", target: `/bkt/${key}?uploadId=${id}`, body, headers });

test("parts become one object, which is read whole, by range and by part", async () => {
  const id = await begin("m", { "content-type": "a/b", "x-amz-meta-k": "v" });
  const two = (await part("m", id, 2, "world")).headers["etag"]!;
  const one = (await part("m", id, 1, "hello ")).headers["etag"]!;
  const listed = await ask({ target: `/bkt/m?uploadId=${id}` });
  expect(listed.text).toContain("<PartNumber>1</PartNumber>");
  expect(listed.text).toContain("<ChecksumType>FULL_OBJECT</ChecksumType>");
  const done = await complete(
    "m",
    id,
    list([
      [1, one],
      [2, two],
    ]),
    { "x-amz-mp-object-size": "11" },
  );
  expect(done.status).toBe(200);
  expect(tagOf(done.text, "ETag")).toMatch(/^&quot;[0-9a-f]{32}-2&quot;$/);
  const got = await ask({ target: "/bkt/m" });
  expect(got.text).toBe("hello world");
  expect(got.headers).toMatchObject({ "content-type": "a/b", "x-amz-meta-k": "v" });
  const second = await ask({ target: "/bkt/m?partNumber=2" });
  expect([second.status, second.text, second.headers["x-amz-mp-parts-count"]]).toEqual([206, "world", "2"]);
  expect((await ask({ target: "/bkt/m?partNumber=3" })).status).toBe(416);
  expect((await ask({ target: "/bkt/m?partNumber=1", headers: { range: "bytes=0-1" } })).status).toBe(400);
  const again = await complete(
    "m",
    id,
    list([
      [1, one],
      [2, two],
    ]),
  );
  expect(tagOf(again.text, "ETag")).toBe(tagOf(done.text, "ETag"));
});

test("a completion that cannot be leaves upload and old object alone", async () => {
  await ask({ method: "PUT", target: "/bkt/m", body: "old" });
  const id = await begin("m");
  const one = (await part("m", id, 1, "hi")).headers["etag"]!;
  const two = (await part("m", id, 2, "world")).headers["etag"]!;
  const refusals: readonly [string, string][] = [
    [
      list([
        [1, one],
        [2, two],
      ]),
      "EntityTooSmall",
    ],
    [
      list([
        [2, two],
        [1, one],
      ]),
      "InvalidPartOrder",
    ],
    [list([[2, '"00000000000000000000000000000000"']]), "InvalidPart"],
    [list([[3, two]]), "InvalidPart"],
    [list([]), "MalformedXML"],
    ["<Complete", "MalformedXML"],
  ];
  for (const [body, code] of refusals) expect((await complete("m", id, body)).code).toBe(code);
  expect((await complete("m", id, list([[2, two]]), { "x-amz-mp-object-size": "9" })).code).toBe(
    "InvalidRequest",
  );
  expect((await complete("m", id, list([[2, two]]), { "if-none-match": "*" })).code).toBe(
    "PreconditionFailed",
  );
  expect((await ask({ target: "/bkt/m" })).text).toBe("old");
  expect((await complete("m", id, list([[2, two]]))).status).toBe(200);
  expect((await ask({ target: "/bkt/m" })).text).toBe("world");
});

test("an upload's id is of its bucket and key alone", async () => {
  await ask({ method: "PUT", target: "/other" });
  const id = await begin("m");
  for (const target of [
    `/bkt/n?uploadId=${id}`,
    `/other/m?uploadId=${id}`,
    "/bkt/m?uploadId=none",
    "/bkt/m?uploadId=",
  ]) {
    for (const [method, more, body] of [
      ["PUT", "&partNumber=1", "x"],
      ["GET", "", ""],
      ["DELETE", "", ""],
      ["POST", "", list([[1, "x"]])],
    ] as const) {
      expect([method, target, (await ask({ method, target: target + more, body })).code]).toEqual([
        method,
        target,
        "NoSuchUpload",
      ]);
    }
  }
});

test("a part's number is 1 to 10,000", async () => {
  const id = await begin("m");
  for (const number of [0, 10_001, -1])
    expect((await part("m", id, number, "x")).code).toBe("InvalidArgument");
  expect((await part("m", id, 10_000, "x")).status).toBe(200);
});

test("an aborted upload is gone; uploads are listed by prefix and page", async () => {
  const ids = [await begin("a/1"), await begin("a/1"), await begin("b")];
  const seen: string[] = [];
  let more = "";
  for (let page = 0; page < 5; page++) {
    const { text } = await ask({ target: `/bkt?uploads&max-uploads=1${more}` });
    seen.push(tagOf(text, "UploadId"));
    if (!text.includes("<IsTruncated>true")) break;
    const key = encodeURIComponent(tagOf(text, "NextKeyMarker"));
    more = `&key-marker=${key}&upload-id-marker=${tagOf(text, "NextUploadIdMarker")}`;
  }
  expect(seen.toSorted()).toEqual(ids.toSorted());
  expect((await ask({ target: "/bkt?uploads&prefix=b" })).text).not.toContain("a/1");
  expect((await ask({ target: "/bkt?uploads&delimiter=/" })).text).toContain(
    "<CommonPrefixes><Prefix>a/</Prefix>",
  );
  expect((await ask({ method: "DELETE", target: `/bkt/b?uploadId=${ids[2]}` })).status).toBe(204);
  expect((await part("b", ids[2]!, 1, "x")).code).toBe("NoSuchUpload");
});

test("a part can be a range of another object", async () => {
  await ask({ method: "PUT", target: "/bkt/s", body: "0123456789" });
  const id = await begin("m");
  const copy = (number: number, headers: Record<string, string>): Promise<Got> =>
    part("m", id, number, "", { "x-amz-copy-source": "/bkt/s", ...headers });
  const one = await copy(1, { "x-amz-copy-source-range": "bytes=2-7" });
  expect(one.text).toContain("<CopyPartResult");
  const two = await copy(2, {});
  expect((await copy(3, { "x-amz-copy-source-range": "bytes=2-10" })).code).toBe("InvalidArgument");
  expect((await copy(3, { "x-amz-copy-source-range": "bytes=2-" })).code).toBe("InvalidArgument");
  const etags = [one, two].map((got) => tagOf(got.text, "ETag"));
  expect(
    (
      await complete(
        "m",
        id,
        list([
          [1, etags[0]!],
          [2, etags[1]!],
        ]),
      )
    ).status,
  ).toBe(200);
  expect((await ask({ target: "/bkt/m" })).text).toBe("2345670123456789");
});

test("a completion may say what the object's own checksum must be", async () => {
  const id = await begin("w", { "x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-type": "FULL_OBJECT" });
  const one = await part("w", id, 1, "123456789");
  const say = (value: string, more: Record<string, string> = {}): Promise<Got> =>
    ask({
      method: "POST",
      target: `/bkt/w?uploadId=${id}`,
      body: list([[1, one.headers["etag"]!]]),
      headers: { "x-amz-checksum-crc32": value, ...more },
    });
  expect((await say("AAAAAA==")).code).toBe("BadDigest");
  expect((await say("nonsense")).code).toBe("InvalidRequest");
  expect((await say("y/Q5Jg==", { "x-amz-checksum-type": "COMPOSITE" })).code).toBe("InvalidRequest");
  expect((await ask({ target: "/bkt/w" })).code).toBe("NoSuchKey");
  const done = await say("y/Q5Jg==", { "x-amz-checksum-type": "FULL_OBJECT" });
  expect(tagOf(done.text, "ChecksumCRC32")).toBe("y/Q5Jg==");
});

test("composite checksums are of the parts", async () => {
  const id = await begin("m", { "x-amz-checksum-algorithm": "SHA256" });
  const one = await part("m", id, 1, "hello");
  expect(one.headers["x-amz-checksum-sha256"]).toBeDefined();
  const done = await complete("m", id, list([[1, one.headers["etag"]!]]));
  expect(tagOf(done.text, "ChecksumSHA256")).toEndWith("-1");
  expect(tagOf(done.text, "ChecksumType")).toBe("COMPOSITE");
  const wrong = { "x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-type": "FULL_OBJECT" };
  expect((await ask({ method: "POST", target: "/bkt/n?uploads", headers: wrong })).code).toBe(
    "InvalidRequest",
  );
});
