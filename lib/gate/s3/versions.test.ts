import { beforeEach, describe, expect, test } from "bun:test";
import { trialS3, type Got, type TrialS3 } from "./trial-s3.ts";

const s3: { house: TrialS3 } = {} as never;
const ask: TrialS3["ask"] = (what) => s3.house.ask(what);

beforeEach(async () => {
  s3.house = await trialS3();
  await ask({ method: "PUT", target: "/bkt" });
});

const versioning = (status: string): Promise<Got> =>
  ask({
    method: "PUT",
    target: "/bkt?versioning",
    body: `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`,
  });
const put = (key: string, body: string, headers = {}): Promise<Got> =>
  ask({ method: "PUT", target: `/bkt/${key}`, body, headers });
const get = (target: string): Promise<Got> => ask({ target: `/bkt/${target}` });
const remove = (target: string, headers = {}): Promise<Got> =>
  ask({ method: "DELETE", target: `/bkt/${target}`, headers });
const id = (got: Got): string => got.headers["x-amz-version-id"] ?? "";
const all = (text: string, tag: string): string[] =>
  [...text.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, "g"))].map((m) => m[1]!);

test("versioning begins off, is enabled and suspended, and nothing else", async () => {
  expect((await ask({ target: "/bkt?versioning" })).text).not.toContain("Status");
  expect((await versioning("Maybe")).code).toBe("IllegalVersioningConfigurationException");
  expect((await versioning("Enabled")).status).toBe(200);
  expect((await ask({ target: "/bkt?versioning" })).text).toContain("<Status>Enabled</Status>");
  expect((await versioning("Suspended")).status).toBe(200);
});

test("versions are kept, hidden by a marker, shown, and removed one by one", async () => {
  await put("a", "zero");
  await versioning("Enabled");
  const one = id(await put("a", "one"));
  const two = id(await put("a", "two"));
  expect((await get("a?versionId=null")).text).toBe("zero");
  expect((await get(`a?versionId=${one}`)).text).toBe("one");
  const gone = await remove("a");
  expect([gone.status, gone.headers["x-amz-delete-marker"]]).toEqual([204, "true"]);
  const hidden = await get("a");
  expect([hidden.status, hidden.code, hidden.headers["x-amz-delete-marker"]]).toEqual([
    404,
    "NoSuchKey",
    "true",
  ]);
  const marker = await get(`a?versionId=${id(gone)}`);
  expect([marker.status, marker.headers["allow"]]).toEqual([405, "DELETE"]);
  expect((await ask({ target: "/bkt" })).text).not.toContain("<Key>");
  const { text } = await ask({ target: "/bkt?versions" });
  expect(all(text, "VersionId")).toEqual([id(gone), two, one, "null"]);
  expect(all(text, "IsLatest")).toEqual(["true", "false", "false", "false"]);
  expect((await ask({ method: "DELETE", target: "/bkt" })).code).toBe("BucketNotEmpty");
  await remove(`a?versionId=${id(gone)}`);
  expect((await get("a")).text).toBe("two");
  await remove(`a?versionId=${two}`);
  expect((await get("a")).text).toBe("one");
  expect((await get(`a?versionId=${two}`)).code).toBe("NoSuchVersion");
  expect((await get("a?versionId=")).code).toBe("InvalidArgument");
});

for (const size of [1, 2, 3, 1000]) {
  test(`versions in pages of ${size}: each exactly once`, async () => {
    await versioning("Enabled");
    const made: string[] = [];
    for (const key of ["a", "b", "a", "dir/x", "a", "dir/x"]) made.push(id(await put(key, "x")));
    made.push(id(await remove("b")));
    const seen: string[] = [];
    for (let more = "", page = 0; page < 20; page++) {
      const { text } = await ask({ target: `/bkt?versions&max-keys=${size}${more}` });
      seen.push(...all(text, "VersionId"));
      if (!text.includes("<IsTruncated>true")) break;
      const [key, version] = [all(text, "NextKeyMarker")[0]!, all(text, "NextVersionIdMarker")[0]!];
      more = `&key-marker=${encodeURIComponent(key)}&version-id-marker=${version}`;
    }
    expect(seen.toSorted()).toEqual(made.toSorted());
    expect(new Set(seen).size).toBe(seen.length);
  });
}

