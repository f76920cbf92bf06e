import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { trialS3, type Ask, type TrialS3 } from "./trial-s3.ts";

const sse = "x-amz-server-side-encryption";

function customer(fill: number, prefix = "x-amz-"): Record<string, string> {
  const key = new Uint8Array(32).fill(fill);
  const name = `${prefix}server-side-encryption-customer`;
  const sum = createHash("md5").update(key).digest("base64");
  return { [`${name}-algorithm`]: "AES256", [`${name}-key`]: key.toBase64(), [`${name}-key-md5`]: sum };
}

/** A trial with the bucket "bkt"; everything over TLS unless said. */
async function trial(): Promise<TrialS3> {
  const s3 = await trialS3();
  const ask = (what: Ask) => s3.ask({ secure: true, ...what });
  await ask({ method: "PUT", target: "/bkt" });
  return { ...s3, ask };
}

const put = (target: string, headers: Readonly<Record<string, string>>, body = "plain"): Ask => ({
  method: "PUT",
  target,
  headers,
  body,
});

test("a bucket's default is set, told, given to new objects and taken away", async () => {
  const { ask } = await trial();
  expect((await ask({ target: "/bkt?encryption" })).code).toBe(
    "ServerSideEncryptionConfigurationNotFoundError",
  );
  const rule = (inner: string): Ask =>
    put(
      "/bkt?encryption",
      {},
      `<ServerSideEncryptionConfiguration><Rule>${inner}</Rule></ServerSideEncryptionConfiguration>`,
    );
  const by = (inner: string): string =>
    `<ApplyServerSideEncryptionByDefault>${inner}</ApplyServerSideEncryptionByDefault>`;
  expect((await ask(rule(by("<SSEAlgorithm>AES256</SSEAlgorithm>")))).status).toBe(200);
  expect((await ask({ target: "/bkt?encryption" })).text).toContain("<SSEAlgorithm>AES256</SSEAlgorithm>");
  expect((await ask(put("/bkt/a", {}))).headers[sse]).toBe("AES256");
  expect((await ask({ method: "HEAD", target: "/bkt/a" })).headers[sse]).toBe("AES256");
  const kms = "<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>k1</KMSMasterKeyID>";
  expect((await ask(rule(`${by(kms)}<BucketKeyEnabled>true</BucketKeyEnabled>`))).status).toBe(200);
  const made = await ask(put("/bkt/b", {}));
  expect(made.headers[sse]).toBe("aws:kms");
  expect(made.headers[`${sse}-aws-kms-key-id`]).toBe("arn:aws:kms:us-east-1:main:key/k1");
  expect(made.headers[`${sse}-bucket-key-enabled`]).toBe("true");
  expect((await ask(rule(by("<SSEAlgorithm>ROT13</SSEAlgorithm>")))).code).toBe("MalformedXML");
  expect((await ask(rule(by("<SSEAlgorithm>aws:kms:dsse</SSEAlgorithm>")))).code).toBe("NotImplemented");
  expect((await ask({ method: "DELETE", target: "/bkt?encryption" })).status).toBe(204);
  expect((await ask(put("/bkt/c", {}))).headers[sse]).toBeUndefined();
});

test("a customer's key is asked for at every read, and the wrong one refused", async () => {
  const { ask } = await trial();
  const mine = customer(1);
  const made = await ask(put("/bkt/k", mine, "secret"));
  expect(made.headers[`${sse}-customer-algorithm`]).toBe("AES256");
  expect(made.headers[`${sse}-customer-key-md5`]).toBe(mine[`${sse}-customer-key-md5`]);
  expect((await ask({ target: "/bkt/k", headers: mine })).text).toBe("secret");
  expect((await ask({ target: "/bkt/k" })).code).toBe("InvalidRequest");
  expect((await ask({ target: "/bkt/k", headers: customer(2) })).code).toBe("AccessDenied");
  expect((await ask({ method: "HEAD", target: "/bkt/k" })).status).toBe(400);
  expect((await ask({ method: "HEAD", target: "/bkt/k", headers: customer(2) })).status).toBe(403);
  expect((await ask({ method: "HEAD", target: "/bkt/k", headers: mine })).status).toBe(200);
  const wants = { "x-amz-object-attributes": "ETag" };
  expect((await ask({ target: "/bkt/k?attributes", headers: wants })).status).toBe(400);
  expect((await ask({ target: "/bkt/k?attributes", headers: { ...wants, ...mine } })).status).toBe(200);
  await ask(put("/bkt/plain", {}));
  expect((await ask({ target: "/bkt/plain", headers: mine })).code).toBe("InvalidRequest");
});

