import { beforeEach, describe, expect, test } from "bun:test";
import { base64, utf8 } from "../../base/bytes.ts";
import { must } from "../../base/result.ts";
import { asUnixMs } from "../../base/time.ts";
import { hmacSha1 } from "../../crypto/hash.ts";
import { operationNames, type OperationName } from "../../proto/s3/operation-table.ts";
import { readOperation } from "../../proto/s3/operation.ts";
import { presign, signRequest, type Credentials } from "../../proto/s3/sign.ts";
import { readTarget } from "../../proto/s3/target.ts";
import { houseActor } from "../../rules/identity.ts";
import { digestsOf } from "../../store/digests.ts";
import { authority } from "./authority.ts";
import { formOf, trialS3, type Ask, type Got, type TrialS3 } from "./trial-s3.ts";

const s3: { house: TrialS3 } = {} as never;
const ask: TrialS3["ask"] = (what) => s3.house.ask(what);

beforeEach(async () => {
  s3.house = await trialS3();
  await ask({ method: "PUT", target: "/bkt" });
  await ask({ method: "PUT", target: "/bkt/k", body: "hello" });
});

/** One request for every operation: a new operation without one fails the test below. */
const requests: Readonly<Record<OperationName, Ask>> = {
  ListBuckets: { target: "/" },
  CreateBucket: { method: "PUT", target: "/new-one" },
  HeadBucket: { method: "HEAD", target: "/bkt" },
  DeleteBucket: { method: "DELETE", target: "/bkt" },
  GetBucketLocation: { target: "/bkt?location" },
  GetBucketVersioning: { target: "/bkt?versioning" },
  PutBucketVersioning: { method: "PUT", target: "/bkt?versioning", body: "<a/>" },
  GetObjectLockConfiguration: { target: "/bkt?object-lock" },
  PutObjectLockConfiguration: { method: "PUT", target: "/bkt?object-lock", body: "<a/>" },
  GetBucketTagging: { target: "/bkt?tagging" },
  PutBucketTagging: { method: "PUT", target: "/bkt?tagging", body: "<a/>" },
  DeleteBucketTagging: { method: "DELETE", target: "/bkt?tagging" },
  GetBucketPolicy: { target: "/bkt?policy" },
  PutBucketPolicy: { method: "PUT", target: "/bkt?policy", body: "{}" },
  DeleteBucketPolicy: { method: "DELETE", target: "/bkt?policy" },
  GetBucketPolicyStatus: { target: "/bkt?policyStatus" },
  GetBucketAcl: { target: "/bkt?acl" },
  PutBucketAcl: { method: "PUT", target: "/bkt?acl", headers: { "x-amz-acl": "public-read" } },
  GetBucketCors: { target: "/bkt?cors" },
  PutBucketCors: { method: "PUT", target: "/bkt?cors", body: "<a/>" },
  DeleteBucketCors: { method: "DELETE", target: "/bkt?cors" },
  GetBucketLifecycle: { target: "/bkt?lifecycle" },
  PutBucketLifecycle: { method: "PUT", target: "/bkt?lifecycle", body: "<a/>" },
  DeleteBucketLifecycle: { method: "DELETE", target: "/bkt?lifecycle" },
  GetBucketWebsite: { target: "/bkt?website" },
  GetPublicAccessBlock: { target: "/bkt?publicAccessBlock" },
  PutPublicAccessBlock: { method: "PUT", target: "/bkt?publicAccessBlock", body: "<a/>" },
  DeletePublicAccessBlock: { method: "DELETE", target: "/bkt?publicAccessBlock" },
  GetBucketOwnershipControls: { target: "/bkt?ownershipControls" },
  PutBucketOwnershipControls: { method: "PUT", target: "/bkt?ownershipControls", body: "<a/>" },
  DeleteBucketOwnershipControls: { method: "DELETE", target: "/bkt?ownershipControls" },
  GetBucketNotification: { target: "/bkt?notification" },
  PutBucketNotification: { method: "PUT", target: "/bkt?notification", body: "<a/>" },
  GetBucketEncryption: { target: "/bkt?encryption" },
  PutBucketEncryption: { method: "PUT", target: "/bkt?encryption", body: "<a/>" },
  DeleteBucketEncryption: { method: "DELETE", target: "/bkt?encryption" },
  GetBucketReplication: { target: "/bkt?replication" },
  PutBucketReplication: { method: "PUT", target: "/bkt?replication", body: "<a/>" },
  DeleteBucketReplication: { method: "DELETE", target: "/bkt?replication" },
  PutBucketWebsite: { method: "PUT", target: "/bkt?website", body: "<a/>" },
  DeleteBucketWebsite: { method: "DELETE", target: "/bkt?website" },
  PutBucketLogging: { method: "PUT", target: "/bkt?logging", body: "<a/>" },
  PutBucketRequestPayment: { method: "PUT", target: "/bkt?requestPayment", body: "<a/>" },
  PutBucketAccelerate: { method: "PUT", target: "/bkt?accelerate", body: "<a/>" },
  GetBucketMetrics: { target: "/bkt?metrics" },
  PutBucketMetrics: { method: "PUT", target: "/bkt?metrics&id=a", body: "<a/>" },
  DeleteBucketMetrics: { method: "DELETE", target: "/bkt?metrics&id=a" },
  GetBucketAnalytics: { target: "/bkt?analytics" },
  PutBucketAnalytics: { method: "PUT", target: "/bkt?analytics&id=a", body: "<a/>" },
  DeleteBucketAnalytics: { method: "DELETE", target: "/bkt?analytics&id=a" },
  GetBucketIntelligentTiering: { target: "/bkt?intelligent-tiering" },
  PutBucketIntelligentTiering: { method: "PUT", target: "/bkt?intelligent-tiering&id=a", body: "<a/>" },
  DeleteBucketIntelligentTiering: { method: "DELETE", target: "/bkt?intelligent-tiering&id=a" },
  GetBucketInventory: { target: "/bkt?inventory" },
  PutBucketInventory: { method: "PUT", target: "/bkt?inventory&id=a", body: "<a/>" },
  DeleteBucketInventory: { method: "DELETE", target: "/bkt?inventory&id=a" },
  GetBucketLogging: { target: "/bkt?logging" },
  GetBucketRequestPayment: { target: "/bkt?requestPayment" },
  GetBucketAccelerate: { target: "/bkt?accelerate" },
  ListObjectVersions: { target: "/bkt?versions" },
  PostObject: {
    method: "POST",
    target: "/bkt",
    headers: { "content-type": "multipart/form-data; boundary=b" },
    body: formOf({ key: "k" }, "x"),
  },
  SelectObjectContent: { method: "POST", target: "/bkt/k?select&select-type=2", body: "<a/>" },
  GetObjectAttributes: { target: "/bkt/k?attributes", headers: { "x-amz-object-attributes": "ETag" } },
  GetObjectTagging: { target: "/bkt/k?tagging" },
  PutObjectTagging: { method: "PUT", target: "/bkt/k?tagging", body: "<a/>" },
  DeleteObjectTagging: { method: "DELETE", target: "/bkt/k?tagging" },
  GetObjectAcl: { target: "/bkt/k?acl" },
  PutObjectAcl: { method: "PUT", target: "/bkt/k?acl", headers: { "x-amz-acl": "private" } },
  GetObjectRetention: { target: "/bkt/k?retention" },
  PutObjectRetention: { method: "PUT", target: "/bkt/k?retention", body: "<a/>" },
  GetObjectLegalHold: { target: "/bkt/k?legal-hold" },
  PutObjectLegalHold: { method: "PUT", target: "/bkt/k?legal-hold", body: "<a/>" },
  ListObjects: { target: "/bkt" },
  ListObjectsV2: { target: "/bkt?list-type=2" },
  ListMultipartUploads: { target: "/bkt?uploads" },
  DeleteObjects: {
    method: "POST",
    target: "/bkt?delete",
    body: "<Delete><Object><Key>k</Key></Object></Delete>",
    headers: {
      "content-md5": digestsOf(
        ["md5"],
        utf8("<Delete><Object><Key>k</Key></Object></Delete>"),
      ).md5!.toBase64(),
    },
  },
  PutObject: { method: "PUT", target: "/bkt/k", body: "x" },
  CopyObject: { method: "PUT", target: "/bkt/l", headers: { "x-amz-copy-source": "/bkt/k" } },
  GetObject: { target: "/bkt/k" },
  HeadObject: { method: "HEAD", target: "/bkt/k" },
  DeleteObject: { method: "DELETE", target: "/bkt/k" },
  CreateMultipartUpload: { method: "POST", target: "/bkt/k?uploads" },
  UploadPart: { method: "PUT", target: "/bkt/k?partNumber=1&uploadId=x", body: "x" },
  UploadPartCopy: {
    method: "PUT",
    target: "/bkt/k?partNumber=1&uploadId=x",
    headers: { "x-amz-copy-source": "/bkt/k" },
  },
  ListParts: { target: "/bkt/k?uploadId=x" },
  CompleteMultipartUpload: { method: "POST", target: "/bkt/k?uploadId=x", body: "<a/>" },
  AbortMultipartUpload: { method: "DELETE", target: "/bkt/k?uploadId=x" },
};

