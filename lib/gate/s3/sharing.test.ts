import { beforeEach, describe, expect, test } from "bun:test";
import { base64, utf8 } from "../../base/bytes.ts";
import { hmacSha256HexLatin1, sha256 } from "../../crypto/hash.ts";
import { signingKey } from "../../proto/s3/sigv4.ts";
import { formOf, trialS3, type Ask, type Got, type TrialS3 } from "./trial-s3.ts";

const s3: { house: TrialS3 } = {} as never;
const ask: TrialS3["ask"] = (what) => s3.house.ask(what);
const alice = (what: Ask): Promise<Got> => ask({ ...what, by: s3.house.alice.by });
const nobody = (what: Ask): Promise<Got> => ask({ ...what, by: "nobody" });

beforeEach(async () => {
  s3.house = await trialS3();
  await ask({ method: "PUT", target: "/bkt" });
  await ask({ method: "PUT", target: "/bkt/pub/a", body: "hello", headers: { "x-amz-tagging": "open=yes" } });
  await ask({ method: "PUT", target: "/bkt/own/b", body: "secret" });
});

const setPolicy = (...statements: readonly object[]): Promise<Got> =>
  ask({
    method: "PUT",
    target: "/bkt?policy",
    body: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
  });
const allow = (more: object = {}) => ({
  Effect: "Allow",
  Principal: "*",
  Action: "s3:GetObject",
  Resource: "arn:aws:s3:::bkt/pub/*",
  ...more,
});
const set = (what: string, body: string): Promise<Got> =>
  ask({ method: "PUT", target: `/bkt?${what}`, body });

describe("a bucket policy", () => {
  test("is kept, told, removed, and refused where it is none", async () => {
    expect((await ask({ target: "/bkt?policy" })).code).toBe("NoSuchBucketPolicy");
    expect((await set("policy", "{")).code).toBe("MalformedPolicy");
    expect((await setPolicy(allow({ Resource: "arn:aws:s3:::other/*" }))).code).toBe("MalformedPolicy");
    expect((await setPolicy(allow())).status).toBe(204);
    expect((await ask({ target: "/bkt?policyStatus" })).text).toContain("<IsPublic>true");
    expect((await ask({ target: "/bkt?policy" })).text).toContain("pub/*");
    expect((await ask({ method: "DELETE", target: "/bkt?policy" })).status).toBe(204);
  });

  test("opens what it names to strangers, and nothing else", async () => {
    await setPolicy(allow());
    expect((await nobody({ target: "/bkt/pub/a" })).text).toBe("hello");
    expect((await nobody({ target: "/bkt/own/b" })).status).toBe(403);
    expect((await nobody({ target: "/bkt/pub/none" })).status).toBe(403);
    expect((await nobody({ target: "/bkt" })).status).toBe(403);
    expect((await nobody({ target: "/bkt/pub/a?versionId=null" })).status).toBe(403);
    expect((await nobody({ method: "PUT", target: "/bkt/pub/c", body: "x" })).status).toBe(403);
    expect((await nobody({ target: "/bkt/pub/a?response-content-type=a%2Fb" })).status).toBe(400);
  });

  test("its denial binds the administrator too, who can mend it", async () => {
    await setPolicy({
      ...allow({ Action: "s3:*", Resource: ["arn:aws:s3:::bkt", "arn:aws:s3:::bkt/*"] }),
      Effect: "Deny",
    });
    expect((await ask({ target: "/bkt/pub/a" })).status).toBe(403);
    expect((await ask({ target: "/bkt" })).status).toBe(403);
    expect((await alice({ method: "DELETE", target: "/bkt?policy" })).status).toBe(403);
    expect((await ask({ method: "DELETE", target: "/bkt?policy" })).status).toBe(204);
    expect((await ask({ target: "/bkt/pub/a" })).text).toBe("hello");
  });

  test("sees who, from where, how, and the object's tags", async () => {
    const cases: readonly [object, boolean][] = [
      [{ StringEquals: { "aws:username": "alice" } }, true],
      [{ StringEquals: { "aws:username": "bob" } }, false],
      [{ IpAddress: { "aws:SourceIp": "192.0.2.0/24" } }, true],
      [{ IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }, false],
      [{ Bool: { "aws:SecureTransport": "true" } }, false],
      [{ StringEquals: { "s3:ExistingObjectTag/open": "yes" } }, true],
      [{ StringEquals: { "s3:ExistingObjectTag/open": "no" } }, false],
      [{ StringEquals: { "s3:authType": "REST-HEADER" } }, true],
      [{ NumericLessThan: { "s3:signatureAge": "60000" } }, true],
    ];
    for (const [condition, fits] of cases) {
      await setPolicy(allow({ Condition: condition }));
      expect([condition, (await alice({ target: "/bkt/pub/a" })).status]).toEqual([
        condition,
        fits ? 200 : 403,
      ]);
    }
  });

  test("lets a listing be of a prefix alone", async () => {
    const condition = { StringLike: { "s3:prefix": "pub/*" } };
    await setPolicy(allow({ Action: "s3:ListBucket", Resource: "arn:aws:s3:::bkt", Condition: condition }));
    expect((await alice({ target: "/bkt?prefix=pub/" })).text).toContain("pub/a");
    expect((await alice({ target: "/bkt" })).status).toBe(403);
  });
});

