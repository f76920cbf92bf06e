import { expect, test } from "bun:test";
import { seededEntropy } from "../../base/entropy.ts";
import { hex, utf8 } from "../../base/bytes.ts";
import { asUnixMs } from "../../base/time.ts";
import { algorithm } from "../../proto/s3/claim.ts";
import { presign, type Credentials } from "../../proto/s3/sign.ts";
import { signatureOf, signingKey } from "../../proto/s3/sigv4.ts";
import { readStsForm, roleOfArn } from "../../proto/s3/sts.ts";
import { readTarget } from "../../proto/s3/target.ts";
import { must } from "../../base/result.ts";
import { houseActor } from "../../rules/identity.ts";
import { digestsOf } from "../../store/digests.ts";
import type { Role } from "../../store/roles.ts";
import { trialS3, type Got } from "./trial-s3.ts";

const policy = (action: string | string[], resource: string | string[], effect = "Allow"): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: effect, Action: action, Resource: resource }],
  });
const role = (name: string, more: Partial<Role>): Role => ({
  tenant: "main",
  name,
  policy: policy("s3:GetObject", "arn:aws:s3:::bkt/*"),
  trusts: ["alice"],
  maxSeconds: 3600,
  createdAt: asUnixMs(0),
  ...more,
});

async function house() {
  const roles = [role("reader", {}), role("closed", { trusts: ["@nobody"] })];
  const trial = await trialS3({}, { roles });
  await trial.ask({ method: "PUT", target: "/bkt" });
  await trial.ask({ method: "PUT", target: "/bkt/k", body: "hello" });
  /** Signs as the SDKs do for STS: the service is "sts", the body's hash is in no header. */
  const sts = async (fields: Record<string, string>, by: Credentials, token?: string): Promise<Got> => {
    const body = new URLSearchParams({ Version: "2011-06-15", ...fields }).toString();
    const at = trial.clock.wall();
    const amzDate = new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");
    const headers: Record<string, string> = { host: "localhost", "x-amz-date": amzDate };
    if (token !== undefined) headers["x-amz-security-token"] = token;
    const target = readTarget("/");
    if (!target.ok) throw new Error("no target");
    const signedHeaders = Object.keys(headers).sort();
    const day = amzDate.slice(0, 8);
    const rest = { signature: "", expires: undefined, token };
    const claim = { form: "header", keyId: by.keyId, day, region: by.region, service: "sts" } as const;
    const whole = { ...claim, signedHeaders, amzDate, at, ...rest };
    const payload = hex(digestsOf(["sha256"], utf8(body)).sha256!);
    const signed = {
      method: "POST",
      target: target.value,
      headers: new Map(Object.entries(headers)),
      payload,
    };
    const signature = signatureOf(whole, signingKey(by.secret, whole), signed, "/");
    const scope = `${day}/${by.region}/sts/aws4_request`;
    headers["authorization"] =
      `${algorithm} Credential=${by.keyId}/${scope}, ` +
      `SignedHeaders=${signedHeaders.join(";")}, Signature=${signature}`;
    return await trial.ask({ method: "POST", target: "/", headers, body, by: "nobody" });
  };
  /** The credentials of an answer, and how to ask with them. */
  const given = (got: Got) => {
    const of = (name: string): string => new RegExp(`<${name}>([^<]*)<`).exec(got.text)?.[1] ?? "";
    const by = { keyId: of("AccessKeyId"), secret: of("SecretAccessKey"), region: "us-east-1" };
    const token = of("SessionToken");
    const ask = (target: string, method = "GET", more: Record<string, string> = {}) =>
      trial.ask({ target, method, by, headers: { "x-amz-security-token": token, ...more } });
    return { by, token, ask };
  };
  return { ...trial, sts, given };
}

test("GetSessionToken gives the user's own rights for a while; the token is needed everywhere", async () => {
  const { sts, given, admin, ask, clock } = await house();
  const got = await sts({ Action: "GetSessionToken" }, admin.by);
  expect(got.status).toBe(200);
  const session = given(got);
  expect(session.by.keyId).toStartWith("ASIA");
  expect((await session.ask("/bkt/k")).text).toBe("hello");
  expect((await ask({ target: "/bkt/k", by: session.by })).code).toBe("InvalidAccessKeyId");
  const headers = { "x-amz-security-token": `A${session.token.slice(1)}` };
  expect((await ask({ target: "/bkt/k", by: session.by, headers })).code).toBe("InvalidToken");
  const out = { method: "GET", target: "/bkt/k", headers: { host: "localhost" } };
  const bare = presign(out, session.by, clock.wall(), 600);
  expect((await ask({ target: bare, by: "nobody" })).code).toBe("InvalidAccessKeyId");
  const withToken = `/bkt/k?X-Amz-Security-Token=${encodeURIComponent(session.token)}`;
  const whole = presign({ ...out, target: withToken }, session.by, clock.wall(), 600);
  expect((await ask({ target: whole, by: "nobody" })).text).toBe("hello");
  clock.advance(13 * 3600 * 1000);
  expect((await session.ask("/bkt/k")).code).toBe("ExpiredToken");
});

