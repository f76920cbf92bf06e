import { expect, test } from "bun:test";
import { utf8 } from "../../base/bytes.ts";
import { seededEntropy } from "../../base/entropy.ts";
import { Query } from "./target.ts";
import { readVersionsPage, readVersionsXml, versionsXml, type ListedVersion } from "./versioning.ts";
import { parseXml } from "./xml-walk.ts";

const owner = { id: "1", name: "a" };
const row = (key: string, version: string, deleteMarker = false): ListedVersion => ({
  key,
  version,
  deleteMarker,
  latest: true,
  size: deleteMarker ? 0 : 5,
  etag: deleteMarker ? "" : "5d41402abc4b2a76b9719d911017c592",
  modifiedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
});

function read(text: string): ReturnType<typeof readVersionsXml> {
  const root = parseXml(utf8(text));
  return root.ok ? readVersionsXml(root.value) : undefined;
}

test("a page of versions is read as it was written, plain and with keys encoded", () => {
  const versions = [row("a b+c/ü&<>", "v1"), row("a b+c/ü&<>", "v0", true), row("z", "null")];
  for (const next of [undefined, { key: "z +", version: "null" }]) {
    for (const encoding of ["", "encoding-type=url"]) {
      const ask = readVersionsPage(new Query(encoding === "" ? [] : [["encoding-type", "url"]]));
      if (!ask.ok) throw new Error("not read");
      const text = versionsXml(ask.value, { bucket: "b", owner, versions, prefixes: [], next });
      expect(read(text)).toEqual({ versions, next });
    }
  }
});

test("what is no listing is refused", () => {
  const version = "<Key>k</Key><LastModified>2026-01-02T03:04:05Z</LastModified>";
  const page = (inner: string): string => `<ListVersionsResult>${inner}</ListVersionsResult>`;
  expect(read(page(`<Version>${version}<Size>1</Size></Version>`))?.versions).toHaveLength(1);
  expect(read("<ListBucketResult/>")).toBeUndefined();
  expect(read(page(`<Version>${version}<Size>-1</Size></Version>`))).toBeUndefined();
  expect(read(page(`<Version>${version.replace("k", "")}<Size>1</Size></Version>`))).toBeUndefined();
  expect(read(page("<Version><Key>k</Key><Size>1</Size></Version>"))).toBeUndefined();
  expect(read(page("<IsTruncated>true</IsTruncated>"))).toBeUndefined();
  for (let seed = 1; seed < 200; seed++) {
    const garbage = seededEntropy(seed)(seed);
    const text = page(String.fromCharCode(...garbage.map((byte) => 32 + (byte % 90))));
    expect(() => read(text)).not.toThrow();
  }
});
