// The worked examples of AWS's documentation, "Signing and authenticating REST requests" (version 2).
import { expect, test } from "bun:test";
import { readAddress } from "../../lib/proto/s3/address.ts";
import { readClaimV2, verifiesV2 } from "../../lib/proto/s3/sigv2.ts";
import { readTarget } from "../../lib/proto/s3/target.ts";

const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const host = "johnsmith.s3.amazonaws.com";

const examples: readonly [string, string, string, Record<string, string>, string][] = [
  [
    "object GET",
    "GET",
    "/photos/puppy.jpg",
    { date: "Tue, 27 Mar 2007 19:36:42 +0000" },
    "bWq2s1WEIj+Ydj0vQ697zp+IXMU=",
  ],
  [
    "object PUT",
    "PUT",
    "/photos/puppy.jpg",
    { date: "Tue, 27 Mar 2007 21:15:45 +0000", "content-type": "image/jpeg", "content-length": "94328" },
    "MyyxeRY7whkBe+bq8fHCL/2kKUg=",
  ],
  [
    "list",
    "GET",
    "/?prefix=photos&max-keys=50&marker=puppy",
    { date: "Tue, 27 Mar 2007 19:42:41 +0000" },
    "htDYFYduRNen8P9ZfE/s9SuKy0U=",
  ],
  ["fetch", "GET", "/?acl", { date: "Tue, 27 Mar 2007 19:44:46 +0000" }, "c2WLPFtWHVgbEmeEG93a4cG37dM="],
];

for (const [what, method, path, more, signature] of examples) {
  test(what, () => {
    const headers = new Map(
      Object.entries({ host, ...more, authorization: `AWS AKIAIOSFODNN7EXAMPLE:${signature}` }),
    );
    const target = readTarget(path);
    if (!target.ok) throw new Error("unread");
    const address = readAddress(host, target.value.path, ["s3.amazonaws.com"]);
    const claim = readClaimV2(headers, target.value);
    if (!claim.ok || !address.ok) throw new Error("unread");
    expect(claim.value.keyId).toBe("AKIAIOSFODNN7EXAMPLE");
    expect(verifiesV2(claim.value, secret, method, headers, target.value, address.value)).toBe(true);
    expect(verifiesV2(claim.value, secret, "DELETE", headers, target.value, address.value)).toBe(false);
    expect(verifiesV2(claim.value, `${secret}x`, method, headers, target.value, address.value)).toBe(false);
  });
}
