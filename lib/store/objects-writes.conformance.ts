import { expect } from "bun:test";
import { concat, hex, utf8 } from "../base/bytes.ts";
import { must } from "../base/result.ts";
import { asUnixMs } from "../base/time.ts";
import type { DigestName } from "./content.ts";
import { digestsOf } from "./digests.ts";
import {
  actor,
  at,
  brokenStream,
  checker,
  expectFault,
  listAll,
  makeBucket,
} from "./objects-stage.conformance.ts";
import { newObject, put, read, remove, stream, tryPut } from "./objects-stage.conformance.ts";
import type { OpenObjects, Stage } from "./objects-stage.conformance.ts";

const everyDigest: DigestName[] = ["md5", "sha1", "sha256", "sha512", "crc32", "crc32c", "crc64nvme"];

export function writeChecks(open: OpenObjects): void {
  const check = checker(open);

  check("what is put is read, with all that was said of it", async (s) => {
    await makeBucket(s);
    const facts = {
      contentType: "text/plain; charset=utf-8",
      headers: { "cache-control": "no-store", "content-encoding": "gzip" },
      metadata: { Ünï: "wert", b: " spaced " },
      tags: { project: "a b", empty: "" },
      modifiedAt: asUnixMs(1234567890123),
    };
    const made = await put(s, "a", "hello", facts);
    expect(made).toMatchObject({ ...facts, bucket: "house", key: "a", size: 5, version: "null", parts: [] });
    expect(made).toMatchObject({ latest: true, deleteMarker: false, createdAt: s.clock.wall() });
    expect(made.etag).toBe("5d41402abc4b2a76b9719d911017c592");
    expect(must(await s.objects.head(at("a")))).toEqual(made);
    expect(must(await s.objects.get(at("a"))).version).toEqual(made);
    expect(await read(s, "a")).toBe("hello");
  });

  check("sizes around every limit come back byte for byte, whole and in ranges", async (s) => {
    await makeBucket(s);
    for (const size of [0, 1, 4095, 65_535, 65_536, 65_537, 1_000_003]) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 255);
      const pieces = [bytes.subarray(0, size >> 2), bytes.subarray(size >> 2)];
      const body = { size: undefined, chunks: stream(pieces) };
      const made = must(await s.objects.put(actor, at("a"), body, newObject()));
      expect(made.etag).toBe(hex(digestsOf(["md5"], bytes).md5!));
      await expectContent(s, bytes);
    }
  });

  check("the checksums asked for are made and kept, no others", async (s) => {
    await makeBucket(s);
    const made = await put(s, "a", "123456789", { digests: everyDigest });
    expect(made.digests).toEqual(digestsOf(everyDigest, utf8("123456789")));
    expect(made.digestsOf).toBe("object");
    expect(must(await s.objects.head(at("a"))).digests).toEqual(made.digests);
    expect((await put(s, "b", "x")).digests).toEqual({});
  });

  check("bytes that are not what was announced store nothing, and leave what was", async (s) => {
    await makeBucket(s);
    await put(s, "a", "old");
    const wrong = digestsOf(everyDigest, utf8("other"));
    for (const name of everyDigest) {
      const expectOne = { digests: [name], expect: () => ({ [name]: wrong[name]! }) };
      expectFault(await tryPut(s, "a", "new", expectOne), "digest");
    }
    const putRaw = (
      size: number | undefined,
      chunks: AsyncGenerator<Uint8Array>,
    ): ReturnType<typeof tryPut> => s.objects.put(actor, at("a"), { size, chunks }, newObject());
    expectFault(await putRaw(4, stream([utf8("new")])), "truncated");
    expectFault(await putRaw(2, stream([utf8("new")])), "invalid");
    expectFault(await putRaw(undefined, brokenStream()), "cancelled", "truncated");
    expectFault(await putRaw(8, brokenStream()), "cancelled", "truncated");
    expect(await read(s, "a")).toBe("old");
    expect(must(await s.objects.usage("house"))).toEqual({ bytes: 3, objects: 1 });
  });

  check("an expected checksum may arrive after the bytes, as a trailer does", async (s) => {
    await makeBucket(s);
    let trailer = {};
    const late = async function* (): AsyncGenerator<Uint8Array> {
      yield utf8("hello");
      await Bun.sleep(0);
      trailer = digestsOf(["crc32c"], utf8("hello"));
    };
    const ask = newObject({ digests: ["crc32c"], expect: () => trailer });
    must(await s.objects.put(actor, at("a"), { size: 5, chunks: late() }, ask));
    expect(await read(s, "a")).toBe("hello");
  });

  check("content that is open stays what it was, replaced or removed", async (s) => {
    await makeBucket(s);
    for (const size of [10, 300_000]) {
      await put(s, "a", "a".repeat(size));
      const first = must(await s.objects.get(at("a"))).content;
      await put(s, "a", "b".repeat(size));
      const second = must(await s.objects.get(at("a"))).content;
      await remove(s, "a");
      for (const [content, letter] of [
        [first, "a"],
        [second, "b"],
      ] as const) {
        const parts: Uint8Array[] = [];
        for await (const chunk of content.read(0, size)) parts.push(chunk.slice());
        expect(concat(parts)).toEqual(utf8(letter.repeat(size)));
        await content.close();
      }
    }
  });

  check("keys are kept byte for byte, whatever they look like", async (s) => {
    await makeBucket(s);
    const keys = ["a", "a/b", "a/b/", "/", "//", "..", "../../etc/passwd", ".", "a//b", "é", "e\u0301", "A"];
    keys.push(
      "a:b",
      "a.sb",
      "\u{1f600}",
      "\uffff",
      " ",
      "%2e%2e",
      "\\",
      "x".repeat(1024),
      "nul\0nul",
      "a\nb",
    );
    for (const key of keys) await put(s, key, `of ${key}`);
    for (const key of keys) expect(await read(s, key)).toBe(`of ${key}`);
    expect((await listAll(s, 1000)).toSorted()).toEqual(keys.toSorted());
    for (const key of keys) await remove(s, key);
    expect(await listAll(s, 1000)).toEqual([]);
  });

  check("a key has 1 to 1024 bytes of UTF-8", async (s) => {
    await makeBucket(s);
    for (const key of ["", "x".repeat(1025), "é".repeat(513), "\ud800"]) {
      expectFault(await tryPut(s, key, "x"), "bad-name");
    }
    must(await tryPut(s, "é".repeat(512), "x"));
  });

  check("conditions of a writer", async (s) => {
    await makeBucket(s);
    expectFault(await tryPut(s, "a", "1", { when: { ifMatch: "any" } }), "not-found");
    const { etag } = must(await tryPut(s, "a", "1", { when: { ifNoneMatch: "any" } }));
    expectFault(await tryPut(s, "a", "2", { when: { ifNoneMatch: "any" } }), "precondition");
    expectFault(await tryPut(s, "a", "2", { when: { ifNoneMatch: [etag] } }), "precondition");
    expectFault(await tryPut(s, "a", "2", { when: { ifMatch: ["0".repeat(32)] } }), "precondition");
    expect(await read(s, "a")).toBe("1");
    must(await tryPut(s, "a", "2", { when: { ifMatch: ["0".repeat(32), etag] } }));
    must(await tryPut(s, "a", "3", { when: { ifMatch: "any", ifNoneMatch: [etag] } }));
    expectFault(await tryPut(s, "a", "4", { when: { base: "" } }), "conflict");
    must(await tryPut(s, "b", "1", { when: { base: "" } }));
  });

  check("of many writers with one condition, one wins", async (s) => {
    await makeBucket(s);
    const first = Array.from({ length: 20 }, (_, i) =>
      tryPut(s, "a", `${i}`, { when: { ifNoneMatch: "any" } }),
    );
    expect((await Promise.all(first)).filter((r) => r.ok).length).toBe(1);
    const { etag } = must(await s.objects.head(at("a")));
    const more = Array.from({ length: 20 }, (_, i) => tryPut(s, "a", `n${i}`, { when: { ifMatch: [etag] } }));
    const won = (await Promise.all(more)).flatMap((r, i) => (r.ok ? [i] : []));
    expect(won.length).toBe(1);
    expect(await read(s, "a")).toBe(`n${won[0]}`);
  });

  check("the base a writer began from must still be current", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    const base = (await put(s, "a", "1")).version;
    must(await tryPut(s, "a", "2", { when: { base } }));
    expectFault(await tryPut(s, "a", "3", { when: { base } }), "conflict");
    expect(await read(s, "a")).toBe("2");
  });

  check("removing is done once and asked as often as one likes", async (s) => {
    await makeBucket(s);
    await put(s, "a", "1");
    await put(s, "a/", "");
    await put(s, "a/b", "2");
    expect(must(await s.objects.remove(actor, at("a")))).toEqual({ version: "null", deleteMarker: false });
    expect(must(await s.objects.remove(actor, at("a")))).toEqual({ version: undefined, deleteMarker: false });
    await remove(s, "a/");
    expect(await listAll(s, 10)).toEqual(["a/b"]);
    expectFault(await s.objects.head(at("a")), "not-found");
    expectFault(await s.objects.get(at("a")), "not-found");
  });

  check("conditions of a remover", async (s) => {
    await makeBucket(s);
    const { etag } = await put(s, "a", "1");
    const tryRemove = (ifMatch: string[] | "any"): ReturnType<typeof s.objects.remove> =>
      s.objects.remove(actor, at("a"), undefined, { ifMatch });
    expectFault(await tryRemove(["0".repeat(32)]), "precondition");
    must(await tryRemove([etag]));
    expectFault(await tryRemove("any"), "precondition");
  });

  check("what is said of an object changes without its bytes", async (s) => {
    await makeBucket(s);
    const before = await put(s, "a", "1", { metadata: { a: "1" }, tags: { t: "1" } });
    const change = { tags: { u: "2" }, modifiedAt: asUnixMs(5000) };
    const after = must(await s.objects.describe(actor, at("a"), undefined, change));
    expect(after).toEqual({ ...before, ...change });
    expect(must(await s.objects.head(at("a")))).toEqual(after);
    expectFault(await s.objects.describe(actor, at("b"), undefined, change), "not-found");
    expectFault(await s.objects.describe(actor, at("a"), "nope", change), "not-found");
  });
}

async function expectContent(s: Stage, bytes: Uint8Array): Promise<void> {
  const { content, version } = must(await s.objects.get(at("a")));
  expect([content.size, version.size]).toEqual([bytes.length, bytes.length]);
  if (content.bytes) expect(content.bytes).toEqual(bytes);
  const cuts = [0, 1, 65_535, 65_537, bytes.length >> 1, bytes.length - 1, bytes.length];
  for (const start of cuts.filter((cut) => cut >= 0 && cut <= bytes.length)) {
    for (const end of [bytes.length, Math.min(bytes.length, start + 1), start]) {
      const parts: Uint8Array[] = [];
      for await (const chunk of content.read(start, end)) parts.push(chunk.slice());
      expect(Buffer.compare(concat(parts), bytes.subarray(start, end))).toBe(0);
    }
  }
  await content.close();
}