describe("every operation", () => {
  for (const name of operationNames) {
    const what = requests[name];
    test(`${name} is what its request is read as`, () => {
      const read = readTarget(what.target);
      if (!read.ok) throw new Error("unread");
      const target = read.value;
      const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/.exec(target.path)!;
      const copies = what.headers?.["x-amz-copy-source"] !== undefined;
      const operation = readOperation(what.method ?? "GET", { bucket, key }, target.query, copies);
      expect(operation.ok && operation.value.name).toBe(name);
    });

    for (const who of ["a stranger", "another user"] as const) {
      test(`${name} is refused to ${who}, and nothing changes`, async () => {
        const by = who === "a stranger" ? "nobody" : s3.house.alice.by;
        const got = await ask({ ...what, by });
        if (name === "ListBuckets" && who === "another user") expect(got.text).not.toContain("bkt");
        else if (name === "DeleteObjects") expect(got.text).toContain("<Code>AccessDenied</Code>");
        else expect(got.status).toBe(403);
        expect((await ask({ target: "/bkt/k" })).text).toBe("hello");
        expect((await ask({ method: "HEAD", target: "/new-one" })).status).toBe(404);
      });
    }
  }

  test("has a line of authority that names S3's permission", () => {
    for (const name of operationNames) expect(authority[name].action).toMatch(/^s3:[A-Z]/);
  });
});

