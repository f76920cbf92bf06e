// The reference's negative checklist, 7 to 19: who may what, on the wire. No peer is needed.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { must } from "../../lib/base/result.ts";
import { asUnixMs } from "../../lib/base/time.ts";
import { presign, signRequest, type Credentials } from "../../lib/proto/s3/sign.ts";
import { houseActor, type User } from "../../lib/rules/identity.ts";
import { all, startWire, type Wire } from "./s3-wire.ts";

interface Person {
  readonly user: User;
  readonly by: Credentials;
}

const at: { wire: Wire; alice: Person; bob: Person } = {} as never;
const ask: Wire["ask"] = (...of) => at.wire.ask(...of);
const asAlice: Wire["ask"] = (method, target, how) => ask(method, target, { ...how, by: at.alice.by });

beforeAll(async () => {
  at.wire = await startWire();
  at.alice = await at.wire.person("alice");
  at.bob = await at.wire.person("bob");
  await ask("PUT", "/auth");
  await ask("PUT", "/auth/secret", { body: "secret" });
});
afterAll(() => at.wire[Symbol.asyncDispose]());

const policy = (bucket: string, ...statements: readonly object[]) =>
  ask("PUT", `/${bucket}?policy`, {
    body: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
  });
const statement = (effect: string, actions: string | string[], resources: string[], more: object = {}) => ({
  Effect: effect,
  Principal: "*",
  Action: actions,
  Resource: resources.map((name) => `arn:aws:s3:::${name}`),
  ...more,
});

test("7: an ACL never overrides a denial", async () => {
  await ask("PUT", "/acl");
  const rule =
    "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>";
  expect((await ask("PUT", "/acl?ownershipControls", { body: rule })).status).toBe(200);
  expect((await ask("PUT", "/acl/open", { body: "o", headers: { "x-amz-acl": "public-read" } })).status).toBe(
    200,
  );
  expect((await ask("GET", "/acl/open", { by: "nobody" })).text).toBe("o");
  expect((await policy("acl", statement("Deny", "s3:GetObject", ["acl/*"]))).status).toBe(204);
  expect((await ask("GET", "/acl/open", { by: "nobody" })).code).toBe("AccessDenied");
  expect((await asAlice("GET", "/acl/open")).code).toBe("AccessDenied");
});

test("8: a version needs the version's own action", async () => {
  await ask("PUT", "/vers");
  const on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
  await ask("PUT", "/vers?versioning", { body: on });
  const id = (await ask("PUT", "/vers/k", { body: "k" })).headers.get("x-amz-version-id")!;
  await policy("vers", statement("Allow", ["s3:GetObject", "s3:DeleteObject"], ["vers/*"]));
  expect((await asAlice("GET", "/vers/k")).text).toBe("k");
  expect((await asAlice("GET", `/vers/k?versionId=${id}`)).code).toBe("AccessDenied");
  expect((await asAlice("HEAD", `/vers/k?versionId=${id}`)).status).toBe(403);
  expect((await asAlice("DELETE", `/vers/k?versionId=${id}`)).code).toBe("AccessDenied");
  expect((await asAlice("GET", `/vers/k?tagging&versionId=${id}`)).code).toBe("AccessDenied");
});

test("9: a copy, a part's copy and a form need what they touch", async () => {
  await ask("PUT", "/mine");
  await policy("mine", statement("Allow", "s3:*", ["mine", "mine/*"]));
  const from = { headers: { "x-amz-copy-source": "/auth/secret" } };
  expect((await asAlice("PUT", "/mine/stolen", from)).code).toBe("AccessDenied");
  const upload = all((await asAlice("POST", "/mine/up?uploads")).text, "UploadId")[0]!;
  expect((await asAlice("PUT", `/mine/up?partNumber=1&uploadId=${upload}`, from)).code).toBe("AccessDenied");
  const form = new FormData();
  form.set("key", "planted");
  form.set("file", "x");
  const posted = await fetch(`${at.wire.s3d.endpoint}/auth`, { method: "POST", body: form });
  expect(posted.status).toBe(403);
  const many = "<Delete><Object><Key>secret</Key></Object></Delete>";
  const md5 = { "content-md5": new Bun.CryptoHasher("md5").update(many).digest("base64") };
  const removed = await asAlice("POST", "/auth?delete", { body: many, headers: md5 });
  expect(removed.text).not.toContain("<Deleted>");
  expect((await ask("GET", "/auth/secret")).text).toBe("secret");
});