test("a public access block stops public policies, old and new", async () => {
  await setPolicy(allow());
  const block = (name: string): string =>
    `<PublicAccessBlockConfiguration><${name}>true</${name}></PublicAccessBlockConfiguration>`;
  expect((await ask({ target: "/bkt?publicAccessBlock" })).code).toBe("NoSuchPublicAccessBlockConfiguration");
  await set("publicAccessBlock", block("RestrictPublicBuckets"));
  expect((await nobody({ target: "/bkt/pub/a" })).status).toBe(403);
  await set("publicAccessBlock", block("BlockPublicPolicy"));
  expect((await nobody({ target: "/bkt/pub/a" })).status).toBe(200);
  expect((await setPolicy(allow())).code).toBe("AccessDenied");
  expect((await ask({ method: "DELETE", target: "/bkt?publicAccessBlock" })).status).toBe(204);
  expect((await setPolicy(allow())).status).toBe(204);
});

describe("ACLs", () => {
  const ownership = (word: string): Promise<Got> =>
    set(
      "ownershipControls",
      `<OwnershipControls><Rule><ObjectOwnership>${word}</ObjectOwnership></Rule></OwnershipControls>`,
    );
  const acl = (target: string, canned: string): Promise<Got> =>
    ask({ method: "PUT", target, headers: { "x-amz-acl": canned } });

  test("mean nothing until the owner says so", async () => {
    expect((await acl("/bkt?acl", "public-read")).code).toBe("AccessControlListNotSupported");
    expect((await acl("/bkt/pub/a?acl", "public-read")).code).toBe("AccessControlListNotSupported");
    expect((await acl("/bkt/pub/a?acl", "bucket-owner-full-control")).status).toBe(200);
    const made = await ask({
      method: "PUT",
      target: "/bkt/x",
      body: "x",
      headers: { "x-amz-acl": "public-read" },
    });
    expect(made.code).toBe("AccessControlListNotSupported");
    expect((await ask({ target: "/bkt?acl" })).text).toContain("<Permission>FULL_CONTROL</Permission>");
  });

  test("open an object or a bucket, never against a denial", async () => {
    await ownership("ObjectWriter");
    expect((await acl("/bkt/pub/a?acl", "public-read")).status).toBe(200);
    const got = await nobody({ target: "/bkt/pub/a" });
    expect([got.text, got.headers["x-amz-acl"]]).toEqual(["hello", undefined]);
    expect((await nobody({ target: "/bkt/own/b" })).status).toBe(403);
    expect((await ask({ target: "/bkt/pub/a?acl" })).text).toContain("groups/global/AllUsers");
    expect((await nobody({ target: "/bkt" })).status).toBe(403);
    await acl("/bkt?acl", "authenticated-read");
    expect((await nobody({ target: "/bkt" })).status).toBe(403);
    expect((await alice({ target: "/bkt" })).text).toContain("pub/a");
    await setPolicy({ ...allow(), Effect: "Deny" });
    expect((await nobody({ target: "/bkt/pub/a" })).status).toBe(403);
    await ask({ method: "DELETE", target: "/bkt?policy" });
    await ownership("BucketOwnerEnforced");
    expect((await nobody({ target: "/bkt/pub/a" })).status).toBe(403);
  });

  test("are not copied with the object", async () => {
    await ownership("ObjectWriter");
    await acl("/bkt/pub/a?acl", "public-read");
    await ask({ method: "PUT", target: "/bkt/copy", headers: { "x-amz-copy-source": "/bkt/pub/a" } });
    expect((await ask({ target: "/bkt/copy" })).text).toBe("hello");
    expect((await nobody({ target: "/bkt/copy" })).status).toBe(403);
  });

  test("are refused where they are malformed", async () => {
    await ownership("ObjectWriter");
    expect((await acl("/bkt?acl", "everybody")).code).toBe("InvalidArgument");
    expect((await set("acl", "<AccessControlPolicy/>")).code).toBe("MalformedACLError");
    const headers = { "x-amz-acl": "private", "x-amz-grant-read": 'id="x"' };
    expect((await ask({ method: "PUT", target: "/bkt?acl", headers })).code).toBe("InvalidRequest");
    expect((await ownership("Nobody")).code).toBe("MalformedXML");
  });
});