describe("grants", () => {
  const grant = async (
    verbs: readonly string[],
    prefix: string,
    effect: "allow" | "deny" = "allow",
  ): Promise<void> => {
    const who = { user: s3.house.alice.user.id };
    const rest = { tenant: "main", effect, who, bucket: "bkt", prefix };
    must(await s3.house.identities.addGrant(houseActor, { ...rest, verbs: verbs as never }));
  };
  const alice = (what: Ask): Promise<Got> => ask({ ...what, by: s3.house.alice.by });

  test("hold for their prefix alone", async () => {
    await grant(["object.read", "object.write", "object.list"], "team/");
    expect((await alice({ method: "PUT", target: "/bkt/team/a", body: "1" })).status).toBe(200);
    expect((await alice({ target: "/bkt/team/a" })).text).toBe("1");
    expect((await alice({ target: "/bkt?prefix=team/" })).text).toContain("<Key>team/a</Key>");
    expect((await alice({ target: "/bkt" })).status).toBe(403);
    expect((await alice({ target: "/bkt?prefix=tea" })).status).toBe(403);
    expect((await alice({ target: "/bkt/k" })).status).toBe(403);
    expect((await alice({ method: "DELETE", target: "/bkt/team/a" })).status).toBe(403);
  });

  test("a denial beats every permission", async () => {
    await grant(["object.read"], "");
    await grant(["object.read"], "k", "deny");
    expect((await alice({ target: "/bkt/k" })).status).toBe(403);
  });

  test("a missing key is 404 only for those who may list", async () => {
    await grant(["object.read"], "");
    expect((await alice({ target: "/bkt/none" })).code).toBe("AccessDenied");
    await grant(["object.list"], "");
    expect((await alice({ target: "/bkt/none" })).code).toBe("NoSuchKey");
  });

  test("a copy needs the source read and the destination written", async () => {
    const copy = { method: "PUT", target: "/bkt/team/c", headers: { "x-amz-copy-source": "/bkt/k" } };
    await grant(["object.write"], "team/");
    expect((await alice(copy)).status).toBe(403);
    await grant(["object.read"], "k");
    expect((await alice(copy)).status).toBe(200);
  });

  test("a version needs its own permission", async () => {
    await grant(["object.read", "object.list", "object.delete"], "");
    expect((await alice({ target: "/bkt/k" })).status).toBe(200);
    expect((await alice({ target: "/bkt/k?versionId=null" })).status).toBe(403);
    expect((await alice({ method: "DELETE", target: "/bkt/k?versionId=null" })).status).toBe(403);
  });
});