test("10: an upload's id is of its own bucket and key alone", async () => {
  const id = all((await ask("POST", "/auth/one?uploads")).text, "UploadId")[0]!;
  const others = ["/auth/two", "/mine/one"];
  for (const target of others) {
    const part = `${target}?partNumber=1&uploadId=${id}`;
    expect((await ask("PUT", part, { body: "x" })).code).toBe("NoSuchUpload");
    expect((await ask("GET", `${target}?uploadId=${id}`)).code).toBe("NoSuchUpload");
    expect((await ask("DELETE", `${target}?uploadId=${id}`)).code).toBe("NoSuchUpload");
  }
  expect((await ask("GET", `/auth/one?uploadId=${id}`)).status).toBe(200);
});

const linked = async (by: Credentials, ms = Date.now(), expires = 60): Promise<string> => {
  const headers = { host: `127.0.0.1:${at.wire.s3d.port}` };
  const link = presign({ method: "GET", target: "/auth/secret", headers }, by, ms, expires);
  const answer = await fetch(at.wire.s3d.endpoint + link);
  return /<Code>(\w+)/.exec(await answer.text())?.[1] ?? String(answer.status);
};

test("11: links by an unknown, an expired, a removed key", async () => {
  const { identities } = at.wire.store;
  expect(await linked(at.wire.admin)).toBe("200");
  expect(await linked({ ...at.wire.admin, keyId: "AKIAAAAAAAAAAAAAAAAA" })).toBe("InvalidAccessKeyId");
  const carol = await at.wire.person("carol", "admin");
  const soon = asUnixMs(Date.now() + 700);
  const { key, secret } = must(await identities.addKey(houseActor, carol.user.id, soon));
  const short = { keyId: key.id, secret, region: "us-east-1" };
  expect(await linked(short)).toBe("200");
  await Bun.sleep(900);
  expect(await linked(short)).toBe("InvalidAccessKeyId");
  expect(await linked(carol.by)).toBe("200");
  must(await identities.removeKey(houseActor, carol.by.keyId));
  await Bun.sleep(600);
  expect(await linked(carol.by)).toBe("InvalidAccessKeyId");
});

test("12: a stale signature and an altered request are refused", async () => {
  expect(await linked(at.wire.admin, Date.now() - 120_000, 60)).toBe("AccessDenied");
  expect(await linked(at.wire.admin, Date.now() + 20 * 60_000, 60)).toBe("AccessDenied");
  const host = `127.0.0.1:${at.wire.s3d.port}`;
  const send = async (headers: Record<string, string>, target: string): Promise<string> => {
    const answer = await fetch(at.wire.s3d.endpoint + target, { headers });
    return /<Code>(\w+)/.exec(await answer.text())?.[1] ?? String(answer.status);
  };
  const old = signRequest(
    { method: "GET", target: "/auth/secret", headers: { host } },
    at.wire.admin,
    Date.now() - 16 * 60_000,
  );
  expect(await send(old, "/auth/secret")).toBe("RequestTimeTooSkewed");
  const now = signRequest(
    { method: "GET", target: "/auth/secret", headers: { host } },
    at.wire.admin,
    Date.now(),
  );
  expect(await send(now, "/auth/secret")).toBe("200");
  expect(await send(now, "/auth/other")).toBe("SignatureDoesNotMatch");
  expect(await send({ ...now, "x-amz-acl": "public-read" }, "/auth/secret")).toBe("AccessDenied");
});