test("a version marker needs its key marker", async () => {
  expect((await ask({ target: "/bkt?versions&version-id-marker=x" })).code).toBe("InvalidArgument");
});

test("attributes of an object", async () => {
  await put("a", "hello");
  const got = await ask({
    target: "/bkt/a?attributes",
    headers: { "x-amz-object-attributes": "ETag,ObjectSize,Checksum,StorageClass" },
  });
  expect(got.text).toContain("<ETag>5d41402abc4b2a76b9719d911017c592</ETag>");
  expect(got.text).toContain("<ObjectSize>5</ObjectSize>");
  expect(got.text).toContain("<ChecksumType>FULL_OBJECT</ChecksumType>");
  expect(
    (await ask({ target: "/bkt/a?attributes", headers: { "x-amz-object-attributes": "Colour" } })).code,
  ).toBe("InvalidArgument");
});

test("tags of an object, a version and a bucket", async () => {
  const tagging = (tags: readonly (readonly [string, string])[]): string =>
    "<Tagging><TagSet>" +
    tags.map(([k, v]) => `<Tag><Key>${k}</Key><Value>${v}</Value></Tag>`).join("") +
    "</TagSet></Tagging>";
  await versioning("Enabled");
  const one = id(await put("a", "1"));
  await put("a", "2");
  const set = (target: string, body: string): Promise<Got> => ask({ method: "PUT", target, body });
  expect((await set(`/bkt/a?tagging&versionId=${one}`, tagging([["k", "v"]]))).status).toBe(200);
  expect((await get(`a?tagging&versionId=${one}`)).text).toContain("<Key>k</Key><Value>v</Value>");
  expect((await get("a?tagging")).text).not.toContain("<Tag>");
  expect(
    (
      await set(
        "/bkt/a?tagging",
        tagging([
          ["k", "v"],
          ["k", "w"],
        ]),
      )
    ).code,
  ).toBe("InvalidTag");
  const eleven = Array.from({ length: 11 }, (_, i) => [`k${i}`, ""] as const);
  expect((await set("/bkt/a?tagging", tagging(eleven))).code).toBe("BadRequest");
  expect((await ask({ method: "DELETE", target: `/bkt/a?tagging&versionId=${one}` })).status).toBe(204);
  expect((await get(`a?versionId=${one}`)).text).toBe("1");
  expect((await get(`a?tagging&versionId=${one}`)).text).not.toContain("<Tag>");
  expect((await ask({ target: "/bkt?tagging" })).code).toBe("NoSuchTagSet");
  expect((await set("/bkt?tagging", tagging(eleven))).status).toBe(204);
  expect((await ask({ target: "/bkt?tagging" })).text).toContain("<Key>k10</Key>");
});

