import { expect, test } from "bun:test";
import { trialS3, type TrialS3 } from "./trial-s3.ts";

async function house(): Promise<TrialS3["ask"]> {
  const { ask } = await trialS3();
  await ask({ method: "PUT", target: "/bkt" });
  return ask;
}

const fill = async (ask: TrialS3["ask"], keys: readonly string[]): Promise<void> => {
  for (const key of keys) await ask({ method: "PUT", target: `/bkt/${encodeURIComponent(key)}`, body: "x" });
};
const all = (text: string, tag: string): string[] =>
  [...text.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, "g"))].map((m) => m[1]!);

test("a bucket is made once, found, told of, and removed when empty", async () => {
  const ask = await house();
  expect((await ask({ method: "PUT", target: "/bkt" })).code).toBe("BucketAlreadyOwnedByYou");
  expect((await ask({ method: "PUT", target: "/Bad" })).code).toBe("InvalidBucketName");
  const head = await ask({ method: "HEAD", target: "/bkt" });
  expect([head.status, head.headers["x-amz-bucket-region"]]).toEqual([200, "us-east-1"]);
  expect((await ask({ target: "/bkt?location" })).text).toContain("<LocationConstraint");
  expect(all((await ask({ target: "/" })).text, "Name")).toEqual(["bkt"]);
  await fill(ask, ["a"]);
  expect((await ask({ method: "DELETE", target: "/bkt" })).code).toBe("BucketNotEmpty");
  await ask({ method: "DELETE", target: "/bkt/a" });
  expect((await ask({ method: "DELETE", target: "/bkt" })).status).toBe(204);
  expect((await ask({ target: "/bkt" })).code).toBe("NoSuchBucket");
  expect((await ask({ method: "HEAD", target: "/bkt" })).status).toBe(404);
});

test("a bucket's region is ours or refused", async () => {
  const ask = await house();
  const body = (region: string): string =>
    '<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    `<LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
  expect((await ask({ method: "PUT", target: "/bucket2", body: body("us-east-1") })).status).toBe(200);
  expect((await ask({ method: "PUT", target: "/bucket3", body: body("mars-1") })).code).toBe(
    "InvalidLocationConstraint",
  );
  expect((await ask({ method: "PUT", target: "/bucket3", body: "<a" })).code).toBe("MalformedXML");
});

test("a bucket is found by its host name", async () => {
  const ask = await house();
  const host = { host: "bkt.s3.test:9000" };
  expect((await ask({ method: "PUT", target: "/k", headers: host, body: "x" })).status).toBe(200);
  expect((await ask({ target: "/bkt/k" })).text).toBe("x");
  expect(all((await ask({ target: "/", headers: host })).text, "Key")).toEqual(["k"]);
});

const keys = [
  "a",
  "a/1",
  "a/2/x",
  "a:b",
  "b/1",
  "b/2",
  "c",
  "d/",
  "d/e",
  "é",
  "z\u{1F600}",
  "z\uFFFD",
  " s+p%",
];

for (const version of [1, 2]) {
  for (const size of [1, 2, 3, 1000]) {
    for (const delimiter of ["", "/"]) {
      test(`V${version}, pages of ${size}, delimiter "${delimiter}": each exactly once`, async () => {
        const ask = await house();
        await fill(ask, keys);
        const seen: string[] = [];
        let more = "";
        for (let page = 0; page < 50; page++) {
          const type = version === 2 ? "list-type=2&" : "";
          const { text } = await ask({
            target: `/bkt?${type}max-keys=${size}&delimiter=${delimiter}&encoding-type=url${more}`,
          });
          const got = [...all(text, "Key"), ...all(text, "CommonPrefixes><Prefix").concat(prefixes(text))];
          expect(got.length).toBeLessThanOrEqual(size);
          seen.push(...got.map((k) => decodeURIComponent(k)));
          if (!text.includes("<IsTruncated>true")) break;
          const token = all(text, "NextContinuationToken")[0];
          const marker = all(text, "NextMarker")[0] ?? all(text, "Key").at(-1);
          more = version === 2 ? `&continuation-token=${encodeURIComponent(token!)}` : `&marker=${marker}`;
        }
        const expected = delimiter
          ? [...new Set(keys.map((k) => (k.includes("/") ? k.slice(0, k.indexOf("/") + 1) : k)))]
          : keys;
        expect(seen.toSorted()).toEqual(expected.toSorted());
      });
    }
  }
}

const prefixes = (text: string): string[] =>
  [...text.matchAll(/<CommonPrefixes><Prefix>([^<]*)</g)].map((m) => m[1]!);

test("a listing's arguments are checked", async () => {
  const ask = await house();
  await fill(ask, ["a", "b"]);
  const code = async (query: string): Promise<string> => (await ask({ target: `/bkt?${query}` })).code;
  expect(await code("max-keys=-1")).toBe("InvalidArgument");
  expect(await code("max-keys=ten")).toBe("InvalidArgument");
  expect(await code("encoding-type=xml")).toBe("InvalidArgument");
  expect(await code("list-type=2&continuation-token=nonsense")).toBe("InvalidArgument");
  const none = await ask({ target: "/bkt?list-type=2&max-keys=0" });
  expect(none.text).toContain("<KeyCount>0</KeyCount><MaxKeys>0</MaxKeys><IsTruncated>false");
  const first = await ask({ target: "/bkt?list-type=2&max-keys=1" });
  const token = encodeURIComponent(all(first.text, "NextContinuationToken")[0]!);
  expect(await code(`list-type=2&prefix=a&continuation-token=${token}`)).toBe("InvalidArgument");
  expect((await ask({ target: "/bkt?list-type=2" })).text).not.toContain("<Owner>");
  expect((await ask({ target: "/bkt?list-type=2&fetch-owner=true" })).text).toContain("<Owner>");
  expect(all((await ask({ target: "/bkt?list-type=2&start-after=a" })).text, "Key")).toEqual(["b"]);
});

test("what is not served is 501, never something else", async () => {
  const ask = await house();
  await fill(ask, ["a"]);
  for (const target of [
    "/bkt?torrent",
    "/bkt/a?torrent",

    "/bkt?session",
    "/bkt/a?renameObject",
  ]) {
    for (const method of ["GET", "PUT", "DELETE", "POST"]) {
      expect([target, method, (await ask({ target, method })).status]).toEqual([target, method, 501]);
    }
  }
  expect((await ask({ target: "/bkt/a" })).text).toBe("x");
  expect((await ask({ target: "/bkt/a", method: "PATCH" })).code).toBe("MethodNotAllowed");
});
