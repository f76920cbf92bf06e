// The worked examples of AWS's documentation: "Signature Calculations for the Authorization Header" and
// "Authenticating Requests: Using Query Parameters" (Amazon S3 API reference, Signature Version 4).
import { describe, expect, test } from "bun:test";
import { utf8 } from "../../lib/base/bytes.ts";
import { AwsChunkedDecoder } from "../../lib/proto/s3/aws-chunked.ts";
import { readHeaderClaim, readQueryClaim } from "../../lib/proto/s3/claim.ts";
import { scopeOf, signatureOf, signingKey, verifies } from "../../lib/proto/s3/sigv4.ts";
import { readTarget } from "../../lib/proto/s3/target.ts";

const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const keyId = "AKIAIOSFODNN7EXAMPLE";
const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const day = { day: "20130524", region: "us-east-1", service: "s3" };
const key = signingKey(secret, day);

interface Example {
  readonly method: string;
  readonly target: string;
  readonly headers: Record<string, string>;
  readonly payload: string;
  readonly signature: string;
}

const examples: Record<string, Example> = {
  "GET Object": {
    method: "GET",
    target: "/test.txt",
    headers: { range: "bytes=0-9" },
    payload: empty,
    signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  },
  "PUT Object": {
    method: "PUT",
    target: "/test$file.text",
    headers: { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
    payload: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
    signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  },
  "GET Bucket Lifecycle": {
    method: "GET",
    target: "/?lifecycle",
    headers: {},
    payload: empty,
    signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  },
  "Get Bucket (List Objects)": {
    method: "GET",
    target: "/?max-keys=2&prefix=J",
    headers: {},
    payload: empty,
    signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  },
};

function claimOf(headers: Map<string, string>, signature: string): string {
  const names = [...headers.keys()].sort().join(";");
  const credential = `${keyId}/${scopeOf(day)}`;
  return `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${names},Signature=${signature}`;
}

describe("the Authorization header", () => {
  for (const [name, example] of Object.entries(examples)) {
    test(name, () => {
      const headers = new Map(
        Object.entries({
          host: "examplebucket.s3.amazonaws.com",
          "x-amz-content-sha256": example.payload,
          "x-amz-date": "20130524T000000Z",
          ...example.headers,
        }),
      );
      headers.set("authorization", claimOf(headers, example.signature));
      const claim = readHeaderClaim(headers);
      const target = readTarget(example.target);
      if (!claim.ok || !target.ok) throw new Error("unread");
      expect(claim.value.keyId).toBe(keyId);
      const signed = { method: example.method, target: target.value, headers, payload: example.payload };
      expect(verifies(claim.value, key, signed)).toBe(true);
      expect(verifies(claim.value, key, { ...signed, method: "DELETE" })).toBe(false);
    });
  }
});

test("the presigned URL", () => {
  const target = readTarget(
    "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256" +
      "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request" +
      "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host" +
      "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  );
  if (!target.ok) throw new Error("unread");
  const claim = readQueryClaim(target.value.query);
  if (!claim.ok) throw new Error("unread");
  expect(claim.value.expires).toBe(86_400);
  const headers = new Map([["host", "examplebucket.s3.amazonaws.com"]]);
  const signed = { method: "GET", target: target.value, headers, payload: "UNSIGNED-PAYLOAD" };
  expect(verifies(claim.value, key, signed)).toBe(true);
});

// "Transferring Payload in Multiple Chunks": 66,560 letters a, in chunks of 64 KiB.
describe("the chunked upload", () => {
  const chunks = ["a".repeat(65_536), "a".repeat(1024), ""];

  const body = (signatures: readonly string[], trailer: string): Uint8Array =>
    utf8(
      chunks
        .map(
          (data, i) =>
            `${data.length.toString(16)};chunk-signature=${signatures[i]}\r\n${data && `${data}\r\n`}`,
        )
        .join("") + trailer,
    );

  function decode(
    bytes: Uint8Array,
    seed: string,
    trailer: string | undefined,
    step: number,
  ): string | number {
    const signer = { key, amzDate: "20130524T000000Z", scope: scopeOf(day), seed };
    const decoder = new AwsChunkedDecoder({ size: 66_560, trailer, signer });
    const out: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += step) {
      const refusal = decoder.push(bytes.subarray(at, at + step), out);
      if (refusal) return refusal.code;
    }
    return decoder.finish()?.code ?? out.reduce((sum, piece) => sum + piece.length, 0);
  }

  const seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
  const signatures = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
  ];

  test("the seed is the request's own signature", () => {
    const headers = new Map(
      Object.entries({
        "content-encoding": "aws-chunked",
        "content-length": "66824",
        host: "s3.amazonaws.com",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "x-amz-date": "20130524T000000Z",
        "x-amz-decoded-content-length": "66560",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
      }),
    );
    headers.set("authorization", claimOf(headers, seed));
    const claim = readHeaderClaim(headers);
    const target = readTarget("/examplebucket/chunkObject.txt");
    if (!claim.ok || !target.ok) throw new Error("unread");
    const payload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    const signed = { method: "PUT", target: target.value, headers, payload };
    expect(signatureOf(claim.value, key, signed, target.value.rawPath)).toBe(seed);
  });

  for (const step of [1, 7, 1000, 100_000]) {
    test(`is decoded in pieces of ${step}`, () => {
      expect(decode(body(signatures, "\r\n"), seed, undefined, step)).toBe(66_560);
    });
  }

  test("a changed byte, chunk or seed is refused", () => {
    const bytes = body(signatures, "\r\n");
    const changed = Uint8Array.from(bytes);
    changed[100] = 98;
    expect(decode(changed, seed, undefined, 1000)).toBe("SignatureDoesNotMatch");
    expect(decode(bytes, seed.replace("4f", "5f"), undefined, 1000)).toBe("SignatureDoesNotMatch");
    expect(decode(bytes.subarray(0, 66_000), seed, undefined, 1000)).toBe("IncompleteBody");
  });

  test("the signed trailer", () => {
    const trailing = [
      "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
      "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
      "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
    ];
    const seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
    const sign = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";
    const tail = `x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:${sign}\r\n\r\n`;
    const bytes = body(trailing, tail);
    for (const step of [1, 1000]) expect(decode(bytes, seed, "x-amz-checksum-crc32c", step)).toBe(66_560);
    expect(decode(bytes, seed, "x-amz-checksum-crc32", 1000)).toBe("MalformedTrailerError");
    expect(decode(body(trailing, tail.replace("sOO8", "sOO9")), seed, "x-amz-checksum-crc32c", 1000)).toBe(
      "SignatureDoesNotMatch",
    );
  });
});
