import { expect } from "bun:test";
import { compareUtf8 } from "../base/bytes.ts";
import { must } from "../base/result.ts";
import { at, checker, listAll, makeBucket, put, remove } from "./objects-stage.conformance.ts";
import type { OpenObjects, Stage } from "./objects-stage.conformance.ts";

/** Folders beside files of their name, marks for folders, keys that only differ late. */
const tree = ["a", "a/", "a/b", "a/c/d", "a/c/e", "a0", "a:b", "b/", "b//", "b//c", "c", "d/e/f/g", "é/x"];
const pageSizes = [1, 2, 3, 1000];

export function listingChecks(open: OpenObjects): void {
  const check = checker(open);

  check("every key once, in byte order, at every page size", async (s) => {
    const keys = [
      "\u{1f600}",
      "\uffff",
      "\uff5e",
      "z",
      "é",
      "a",
      "A",
      "_",
      "~",
      "\u{10ffff}",
      "\ue000",
      "aé",
    ];
    await fill(s, keys);
    const order = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(order.indexOf("\u{1f600}")).toBeGreaterThan(order.indexOf("\uffff"));
    for (const limit of pageSizes) expect(await listAll(s, limit)).toEqual(order);
  });

  check("what a delimiter rolls up appears once, at every page size", async (s) => {
    await fill(s, tree);
    for (const delimiter of ["/", "//", "b", "é", "/c/"]) {
      for (const prefix of ["", "a", "a/", "a/c", "b/", "b//", "d/e", "é", "zz"]) {
        const expected = model(tree, prefix, delimiter);
        for (const limit of pageSizes) {
          const found = await listAll(s, limit, prefix, delimiter);
          expect(found.toSorted()).toEqual(expected.toSorted());
        }
      }
    }
  });

  check("a page ends exactly where the last row does", async (s) => {
    await fill(s, ["a", "b/1", "b/2", "c"]);
    for (const [limit, next] of [
      [1, "a"],
      [2, "b/"],
      [3, undefined],
    ] as const) {
      const ask = { bucket: "house", prefix: "", delimiter: "/", after: "", limit };
      expect(must(await s.objects.list(ask)).next).toBe(next);
    }
  });

  check("a listing begins strictly after any name, there or not", async (s) => {
    await fill(s, tree);
    const sorted = tree.toSorted(compareUtf8);
    for (const after of [...tree, "a/bb", "`", "zzz", "\u{10ffff}"]) {
      const ask = { bucket: "house", prefix: "", delimiter: "", after, limit: 1000 };
      const found = must(await s.objects.list(ask)).objects.map(({ key }) => key);
      expect(found).toEqual(sorted.filter((key) => compareUtf8(key, after) > 0));
    }
    const ask = { bucket: "house", prefix: "a/", delimiter: "", after: "A", limit: 1000 };
    expect(must(await s.objects.list(ask)).objects.length).toBe(4);
  });

  check("a folder that is open in a listing may change meanwhile", async (s) => {
    await fill(s, ["a/1", "a/2", "b"]);
    const ask = { bucket: "house", prefix: "", delimiter: "/", after: "a/", limit: 10 };
    await remove(s, "a/1");
    await put(s, "a/9", "x");
    expect(must(await s.objects.list(ask))).toMatchObject({ objects: [{ key: "b" }], prefixes: [] });
  });

  check("one that begins with the other's name is not the other", async (s) => {
    await fill(s, ["a", "a:b", "ab", "a/b"]);
    expect(await listAll(s, 10, "a:")).toEqual(["a:b"]);
    await remove(s, "a");
    expect(await listAll(s, 10)).toEqual(["a/b", "a:b", "ab"]);
  });

  check("deleted keys are not listed, nor folders of nothing else", async (s) => {
    await makeBucket(s, { versioning: "enabled" });
    for (const key of ["a/1", "a/2", "b/1", "c"]) await put(s, key, "x");
    for (const key of ["a/1", "a/2", "c"]) await remove(s, key);
    for (const limit of pageSizes) {
      expect(await listAll(s, limit, "", "/")).toEqual(["b/…"]);
      expect(await listAll(s, limit)).toEqual(["b/1"]);
    }
  });

  check("rows carry what head says", async (s) => {
    await makeBucket(s);
    await put(s, "a", "hello", { metadata: { x: "y" }, digests: ["sha256"] });
    const ask = { bucket: "house", prefix: "", delimiter: "", after: "", limit: 1 };
    const [row] = must(await s.objects.list(ask)).objects;
    expect(row).toEqual(must(await s.objects.head(at("a"))));
  });

  check("more keys than one page", async (s) => {
    await makeBucket(s);
    const keys = Array.from({ length: 1203 }, (_, i) => `d${i % 7}/${String(i).padStart(5, "0")}`);
    await Promise.all(keys.map((key) => put(s, key, "")));
    expect(await listAll(s, 1000)).toEqual(keys.toSorted());
    expect(await listAll(s, 2, "", "/")).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => `d${i}/…`));
    await Promise.all(keys.map((key) => remove(s, key)));
    expect(await listAll(s, 1000)).toEqual([]);
  });
}

async function fill(s: Stage, keys: readonly string[]): Promise<void> {
  await makeBucket(s);
  for (const key of keys) await put(s, key, "x");
}

/** The same listing, told in the plainest way. */
export function model(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const rows = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const cut = key.indexOf(delimiter, prefix.length);
      return cut < 0 ? key : `${key.slice(0, cut + delimiter.length)}…`;
    });
  return [...new Set(rows)];
}