test("13: a suspended user's keys are refused within a second", async () => {
  const dave = await at.wire.person("dave", "admin");
  expect((await ask("GET", "/auth/secret", { by: dave.by })).text).toBe("secret");
  must(await at.wire.store.identities.changeUser(houseActor, dave.user.id, { disabled: true }));
  await Bun.sleep(600);
  expect((await ask("GET", "/auth/secret", { by: dave.by })).code).toBe("AccessDenied");
  expect((await ask("PUT", "/auth/x", { by: dave.by, body: "x" })).code).toBe("AccessDenied");
});

test("14: tenants do not see one another, whatever their buckets are called", async () => {
  at.wire.tenant("other");
  const eve = await at.wire.person("admin", "admin", "other");
  const asEve: Wire["ask"] = (method, target, how) => ask(method, target, { ...how, by: eve.by });
  expect((await asEve("PUT", "/auth")).code).toBe("BucketAlreadyExists");
  expect((await asEve("PUT", "/eves")).status).toBe(200);
  expect((await asEve("PUT", "/eves/k", { body: "eve" })).status).toBe(200);
  expect(all((await asEve("GET", "/")).text, "Name")).toEqual(["eves"]);
  expect(all((await ask("GET", "/")).text, "Name")).not.toContain("eves");
  for (const [stranger, bucket] of [
    [asEve, "auth"],
    [ask, "eves"],
  ] as const) {
    const tries: readonly [string, string][] = [
      ["GET", ""],
      ["GET", "?versions"],
      ["GET", "?policy"],
      ["DELETE", ""],
      ["GET", "/k"],
      ["GET", "/secret"],
      ["PUT", "/planted"],
      ["DELETE", "/k"],
      ["POST", "/up?uploads"],
    ];
    for (const [method, rest] of tries) {
      const got = await stranger(method, `/${bucket}${rest}`, method === "PUT" ? { body: "x" } : {});
      expect([bucket, method, rest, got.code]).toEqual([bucket, method, rest, "AccessDenied"]);
    }
    const from = { headers: { "x-amz-copy-source": `/${bucket}/${bucket === "auth" ? "secret" : "k"}` } };
    const own = bucket === "auth" ? "eves" : "auth";
    expect((await stranger("PUT", `/${own}/copied`, from)).code).toBe("AccessDenied");
  }
});

test("15: what a policy names never reaches another tenant's bucket", async () => {
  const frank = await at.wire.person("frank", "admin", "other");
  const asFrank: Wire["ask"] = (method, target, how) => ask(method, target, { ...how, by: frank.by });
  await asFrank("PUT", "/franks");
  const reaching = [statement("Allow", "s3:*", ["auth", "auth/*"])];
  const document = (statements: object[]): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: statements });
  expect((await asFrank("PUT", "/franks?policy", { body: document(reaching) })).code).toBe("MalformedPolicy");
  const wild = [statement("Allow", "s3:*", ["*"])];
  await asFrank("PUT", "/franks?policy", { body: document(wild) });
  expect((await asFrank("GET", "/auth/secret")).code).toBe("AccessDenied");
  // Opened to everybody by its owner: still not to another tenant's users by that tenant's own word.
  await policy("mine", statement("Allow", "s3:GetObject", ["mine/*"], { Principal: { AWS: ["*"] } }));
  expect((await asFrank("PUT", "/mine/planted", { body: "x" })).code).toBe("AccessDenied");
});

test("16: headers that proxies and clusters write change nothing", async () => {
  await ask("PUT", "/near");
  await ask("PUT", "/near/k", { body: "k" });
  const near = { Condition: { IpAddress: { "aws:SourceIp": "10.1.0.0/16" } } };
  const safe = { Condition: { Bool: { "aws:SecureTransport": "true" } } };
  await policy("near", statement("Allow", "s3:GetObject", ["near/*"], near), {
    ...statement("Allow", "s3:GetObject", ["near/*"], safe),
  });
  const forged = {
    "x-forwarded-for": "10.1.2.3",
    "x-real-ip": "10.1.2.3",
    forwarded: "for=10.1.2.3;proto=https",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "near.s3.localhost",
    "x-minio-source-proxy-request": "true",
    "x-holdfast-internal": "1",
  };
  expect((await ask("GET", "/near/k", { by: "nobody", headers: forged })).code).toBe("AccessDenied");
  expect((await asAlice("GET", "/near/k", { headers: forged })).code).toBe("AccessDenied");
});

