import { expect } from "bun:test";
import { concat, hex, utf8 } from "../base/bytes.ts";
import { must, type Result } from "../base/result.ts";
import type { Digests, Page } from "./content.ts";
import { digestsOf } from "./digests.ts";
import type { Completion, NewUpload, ObjectVersion, Part, Upload } from "./objects.ts";
import {
  actor,
  at,
  brokenStream,
  checker,
  expectFault,
  makeBucket,
  put,
} from "./objects-stage.conformance.ts";
import { newObject, read, source } from "./objects-stage.conformance.ts";
import type { OpenObjects, Stage } from "./objects-stage.conformance.ts";

export function uploadChecks(open: OpenObjects): void {
  const check = checker(open);

  check("parts in any order become one object", async (s) => {
    await makeBucket(s);
    const facts = { contentType: "a/b", metadata: { m: "1" }, tags: { t: "1" } };
    const upload = await begin(s, "a", facts);
    expect(upload).toMatchObject({ bucket: "house", key: "a", initiator: "house", ...facts });
    const parts = [await part(s, upload, 7, "tail"), await part(s, upload, 2, "head, ")].toReversed();
    expectFault(await s.objects.head(at("a")), "not-found");
    const made = must(await complete(s, upload, parts));
    expect(made).toMatchObject({ size: 10, parts: [6, 4], version: "null", latest: true, ...facts });
    const md5s = concat(["head, ", "tail"].map((text) => digestsOf(["md5"], utf8(text)).md5!));
    expect(made.etag).toBe(`${hex(digestsOf(["md5"], md5s).md5!)}-2`);
    expect(await read(s, "a")).toBe("head, tail");
    expect(must(await s.objects.head(at("a")))).toEqual(made);
  });

  check("completing again gives the same answer; anything else finds it ended", async (s) => {
    await makeBucket(s);
    const upload = await begin(s, "a");
    const parts = [await part(s, upload, 1, "x")];
    const made = must(await complete(s, upload, parts));
    const again = must(await complete(s, upload, parts));
    expect([again.etag, again.version]).toEqual([made.etag, made.version]);
    expectFault(await tryPart(s, upload, 2, "y"), "not-found");
    expectFault(await s.objects.upload(upload, upload.id), "not-found");
    expectFault(await s.objects.abortUpload(actor, upload, upload.id), "not-found");
    expect(await read(s, "a")).toBe("x");
  });

  check("an id is good for its own bucket and key alone", async (s) => {
    await makeBucket(s);
    await makeBucket(s, { name: "other" });
    const upload = await begin(s, "a");
    const parts = [await part(s, upload, 1, "x")];
    for (const name of [at("b"), { bucket: "other", key: "a" }]) {
      const stranger = { ...upload, ...name };
      expectFault(await s.objects.upload(name, upload.id), "not-found");
      expectFault(await tryPart(s, stranger, 1, "y"), "not-found");
      expectFault(await s.objects.parts(name, upload.id, 0, 10), "not-found");
      expectFault(await complete(s, stranger, parts), "not-found");
      expectFault(await s.objects.abortUpload(actor, name, upload.id), "not-found");
    }
    expectFault(await s.objects.upload(at("a"), "nope"), "not-found");
    must(await complete(s, upload, parts));
  });

  check("a part is replaced by its number, and parts are paged", async (s) => {
    await makeBucket(s);
    const upload = await begin(s, "a");
    for (const number of [10_000, 1, 3, 2]) await part(s, upload, number, `old ${number}`);
    const newer = await part(s, upload, 2, "newer");
    for (const limit of [1, 2, 3, 4, 1000]) {
      const found: Part[] = [];
      for (let after: number | undefined = 0; after !== undefined;) {
        const page: Page<Part> = must(await s.objects.parts(upload, upload.id, after, limit));
        expect(page.rows.length).toBeLessThanOrEqual(limit);
        found.push(...page.rows);
        after = page.next === undefined ? undefined : Number(page.next);
      }
      expect(found.map(({ number }) => number)).toEqual([1, 2, 3, 10_000]);
      expect(found[1]).toEqual(newer);
    }
    for (const number of [0, -1, 10_001, 1.5]) expectFault(await tryPart(s, upload, number, "x"), "invalid");
  });

  check("a list of parts that cannot be right is refused, and nothing is lost", async (s) => {
    await makeBucket(s);
    await put(s, "a", "old");
    const upload = await begin(s, "a");
    const parts = [await part(s, upload, 1, "1111"), await part(s, upload, 2, "2222")];
    const [one, two] = parts as [Part, Part];
    const refused = async (
      list: readonly Part[],
      where: string,
      more: Partial<Completion> = {},
    ): Promise<void> => {
      const result = await complete(s, upload, list, more);
      expect(result).toMatchObject({ ok: false, fault: { code: "invalid", where } });
    };
    await refused([], "empty");
    await refused([two, one], "order");
    await refused([one, one], "order");
    await refused([one, { ...two, number: 3 }], "part");
    await refused([one, { ...two, etag: one.etag }], "part");
    expectFault(await complete(s, upload, parts, { minPartBytes: 5 }), "bad-range");
    expectFault(await complete(s, upload, parts, { when: { ifNoneMatch: "any" } }), "precondition");
    expectFault(await complete(s, upload, parts, { when: { ifMatch: ["0".repeat(32)] } }), "precondition");
    expect(await read(s, "a")).toBe("old");
    must(await complete(s, upload, [two], { minPartBytes: 5 }));
    expect(await read(s, "a")).toBe("2222");
  });

  check("a part that is not what was announced leaves the part before it", async (s) => {
    await makeBucket(s);
    const upload = await begin(s, "a");
    const first = await part(s, upload, 1, "good");
    const expectOther = { digests: [], expect: (): Digests => digestsOf(["md5"], utf8("other")) };
    expectFault(await s.objects.putPart(actor, upload, upload.id, 1, source("bad"), expectOther), "digest");
    const broken = { size: undefined, chunks: brokenStream() };
    const plain = { digests: [], expect: (): Digests => ({}) };
    const cut = await s.objects.putPart(actor, upload, upload.id, 1, broken, plain);
    expectFault(cut, "cancelled", "truncated");
    must(await complete(s, upload, [first]));
    expect(await read(s, "a")).toBe("good");
  });

  check("checksums of the whole, and of the parts' checksums", async (s) => {
    await makeBucket(s);
    const texts = ["12345", "6789"];
    const whole = await begin(s, "a", { digests: ["crc32", "crc32c", "crc64nvme"], digestsOf: "object" });
    const ofParts = await begin(s, "b", { digests: ["sha256", "crc32c"], digestsOf: "parts" });
    for (const upload of [whole, ofParts]) {
      const parts = [await part(s, upload, 1, texts[0]!), await part(s, upload, 2, texts[1]!)];
      expect(Object.keys(parts[0]!.digests).toSorted()).toEqual([...upload.digests].toSorted());
      const wrong = [parts[0]!, { ...parts[1]!, digests: parts[0]!.digests }];
      const refusal = await complete(s, upload, wrong);
      expect(refusal).toMatchObject({ ok: false, fault: { code: "invalid", where: "part" } });
      const name = upload === whole ? "crc32" : "sha256";
      const text = upload === whole ? [utf8("123456789")] : parts.map(({ digests }) => digests.sha256!);
      const whole1 = digestsOf([name], concat(text));
      expectFault(await complete(s, upload, parts, { expect: digestsOf([name], utf8("other")) }), "digest");
      const unasked = await complete(s, upload, parts, { expect: digestsOf(["sha512"], utf8("123456789")) });
      expect(unasked).toMatchObject({ ok: false, fault: { code: "invalid", where: "checksum" } });
      must(await complete(s, upload, parts, { expect: whole1 }));
    }
    const [a, b] = [must(await s.objects.head(at("a"))), must(await s.objects.head(at("b")))];
    expect(a.digests).toEqual(digestsOf(["crc32", "crc32c", "crc64nvme"], utf8("123456789")));
    const sums = (name: "sha256" | "crc32c"): Uint8Array =>
      concat(texts.map((text) => digestsOf([name], utf8(text))[name]!));
    expect(b.digests.sha256).toEqual(digestsOf(["sha256"], sums("sha256")).sha256);
    expect(b.digests.crc32c).toEqual(digestsOf(["crc32c"], sums("crc32c")).crc32c);
    expect([a.digestsOf, b.digestsOf]).toEqual(["object", "parts"]);
  });

  check("uploads are paged by key, then id", async (s) => {
    await makeBucket(s);
    const made: Upload[] = [];
    for (const key of ["a", "a/b", "a/c", "b", "a", "b", "\u{1f600}", "\uffff"])
      made.push(await begin(s, key));
    const byBytes = (a: Upload, b: Upload): number =>
      Buffer.compare(Buffer.from(`${a.key}\0${a.id}`), Buffer.from(`${b.key}\0${b.id}`));
    const order = made.toSorted(byBytes).map(({ key, id }) => `${key}@${id}`);
    for (const limit of [1, 2, 1000]) {
      expect(await uploadsAll(s, limit)).toEqual(order);
      expect(await uploadsAll(s, limit, "a/")).toEqual(order.filter((row) => row.startsWith("a/")));
      const rolled = [...order.filter((row) => !row.startsWith("a/")), "a/…"];
      expect((await uploadsAll(s, limit, "", "/")).toSorted()).toEqual(rolled.toSorted());
    }
  });

  check("quota counts parts, and gives back what is aborted or not listed", async (s) => {
    await makeBucket(s, { quota: { bytes: 10 } });
    const usage = async (): Promise<unknown> => must(await s.objects.usage("house"));
    const upload = await begin(s, "a");
    const parts = [await part(s, upload, 1, "1234"), await part(s, upload, 2, "5678")];
    expectFault(await tryPart(s, upload, 3, "abc"), "quota");
    expect(await usage()).toEqual({ bytes: 8, objects: 0 });
    await part(s, upload, 3, "ab");
    must(await complete(s, upload, parts));
    expect(await usage()).toEqual({ bytes: 8, objects: 1 });
    const second = await begin(s, "b");
    await part(s, second, 1, "12");
    must(await s.objects.abortUpload(actor, second, second.id));
    expect(await usage()).toEqual({ bytes: 8, objects: 1 });
    expectFault(await s.objects.parts(second, second.id, 0, 1), "not-found");
  });

  check("quota holds for many parts at once", async (s) => {
    await makeBucket(s, { quota: { bytes: 100 } });
    const upload = await begin(s, "a");
    const all = Array.from({ length: 50 }, (_, i) => tryPart(s, upload, i + 1, "0123456789"));
    expect((await Promise.all(all)).filter((r) => r.ok).length).toBe(10);
    expect(must(await s.objects.usage("house")).bytes).toBe(100);
  });
}

