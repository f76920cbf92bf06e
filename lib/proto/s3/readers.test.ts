import { describe, expect, test } from "bun:test";
import {
  array,
  assert,
  constantFrom,
  dictionary,
  integer,
  nat,
  property,
  string,
  tuple,
  uint8Array,
} from "fast-check";
import { concat, utf8 } from "../../base/bytes.ts";
import { readAcl, readGrantHeaders } from "./acl.ts";
import { readAddress } from "./address.ts";
import { readAttributes } from "./attributes.ts";
import { readBodyChecksums, readUploadChecksum } from "./checksum.ts";
import { readHeaderClaim, readQueryClaim } from "./claim.ts";
import { judge, readConditions, readEtags } from "./conditions.ts";
import { readCors } from "./cors.ts";
import { httpDate, isoDate, readAmzDate, readHttpDate, readIsoDate } from "./dates.ts";
import { readDelete } from "./delete-objects.ts";
import { readCopySource, readFacts, readTaggingHeader } from "./facts.ts";
import { FormDecoder } from "./form-data.ts";
import { readLifecycle } from "./lifecycle.ts";
import { readListV1, readListV2, writeToken } from "./listing.ts";
import { readComplete } from "./multipart.ts";
import { readLegalHold, readLockConfiguration, readLockHeaders, readRetention } from "./object-lock.ts";
import { readPayload } from "./payload.ts";
import { readFormClaim, readPostPolicy } from "./post-policy.ts";
import { readCopyRange, readRange } from "./range.ts";
import { readTagging } from "./tagging.ts";
import { percentDecode, percentEncode, percentEncodePath, Query, readTarget } from "./target.ts";
import { readVersioning } from "./versioning.ts";
import { parseXml } from "./xml-walk.ts";

const text = string({ unit: "grapheme", maxLength: 30 }).filter((t) => t.isWellFormed());

describe("targets", () => {
  test("what is encoded is decoded", () => {
    assert(property(text, (t) => percentDecode(percentEncode(t)) === t));
    assert(property(text, (t) => percentDecode(percentEncodePath(t)) === t));
  });

  test("keys and parameters arrive as they were meant", () => {
    assert(
      property(text, text, text, (key, name, value) => {
        const read = readTarget(
          `/b/${percentEncodePath(key)}?${percentEncode(name)}=${percentEncode(value)}`,
        );
        expect(read.ok && read.value.path).toBe(`/b/${key}`);
        expect(read.ok && name !== "" ? read.value.query.get(name) : value).toBe(value);
      }),
    );
  });

  test("broken escapes and broken UTF-8 are refused", () => {
    for (const target of ["/b/%", "/b/%2", "/b/%zz", "/b/%ff", "/b/%c3%28", "/b?%ff=1", "b/k", "", "*"]) {
      const read = readTarget(target);
      if (target !== "") expect([target, read.ok]).toEqual([target, false]);
    }
  });

  test("the absolute form is the same target", () => {
    const read = readTarget("http://host:9000/b/../k?x=1");
    expect(read.ok && [read.value.path, read.value.query.get("x")]).toEqual(["/b/../k", "1"]);
  });

  test("buckets by host: the longest domain wins, strangers are path style", () => {
    const domains = ["s3.test", "eu.s3.test"];
    const of = (host: string) => {
      const read = readAddress(host, "/k/l", domains);
      return read.ok && `${read.value.bucket}:${read.value.key}`;
    };
    expect(of("b.s3.test")).toBe("b:k/l");
    expect(of("B.S3.TEST:80")).toBe("b:k/l");
    expect(of("b.c.eu.s3.test")).toBe("b.c:k/l");
    expect(of("s3.test")).toBe("k:l");
    expect(of("b.s3.test.evil")).toBe("k:l");
  });
});

test("dates go there and back in whole seconds", () => {
  assert(
    property(integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
      const ms = seconds * 1000;
      expect(readHttpDate(httpDate(ms))).toBe(ms);
      expect(readIsoDate(isoDate(ms))).toBe(ms);
      expect(readAmzDate(new Date(ms).toISOString().replace(/[-:]|\.\d+/g, ""))).toBe(ms);
    }),
  );
  expect(readHttpDate("Sunday, 06-Nov-94 08:49:37 GMT")).toBe(784_111_777_000);
  expect(readHttpDate("Sun Nov  6 08:49:37 1994")).toBe(784_111_777_000);
  for (const bad of ["20130532T000000Z", "20130524T250000Z", "2013", ""])
    expect(readAmzDate(bad)).toBeUndefined();
});

test("a range is within the object, or whole, or past it", () => {
  const part = tuple(nat(20), nat(20)).map(([a, b]) => `${a}-${b}`);
  const range = constantFrom("-5", "5-", "-", "-0", "x", "1-2,3-4").map(String);
  assert(
    property(part, range, nat(12), (a, b, size) => {
      for (const spec of [a, b]) {
        const read = readRange(`bytes=${spec}`, size);
        if (read.kind === "part")
          expect(read.start >= 0 && read.start < read.end && read.end <= size).toBe(true);
        const copied = readCopyRange(`bytes=${spec}`, size);
        if (copied) expect(copied.start < copied.end && copied.end <= size).toBe(true);
      }
    }),
  );
});

test("ETag lists are read in every dress", () => {
  expect(readEtags('"a", W/"b",c')).toEqual(["a", "b", "c"]);
  expect(readEtags(' "a" , * ')).toBe("any");
  expect(readEtags(Array(500).fill('"x"').join(","))).toHaveLength(100);
  expect(judge(readConditions(new Map([["if-none-match", '"a"']]), ""), "a", 0)).toBe("not-modified");
});