test("a session policy narrows, and never widens", async () => {
  const { sts, given, admin, alice } = await house();
  const fields = { Action: "AssumeRole", RoleArn: "arn:xxx:xxx:xxx:xxxx", RoleSessionName: "test" };
  const narrow = { ...fields, Policy: policy("s3:GetObject", "arn:aws:s3:::bkt/*") };
  const reader = given(await sts(narrow, admin.by));
  expect((await reader.ask("/bkt/k")).text).toBe("hello");
  expect((await reader.ask("/bkt/k", "DELETE")).code).toBe("AccessDenied");
  expect((await reader.ask("/bkt")).code).toBe("AccessDenied");
  expect((await reader.ask("/other", "PUT")).code).toBe("AccessDenied");
  const wide = given(await sts({ ...fields, Policy: policy("s3:*", "*") }, alice.by));
  expect((await wide.ask("/bkt/k")).code).toBe("AccessDenied");
  expect((await sts({ ...fields, Policy: "{" }, admin.by)).code).toBe("MalformedPolicyDocument");
});

test("a role gives what its policy says to those it trusts, and no more", async () => {
  const { sts, given, alice, bob, ask } = await house();
  const fields = { Action: "AssumeRole", RoleArn: "arn:aws:iam::main:role/reader", RoleSessionName: "work" };
  const got = await sts(fields, alice.by);
  expect(got.text).toContain("arn:aws:sts::main:assumed-role/reader/work");
  const session = given(got);
  expect((await session.ask("/bkt/k")).text).toBe("hello");
  expect((await ask({ target: "/bkt/k", by: alice.by })).code).toBe("AccessDenied");
  expect((await session.ask("/bkt/k", "DELETE")).code).toBe("AccessDenied");
  expect((await sts(fields, bob.by)).code).toBe("AccessDenied");
  const closed = { ...fields, RoleArn: "arn:aws:iam::main:role/closed" };
  expect((await sts(closed, alice.by)).code).toBe("AccessDenied");
  const unknown = { ...fields, RoleArn: "arn:aws:iam::main:role/unknown" };
  expect((await sts(unknown, alice.by)).code).toBe("AccessDenied");
  expect((await sts({ ...fields, DurationSeconds: "7200" }, alice.by)).code).toBe("ValidationError");
  expect((await sts(fields, session.by, session.token)).code).toBe("AccessDenied");
  const told = await sts({ Action: "GetCallerIdentity" }, session.by, session.token);
  expect(told.text).toContain("assumed-role/reader/work");
});

test("a disabled user's sessions end at once; a policy's Deny binds the role", async () => {
  const { sts, given, alice, identities, ask } = await house();
  const fields = { Action: "AssumeRole", RoleArn: "arn:aws:iam::main:role/reader", RoleSessionName: "work" };
  const session = given(await sts(fields, alice.by));
  const deny = {
    Effect: "Deny",
    Principal: { AWS: "arn:aws:iam::main:role/reader" },
    Action: "s3:*",
    Resource: "arn:aws:s3:::bkt/*",
  };
  const body = JSON.stringify({ Version: "2012-10-17", Statement: [deny] });
  expect((await ask({ method: "PUT", target: "/bkt?policy", body })).status).toBe(204);
  expect((await session.ask("/bkt/k")).code).toBe("AccessDenied");
  await ask({ method: "DELETE", target: "/bkt?policy" });
  expect((await session.ask("/bkt/k")).text).toBe("hello");
  must(await identities.changeUser(houseActor, alice.user.id, { disabled: true }));
  expect((await session.ask("/bkt/k")).code).toBe("AccessDenied");
});

test("what is no STS request is answered, and never a fall", async () => {
  const { sts, ask, admin } = await house();
  expect((await sts({ Action: "Nonsense" }, admin.by)).code).toBe("InvalidAction");
  expect((await sts({ Action: "GetSessionToken" }, { ...admin.by, secret: "x" })).code).toBe(
    "SignatureDoesNotMatch",
  );
  expect((await ask({ method: "POST", target: "/", body: "Action=AssumeRole", by: "nobody" })).code).toBe(
    "AccessDenied",
  );
  expect((await ask({ method: "POST", target: "/", body: "x".repeat(70_000) })).code).toBe("ValidationError");
  expect(roleOfArn("arn:aws:iam::1:role/a/b/c")).toBe("c");
  expect(roleOfArn("arn:aws:iam::1:user/c")).toBeUndefined();
  for (let seed = 1; seed < 200; seed++) {
    const text = String.fromCharCode(...seededEntropy(seed)(seed % 60));
    readStsForm(text);
  }
});