describe("signatures", () => {
  const status = async (what: Ask): Promise<string> => {
    const got = await ask(what);
    return got.code || String(got.status);
  };
  const send = async (target: string, headers: Record<string, string>, method = "GET"): Promise<string> => {
    const got = await s3.house.exchange({
      method,
      target,
      headers: new Map(Object.entries(headers)),
      address: "",
      secure: false,
      length: 0,
      body: (async function* () {})(),
    });
    const text = typeof got.body === "string" ? got.body : "";
    return /<Code>(\w+)/.exec(text)?.[1] ?? String(got.status);
  };
  const admin = (): Credentials => s3.house.admin.by;
  const signed = (more: Partial<Credentials> = {}, headers = {}, at = s3.house.clock.wall()) =>
    signRequest(
      { method: "GET", target: "/bkt/k", headers: { host: "h", ...headers } },
      { ...admin(), ...more },
      at,
    );

  test("a wrong secret, an unknown key, another region", async () => {
    expect(await send("/bkt/k", signed())).toBe("200");
    expect(await send("/bkt/k", signed({ secret: "x" }))).toBe("SignatureDoesNotMatch");
    expect(await send("/bkt/k", signed({ keyId: "AKIA0000000000000000" }))).toBe("InvalidAccessKeyId");
    expect(await send("/bkt/k", signed({ region: "eu-west-1" }))).toBe("AuthorizationHeaderMalformed");
  });

  test("what was signed is what is done", async () => {
    expect(await send("/bkt/l", signed())).toBe("SignatureDoesNotMatch");
    expect(await send("/bkt/k?versionId=null", signed())).toBe("SignatureDoesNotMatch");
    expect(await send("/bkt/k", signed(), "DELETE")).toBe("SignatureDoesNotMatch");
    expect(await send("/bkt/k", { ...signed(), host: "other" })).toBe("SignatureDoesNotMatch");
    expect(await send("/bkt/k", { ...signed(), "x-amz-meta-a": "1" })).toBe("AccessDenied");
    expect(await send("/bkt/k", { ...signed(), "x-amz-date": "20200101T000000Z" })).toBe(
      "AuthorizationHeaderMalformed",
    );
  });

  test("a clock more than 15 minutes off", async () => {
    const at = s3.house.clock.wall();
    const minutes = (count: number) => signed({}, {}, asUnixMs(at + count * 60_000));
    expect(await send("/bkt/k", minutes(14))).toBe("200");
    expect(await send("/bkt/k", minutes(-14))).toBe("200");
    expect(await send("/bkt/k", minutes(16))).toBe("RequestTimeTooSkewed");
    expect(await send("/bkt/k", minutes(-16))).toBe("RequestTimeTooSkewed");
  });

  test("presigned links end, and are not altered", async () => {
    const link = presign(
      { method: "GET", target: "/bkt/k", headers: { host: "h" } },
      admin(),
      s3.house.clock.wall(),
      60,
    );
    expect(await send(link, { host: "h" })).toBe("200");
    expect(await send(`${link}&versionId=null`, { host: "h" })).toBe("SignatureDoesNotMatch");
    expect(await send(link, { host: "h" }, "DELETE")).toBe("SignatureDoesNotMatch");
    expect(await send(link, { host: "h", authorization: signed()["authorization"]! })).toBe(
      "InvalidArgument",
    );
    expect(await send(link.replace("Expires=60", "Expires=604801"), { host: "h" })).toBe(
      "AuthorizationQueryParametersError",
    );
    s3.house.clock.advance(61_000);
    expect(await send(link, { host: "h" })).toBe("AccessDenied");
  });

  test("a removed key and a disabled user are refused at once", async () => {
    const { identities, alice } = s3.house;
    const list = { target: "/", by: alice.by };
    expect(await status(list)).toBe("200");
    await identities.changeUser(houseActor, alice.user.id, { disabled: true });
    expect(await status(list)).toMatch(/^(?:AccessDenied|InvalidAccessKeyId)$/);
    await identities.changeUser(houseActor, alice.user.id, { disabled: false });
    expect(await status(list)).toBe("200");
    await identities.removeKey(houseActor, alice.by.keyId);
    expect(await status(list)).toBe("InvalidAccessKeyId");
  });

  test("forged headers of proxies change nothing", async () => {
    const forged = {
      "x-forwarded-for": "127.0.0.1",
      "x-real-ip": "127.0.0.1",
      "x-amz-source-ip": "127.0.0.1",
    };
    await ask({ target: "/bkt/k", headers: forged });
    expect(s3.house.observed.at(-1)?.actor?.address).toBe("192.0.2.7");
  });

  test("garbage for credentials is refused, never a crash", async () => {
    const garbage = [
      "",
      "AWS4-HMAC-SHA256",
      "AWS4-HMAC-SHA256 Credential=",
      "AWS a:b",
      "Basic eA==",
      "Bearer x",
    ];
    for (const authorization of garbage) {
      const said = await send("/bkt/k", { host: "h", authorization, "x-amz-date": "20231114T221320Z" });
      expect(said).toMatch(/^(?:InvalidArgument|InvalidRequest|AuthorizationHeaderMalformed|AccessDenied)$/);
    }
  });
});

test("version 2 signatures are taken only where the setting says so", async () => {
  const { keyId, secret } = s3.house.admin.by;
  const date = new Date(s3.house.clock.wall()).toUTCString();
  const sign = (house: TrialS3, key: string): Promise<Got> => {
    const path = "/bkt/k";
    const text = utf8(`GET\n\n\n${date}\n${path}`);
    const signature = base64(hmacSha1(utf8(key), text));
    const headers = { date, authorization: `AWS ${house.admin.by.keyId}:${signature}` };
    return house.ask({ target: path, headers, by: "nobody" });
  };
  expect((await sign(s3.house, secret)).code).toBe("InvalidRequest");
  expect(keyId).toMatch(/^AKIA/);
  const old = await trialS3({ signatureV2: true });
  await old.ask({ method: "PUT", target: "/bkt" });
  await old.ask({ method: "PUT", target: "/bkt/k", body: "hello" });
  expect((await sign(old, old.admin.by.secret)).text).toBe("hello");
  expect((await sign(old, "wrong")).code).toBe("SignatureDoesNotMatch");
});