test("a continuation token is good for its own listing alone", () => {
  assert(
    property(text, text, text, (after, prefix, delimiter) => {
      const bound = { bucket: "bkt", prefix, delimiter };
      const query = (more: readonly (readonly [string, string])[]) =>
        new Query([["list-type", "2"], ["prefix", prefix], ["delimiter", delimiter], ...more]);
      const token = writeToken(after, bound);
      const read = readListV2(query([["continuation-token", token]]), "bkt");
      expect(read.ok && read.value.after).toBe(after);
      expect(readListV2(query([["continuation-token", token]]), "other").ok).toBe(false);
    }),
  );
});

describe("forms", () => {
  const crlf = "\r\n";
  const part = (head: string, body: string): string =>
    `--bound${crlf}Content-Disposition: form-data; ${head}${crlf}${crlf}${body}${crlf}`;

  test("fields and file come out whole, however they are cut", () => {
    const name = constantFrom("key", "acl", "x-amz-meta-a", "policy");
    const step = integer({ min: 1, max: 40 });
    assert(
      property(dictionary(name, text), uint8Array({ maxLength: 300 }), step, (fields, file, step) => {
        const before = Object.entries(fields).map(([field, value]) => part(`name="${field}"`, value));
        const begun = part('name="file"; filename="f"', "").slice(0, -2);
        const whole = concat([utf8(before.join("") + begun), file, utf8("\r\n--bound--\r\n")]);
        const decoder = new FormDecoder("bound");
        const out: Uint8Array[] = [];
        for (let at = 0; at < whole.length; at += step) {
          expect(decoder.push(whole.subarray(at, at + step), out)).toBeUndefined();
        }
        expect(decoder.finish()).toBeUndefined();
        expect(concat(out)).toEqual(new Uint8Array(file));
        expect(Object.fromEntries(decoder.fields)).toEqual({ ...fields });
      }),
    );
  });

  test("garbage is refused, never thrown, and never kept without end", () => {
    const piece = constantFrom(
      "--bound",
      crlf,
      "--",
      part('name="key"', "x"),
      part('name="file"', "y"),
      "Content-",
    );
    assert(
      property(array(piece, { maxLength: 12 }), (pieces) => {
        const decoder = new FormDecoder("bound");
        for (const one of pieces) decoder.push(utf8(one), []);
        decoder.finish();
      }),
    );
    const endless = new FormDecoder("bound");
    const refusals = Array.from({ length: 100 }, () => endless.push(utf8("x".repeat(10_000)), []));
    expect(refusals.some((refusal) => refusal !== undefined)).toBe(true);
  });
});

test("readers of headers and queries never throw", () => {
  const name = constantFrom(
    "authorization",
    "x-amz-date",
    "x-amz-content-sha256",
    "x-amz-decoded-content-length",
    "x-amz-trailer",
    "x-amz-checksum-crc32",
    "x-amz-checksum-algorithm",
    "x-amz-checksum-type",
    "content-md5",
    "x-amz-tagging",
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-grant-read",
    "x-amz-object-attributes",
    "policy",
    "x-amz-signature",
    "max-keys",
    "X-Amz-Algorithm",
    "X-Amz-Expires",
  );
  const value = constantFrom(
    "AWS4-HMAC-SHA256",
    "Credential=a/b",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "=",
    ",",
    "1",
    "-1",
  );
  const any = dictionary(
    name,
    array(value, { maxLength: 4 }).map((parts) => parts.join(" ")),
  );
  assert(
    property(any, text, (fields, other) => {
      const headers = new Map([...Object.entries(fields), ["x-amz-meta-x", other]] as [string, string][]);
      const query = new Query([...headers]);
      readHeaderClaim(headers);
      readQueryClaim(query);
      readPayload(headers);
      readBodyChecksums(headers, headers.get("x-amz-trailer"));
      readUploadChecksum(headers);
      readFacts(headers);
      readTaggingHeader(headers.get("x-amz-tagging"));
      readLockHeaders(headers);
      readGrantHeaders(headers);
      readAttributes(headers);
      readFormClaim(headers);
      readPostPolicy(headers, "bkt");
      readListV1(query);
      readListV2(query, "bkt");
      readCopySource(other);
    }),
  );
});

test("readers of documents never throw", () => {
  const names = constantFrom(
    "Delete",
    "Object",
    "Key",
    "Rule",
    "Status",
    "Filter",
    "And",
    "Tag",
    "TagSet",
    "Tagging",
  );
  const more = constantFrom(
    "Days",
    "CORSRule",
    "CORSConfiguration",
    "LifecycleConfiguration",
    "Grant",
    "Mode",
    "Part",
  );
  const words = constantFrom("Enabled", "1", "0", "x", "2030-01-01T00:00:00Z", "GOVERNANCE", "");
  const leaf = tuple(more, words).map(([n, w]) => `<${n}>${w}</${n}>`);
  const inner = tuple(names, array(leaf, { maxLength: 3 })).map(
    ([n, inside]) => `<${n}>${inside.join("")}</${n}>`,
  );
  const outer = tuple(
    constantFrom("Delete", "Tagging", "LifecycleConfiguration", "CORSConfiguration"),
    array(inner),
  );
  assert(
    property(outer, ([root, inside]) => {
      const bytes = utf8(`<${root}>${inside.join("")}</${root}>`);
      readDelete(bytes);
      readComplete(bytes);
      const parsed = parseXml(bytes);
      if (!parsed.ok) return;
      const readers = [
        readAcl,
        readCors,
        readLifecycle,
        readLegalHold,
        readLockConfiguration,
        readRetention,
        readVersioning,
      ];
      for (const read of readers) read(parsed.value);
      readTagging(parsed.value, 10);
    }),
  );
});