test("17: each sub-resource has its own action", async () => {
  await ask("PUT", "/subs");
  await ask("PUT", "/subs/k", { body: "k" });
  const reads: Readonly<Record<string, string>> = {
    "?policy": "s3:GetBucketPolicy",
    "?acl": "s3:GetBucketAcl",
    "?versioning": "s3:GetBucketVersioning",
    "?tagging": "s3:GetBucketTagging",
    "?cors": "s3:GetBucketCORS",
    "?lifecycle": "s3:GetLifecycleConfiguration",
    "?location": "s3:GetBucketLocation",
    "?uploads": "s3:ListBucketMultipartUploads",
    "?versions": "s3:ListBucketVersions",
    "?publicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "?ownershipControls": "s3:GetBucketOwnershipControls",
    "?notification": "s3:GetBucketNotification",
    "/k?tagging": "s3:GetObjectTagging",
    "/k?acl": "s3:GetObjectAcl",
  };
  await policy("subs", statement("Allow", ["s3:GetObject", "s3:ListBucket"], ["subs", "subs/*"]));
  for (const what of Object.keys(reads)) {
    expect([what, (await asAlice("GET", `/subs${what}`)).code]).toEqual([what, "AccessDenied"]);
  }
  for (const [what, action] of Object.entries(reads)) {
    await policy("subs", statement("Allow", action, ["subs", "subs/*"]));
    expect([what, (await asAlice("GET", `/subs${what}`)).code]).not.toEqual([what, "AccessDenied"]);
    expect([what, (await asAlice("GET", "/subs/k")).code]).toEqual([what, "AccessDenied"]);
  }
});

test("18: who may bypass governance is the policy's to say, not the role's", async () => {
  await ask("PUT", "/lock", { headers: { "x-amz-bucket-object-lock-enabled": "true" } });
  const headers = {
    "x-amz-object-lock-mode": "GOVERNANCE",
    "x-amz-object-lock-retain-until-date": new Date(Date.now() + 86_400_000).toISOString(),
  };
  const put = await ask("PUT", "/lock/k", { body: "k", headers });
  const target = `/lock/k?versionId=${put.headers.get("x-amz-version-id")}`;
  const bypass = { headers: { "x-amz-bypass-governance-retention": "true" } };
  await policy("lock", statement("Allow", ["s3:DeleteObject", "s3:DeleteObjectVersion"], ["lock/*"]));
  expect((await asAlice("DELETE", target, bypass)).code).toBe("AccessDenied");
  await policy("lock", statement("Deny", "s3:BypassGovernanceRetention", ["lock/*"]));
  expect((await ask("DELETE", target, bypass)).code).toBe("AccessDenied");
  await ask("DELETE", "/lock?policy");
  expect((await ask("DELETE", target)).code).toBe("AccessDenied");
  expect((await ask("DELETE", target, bypass)).status).toBe(204);
});

test("19: rights that were revoked do not come back with a name", async () => {
  const { identities } = at.wire.store;
  const grace = await at.wire.person("grace");
  const who = { user: grace.user.id };
  const given = {
    tenant: "main",
    effect: "allow",
    who,
    verbs: ["object.read"],
    bucket: "auth",
    prefix: "",
  } as const;
  must(await identities.addGrant(houseActor, given));
  await Bun.sleep(600);
  expect((await ask("GET", "/auth/secret", { by: grace.by })).text).toBe("secret");
  must(await identities.removeUser(houseActor, grace.user.id));
  const again = await at.wire.person("grace");
  await Bun.sleep(600);
  expect((await ask("GET", "/auth/secret", { by: grace.by })).code).toBe("InvalidAccessKeyId");
  expect((await ask("GET", "/auth/secret", { by: again.by })).code).toBe("AccessDenied");
});