describe("object lock", () => {
  const day = 86_400_000;
  const on = async (): Promise<void> => {
    await ask({ method: "PUT", target: "/locked", headers: { "x-amz-bucket-object-lock-enabled": "true" } });
  };
  const at = (days: number): string => new Date(s3.house.clock.wall() + days * day).toISOString();
  const lock = (mode: string, days: number) => ({
    "x-amz-object-lock-mode": mode,
    "x-amz-object-lock-retain-until-date": at(days),
  });
  const make = (headers = {}): Promise<Got> =>
    ask({ method: "PUT", target: "/locked/a", body: "x", headers });
  const drop = (version: string, headers = {}, by = s3.house.admin.by): Promise<Got> =>
    ask({ method: "DELETE", target: `/locked/a?versionId=${version}`, headers, by });
  const bypass = { "x-amz-bypass-governance-retention": "true" };

  test("needs to be on, and then keeps versioning", async () => {
    expect((await put("a", "x", lock("GOVERNANCE", 1))).code).toBe("InvalidRequest");
    expect((await ask({ target: "/bkt?object-lock" })).code).toBe("ObjectLockConfigurationNotFoundError");
    await on();
    const body = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    expect((await ask({ method: "PUT", target: "/locked?versioning", body })).code).toBe(
      "InvalidBucketState",
    );
    expect((await ask({ target: "/locked?object-lock" })).text).toContain("<ObjectLockEnabled>Enabled");
  });

  test("COMPLIANCE yields to nobody, until its day", async () => {
    await on();
    const version = id(await make(lock("COMPLIANCE", 1)));
    expect((await drop(version)).status).toBe(403);
    expect((await drop(version, bypass)).status).toBe(403);
    expect((await ask({ method: "DELETE", target: "/locked/a" })).headers["x-amz-delete-marker"]).toBe(
      "true",
    );
    expect((await ask({ target: `/locked/a?versionId=${version}` })).headers["x-amz-object-lock-mode"]).toBe(
      "COMPLIANCE",
    );
    const until = (date: string): string =>
      `<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>${date}</RetainUntilDate></Retention>`;
    const target = `/locked/a?retention&versionId=${version}`;
    expect((await ask({ method: "PUT", target, body: until(at(0.5)), headers: bypass })).status).toBe(403);
    expect((await ask({ method: "PUT", target, body: until(at(2)) })).status).toBe(200);
    expect((await ask({ target })).text).toContain("<Mode>COMPLIANCE</Mode>");
  });

  test("GOVERNANCE yields to who may bypass it and says so", async () => {
    await on();
    const version = id(await make(lock("GOVERNANCE", 1)));
    expect((await drop(version)).status).toBe(403);
    const policy = (action: string) =>
      JSON.stringify({
        Statement: [
          {
            Effect: "Allow",
            Principal: { AWS: "arn:aws:iam::main:user/alice" },
            Action: ["s3:DeleteObjectVersion", action],
            Resource: "arn:aws:s3:::locked/*",
          },
        ],
      });
    await ask({ method: "PUT", target: "/locked?policy", body: policy("s3:GetObject") });
    expect((await drop(version, bypass, s3.house.alice.by)).status).toBe(403);
    await ask({ method: "PUT", target: "/locked?policy", body: policy("s3:BypassGovernanceRetention") });
    expect((await drop(version, bypass, s3.house.alice.by)).status).toBe(204);
  });

  test("a legal hold, a default, and bad asks", async () => {
    await on();
    const rule = "<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule>";
    const enabled = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>";
    const body = `<ObjectLockConfiguration>${enabled}${rule}</ObjectLockConfiguration>`;
    expect((await ask({ method: "PUT", target: "/locked?object-lock", body })).status).toBe(200);
    const version = id(await make());
    expect((await ask({ target: `/locked/a?retention` })).text).toContain("<Mode>GOVERNANCE</Mode>");
    const hold = (status: string): Promise<Got> =>
      ask({
        method: "PUT",
        target: "/locked/a?legal-hold",
        body: `<LegalHold><Status>${status}</Status></LegalHold>`,
      });
    expect((await hold("ON")).status).toBe(200);
    expect((await ask({ target: "/locked/a?legal-hold" })).text).toContain("<Status>ON</Status>");
    expect((await drop(version, bypass)).status).toBe(403);
    await hold("OFF");
    expect((await drop(version, bypass)).status).toBe(204);
    expect((await make(lock("GOVERNANCE", -1))).code).toBe("InvalidArgument");
    expect((await make({ "x-amz-object-lock-mode": "GOVERNANCE" })).code).toBe("InvalidArgument");
    expect((await make({ "x-amz-object-lock-legal-hold": "PERHAPS" })).code).toBe("InvalidArgument");
  });
});