test("copies name the source's key and their own", async () => {
  const { ask } = await trial();
  await ask(put("/bkt/k", customer(1), "secret"));
  const from = { "x-amz-copy-source": "/bkt/k" };
  const source = customer(1, "x-amz-copy-source-");
  expect((await ask(put("/bkt/c", from, ""))).code).toBe("InvalidRequest");
  const wrong = customer(2, "x-amz-copy-source-");
  expect((await ask(put("/bkt/c", { ...from, ...wrong }, ""))).code).toBe("AccessDenied");
  expect((await ask(put("/bkt/c", { ...from, ...source, ...customer(3) }, ""))).status).toBe(200);
  expect((await ask({ target: "/bkt/c", headers: customer(3) })).text).toBe("secret");
  const toHouse = { ...from, ...source, [sse]: "AES256" };
  expect((await ask(put("/bkt/k", toHouse, ""))).headers[sse]).toBe("AES256");
  expect((await ask({ target: "/bkt/k" })).text).toBe("secret");
});

test("parts of an upload sealed under a customer's key need that key", async () => {
  const { ask } = await trial();
  const mine = customer(1);
  const begun = await ask({ method: "POST", target: "/bkt/m?uploads", headers: mine });
  const id = /<UploadId>(.+)<\/UploadId>/.exec(begun.text)![1]!;
  const part = (headers: Record<string, string>) => ask(put(`/bkt/m?uploadId=${id}&partNumber=1`, headers));
  expect((await part({})).code).toBe("InvalidRequest");
  expect((await part(customer(2))).code).toBe("AccessDenied");
  const sent = await part(mine);
  expect(sent.status).toBe(200);
  const list = `<Part><PartNumber>1</PartNumber><ETag>${sent.headers["etag"]}</ETag></Part>`;
  const body = `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`;
  expect((await ask({ method: "POST", target: `/bkt/m?uploadId=${id}`, body })).status).toBe(200);
  expect((await ask({ target: "/bkt/m" })).code).toBe("InvalidRequest");
  expect((await ask({ target: "/bkt/m", headers: mine })).text).toBe("plain");
});

test("headers that cannot be meant are refused, and nothing is stored", async () => {
  const { ask } = await trial();
  const name = `${sse}-customer`;
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [{ [sse]: "ROT13" }, "InvalidArgument"],
    [{ [sse]: "aws:kms:dsse" }, "NotImplemented"],
    [{ [sse]: "AES256", [`${sse}-aws-kms-key-id`]: "k" }, "InvalidArgument"],
    [{ [`${sse}-aws-kms-key-id`]: "k" }, "InvalidArgument"],
    [{ [sse]: "aws:kms", [`${sse}-context`]: "%%%" }, "InvalidArgument"],
    [{ [sse]: "aws:kms", [`${sse}-context`]: btoa('["a"]') }, "InvalidArgument"],
    [{ [sse]: "aws:kms", [`${sse}-bucket-key-enabled`]: "perhaps" }, "InvalidArgument"],
    [{ [sse]: "AES256", ...customer(1) }, "InvalidArgument"],
    [{ ...customer(1), [`${name}-algorithm`]: "DES" }, "InvalidEncryptionAlgorithmError"],
    [{ ...customer(1), [`${name}-key`]: btoa("short") }, "InvalidArgument"],
    [{ ...customer(1), [`${name}-key-md5`]: customer(2)[`${name}-key-md5`]! }, "InvalidArgument"],
    [{ [`${name}-algorithm`]: "AES256" }, "InvalidArgument"],
    [{ [`${name}-key`]: customer(1)[`${name}-key`]! }, "InvalidArgument"],
  ];
  for (const [headers, code] of cases) {
    const refused = await ask(put("/bkt/x", headers));
    expect([headers, refused.code]).toEqual([headers, code]);
  }
  expect((await ask({ target: "/bkt/x" })).code).toBe("NoSuchKey");
  await ask(put("/bkt/x", {}));
  expect((await ask({ target: "/bkt/x", headers: { [sse]: "AES256" } })).code).toBe("InvalidArgument");
});

test("a customer's key is not taken over plain HTTP from elsewhere, unless that is set", async () => {
  const { ask } = await trial();
  expect((await ask({ ...put("/bkt/k", customer(1)), secure: false })).code).toBe("InvalidRequest");
  const open = await trialS3({ customerKeysInClear: true });
  await open.ask({ method: "PUT", target: "/bkt" });
  expect((await open.ask(put("/bkt/k", customer(1)))).status).toBe(200);
});

test("a policy can demand encryption", async () => {
  const { ask, alice } = await trial();
  const condition = { StringNotEquals: { [`s3:${sse}`]: "AES256" } };
  const all = { Principal: "*", Action: "s3:PutObject", Resource: "arn:aws:s3:::bkt/*" };
  const statements = [
    { Effect: "Allow", ...all },
    { Effect: "Deny", ...all, Condition: condition },
  ];
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  expect((await ask(put("/bkt?policy", {}, policy))).status).toBe(204);
  expect((await ask({ ...put("/bkt/a", {}), by: alice.by })).code).toBe("AccessDenied");
  expect((await ask({ ...put("/bkt/a", { [sse]: "AES256" }), by: alice.by })).status).toBe(200);
});