describe("CORS", () => {
  const rule =
    "<CORSRule><AllowedOrigin>https://*.example.org</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>" +
    "<AllowedMethod>GET</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader>" +
    "<ExposeHeader>ETag</ExposeHeader>" +
    "<MaxAgeSeconds>60</MaxAgeSeconds></CORSRule>";
  const page = { origin: "https://a.example.org" };
  const preflight = (headers: Record<string, string>): Promise<Got> =>
    nobody({
      method: "OPTIONS",
      target: "/bkt/pub/a",
      headers: { "access-control-request-method": "PUT", ...headers },
    });

  test("a preflight is answered by the first rule that fits, else 403", async () => {
    expect((await preflight(page)).status).toBe(403);
    expect((await set("cors", `<CORSConfiguration>${rule}</CORSConfiguration>`)).status).toBe(200);
    const got = await preflight({ ...page, "access-control-request-headers": "X-Amz-Meta-A" });
    expect(got.headers).toMatchObject({
      "access-control-allow-origin": "https://a.example.org",
      "access-control-allow-headers": "x-amz-meta-a",
      "access-control-allow-methods": "PUT, GET",
      "access-control-max-age": "60",
    });
    expect((await preflight({ origin: "https://example.com" })).status).toBe(403);
    expect((await preflight({ ...page, "access-control-request-headers": "authorization" })).status).toBe(
      403,
    );
    expect((await preflight({ ...page, "access-control-request-method": "DELETE" })).status).toBe(403);
    expect((await preflight({})).status).toBe(400);
  });

  test("answers carry the headers, errors too", async () => {
    await set("cors", `<CORSConfiguration>${rule}</CORSConfiguration>`);
    const good = await ask({ target: "/bkt/pub/a", headers: page });
    expect(good.headers["access-control-expose-headers"]).toBe("ETag");
    const bad = await nobody({ target: "/bkt/own/b", headers: page });
    expect([bad.status, bad.headers["access-control-allow-origin"]]).toEqual([403, page.origin]);
    const other = await ask({ target: "/bkt/pub/a", headers: { origin: "https://example.com" } });
    expect(other.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test("rules are checked", async () => {
    const bad = (from: string, to: string): Promise<Got> =>
      set("cors", `<CORSConfiguration>${rule.replace(from, to)}</CORSConfiguration>`);
    expect((await bad("<AllowedMethod>PUT", "<AllowedMethod>PATCH")).code).toBe("InvalidRequest");
    expect((await bad("https://*.example", "https://*.*")).code).toBe("InvalidRequest");
    expect((await bad("<MaxAge", "<Other/><MaxAge")).code).toBe("MalformedXML");
    expect((await set("cors", "<CORSConfiguration/>")).code).toBe("MalformedXML");
    expect((await ask({ target: "/bkt?cors" })).code).toBe("NoSuchCORSConfiguration");
  });
});

describe("a form upload", () => {
  const send = (fields: Record<string, string>, file = "data", name?: string): Promise<Got> =>
    nobody({
      method: "POST",
      target: "/bkt",
      headers: { "content-type": "multipart/form-data; boundary=b" },
      body: formOf(fields, file, name),
    });
  const signed = (conditions: readonly unknown[], fields: Record<string, string>, minutes = 10) => {
    const now = s3.house.clock.wall();
    const amzDate = new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
    const day = amzDate.slice(0, 8);
    const { keyId, secret } = s3.house.admin.by;
    const credential = `${keyId}/${day}/us-east-1/s3/aws4_request`;
    const all = {
      ...fields,
      "x-amz-algorithm": "AWS4-HMAC-SHA256",
      "x-amz-credential": credential,
      "x-amz-date": amzDate,
    };
    const own = Object.entries(all).filter(([name]) => name.startsWith("x-amz-"));
    const expiration = new Date(now + minutes * 60_000).toISOString();
    const document = {
      expiration,
      conditions: [...conditions, ...own.map(([name, value]) => ({ [name]: value }))],
    };
    const policy = base64(utf8(JSON.stringify(document)));
    const key = signingKey(secret, { day, region: "us-east-1", service: "s3" });
    return { ...all, policy, "x-amz-signature": hmacSha256HexLatin1(key, policy) };
  };
  const usual = [{ bucket: "bkt" }, ["starts-with", "$key", "up/"], ["content-length-range", 2, 10]];

  test("is stored as its policy allows", async () => {
    const fields = signed([...usual, ["eq", "$Content-Type", "text/x"]], {
      key: "up/${filename}",
      "content-type": "text/x",
    });
    const got = await send(fields, "data", "name é.txt");
    expect(got.status).toBe(204);
    const kept = await ask({ target: `/bkt/${encodeURIComponent("up/name é.txt")}` });
    expect([kept.text, kept.headers["content-type"]]).toEqual(["data", "text/x"]);
    const told = await send(
      signed([...usual, { success_action_status: "201" }], { key: "up/b", success_action_status: "201" }),
    );
    expect([told.status, /<Key>(.*)<\/Key>/.exec(told.text)?.[1]]).toEqual([201, "up/b"]);
    const redirect = { success_action_redirect: "https://example.org/done" };
    const sent = await send(signed([...usual, redirect], { key: "up/c", ...redirect }));
    expect([sent.status, sent.headers["location"]]).toEqual([
      303,
      expect.stringMatching(/^https:\/\/example\.org\/done\?bucket=bkt&key=up%2Fc&etag=/),
    ]);
  });

  test("brings its own checksum", async () => {
    const value = base64(sha256(utf8("data")));
    const fields = (sum: string): Record<string, string> =>
      signed(usual, { key: "up/s", "x-amz-checksum-sha256": sum });
    expect((await send(fields(base64(sha256(utf8("other")))), "data")).code).toBe("BadDigest");
    const kept = await send(fields(value), "data");
    expect([kept.status, kept.headers["x-amz-checksum-sha256"]]).toEqual([204, value]);
  });

  test("is refused beyond its policy", async () => {
    const code = async (fields: Record<string, string>, file?: string): Promise<string> =>
      (await send(fields, file)).code;
    expect(await code(signed(usual, { key: "other/x" }))).toBe("AccessDenied");
    expect(await code(signed(usual, { key: "up/x" }), "12345678901")).toBe("EntityTooLarge");
    expect(await code(signed(usual, { key: "up/x" }), "1")).toBe("EntityTooSmall");
    expect(await code(signed(usual, { key: "up/x", acl: "private" }))).toBe("AccessDenied");
    expect(await code(signed(usual, { key: "up/x" }, -1))).toBe("AccessDenied");
    expect(await code({ ...signed(usual, { key: "up/x" }), "x-amz-signature": "0".repeat(64) })).toBe(
      "SignatureDoesNotMatch",
    );
    expect(await code({ key: "up/x" })).toBe("AccessDenied");
    expect(await code(signed([{ bucket: "other" }, ["starts-with", "$key", ""]], { key: "up/x" }))).toBe(
      "AccessDenied",
    );
    expect((await ask({ target: "/bkt/up/x" })).code).toBe("NoSuchKey");
  });

  test("is refused where it is no form", async () => {
    const post = (body: string, type = "multipart/form-data; boundary=b"): Promise<Got> =>
      nobody({ method: "POST", target: "/bkt", headers: { "content-type": type }, body });
    const whole = formOf({ key: "up/x" }, "data");
    expect((await post(whole, "text/plain")).code).toBe("MalformedPOSTRequest");
    expect((await post(whole.slice(0, -10))).code).toMatch(/^(?:MalformedPOSTRequest|AccessDenied)$/);
    expect((await post("--b--\r\n")).code).toBe("MalformedPOSTRequest");
    expect((await post(whole.replace("--b", "--c"))).code).toBe("MalformedPOSTRequest");
    expect(
      (await post(`--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n${"x".repeat(70_000)}`)).code,
    ).toBe("MalformedPOSTRequest");
  });
});

test("what is not configured says so in S3's words", async () => {
  const codes: Record<string, string> = {
    encryption: "ServerSideEncryptionConfigurationNotFoundError",
    replication: "ReplicationConfigurationNotFoundError",
    website: "NoSuchWebsiteConfiguration",
    lifecycle: "NoSuchLifecycleConfiguration",
    ownershipControls: "OwnershipControlsNotFoundError",
    notification: "",
    logging: "",
    accelerate: "",
    requestPayment: "",
  };
  for (const [key, code] of Object.entries(codes))
    expect([key, (await ask({ target: `/bkt?${key}` })).code]).toEqual([key, code]);
});