async function begin(s: Stage, key: string, more: Partial<NewUpload> = {}): Promise<Upload> {
  s.clock.advance(5);
  const { when: _, expect: __, ...facts } = newObject();
  return must(await s.objects.createUpload(actor, at(key), { ...facts, digestsOf: "object", ...more }));
}

const tryPart = (s: Stage, upload: Upload, number: number, text: string): Promise<Result<Part>> =>
  s.objects.putPart(actor, { bucket: upload.bucket, key: upload.key }, upload.id, number, source(text), {
    digests: [],
    expect: () => ({}),
  });

const part = async (s: Stage, upload: Upload, number: number, text: string): Promise<Part> =>
  must(await tryPart(s, upload, number, text));

function complete(
  s: Stage,
  { bucket, key, id }: Upload,
  parts: readonly Part[],
  more: Partial<Completion> = {},
): Promise<Result<ObjectVersion>> {
  const how = { parts, when: {}, minPartBytes: 0, ...more };
  return s.objects.completeUpload(actor, { bucket, key }, id, how);
}

async function uploadsAll(s: Stage, limit: number, prefix = "", delimiter = ""): Promise<string[]> {
  const found: string[] = [];
  let [after, afterId] = ["", ""];
  for (;;) {
    const page = must(await s.objects.uploads({ bucket: "house", prefix, delimiter, after, afterId, limit }));
    const rows = page.uploads.map(({ key, id }) => `${key}@${id}`);
    rows.push(...page.prefixes.map((text) => `${text}…`));
    expect(rows.length).toBeLessThanOrEqual(limit);
    found.push(...rows);
    if (page.next === undefined) return found;
    [after, afterId] = [page.next.key, page.next.id];
  }
}
