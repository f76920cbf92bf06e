import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { utf8 } from "../base/bytes.ts";
import { seededEntropy } from "../base/entropy.ts";
import { pathText, type Path } from "../base/path.ts";
import { must } from "../base/result.ts";
import { asUnixMs, handClock } from "../base/time.ts";
import { houseActor } from "../rules/identity.ts";
import { filesOf } from "./bucket-files.ts";
import type { Files } from "./files.ts";
import { create, edit, expectFault, listAll, names, p, readFile } from "./files-stage.conformance.ts";
import { reading, writeFile } from "./files-stage.conformance.ts";
import { filesConformance } from "./files.conformance.ts";
import { memoryObjects } from "./memory-objects.ts";
import { source } from "./objects-stage.conformance.ts";
import type { Objects, Versioning } from "./objects.ts";

interface Opened extends AsyncDisposable {
  readonly files: Files;
  readonly objects: Objects;
}

async function open(versioning: Versioning, prefix = ""): Promise<Opened> {
  const staging = await mkdtemp(join(tmpdir(), "holdfast-files-"));
  const needs = { clock: handClock(), entropy: seededEntropy(1) };
  const objects = memoryObjects(needs);
  const bucket = { name: "home", tenant: "t1", owner: "u1", versioning };
  must(await objects.createBucket(houseActor, bucket));
  const files = filesOf(objects, "home", prefix, { ...needs, actor: houseActor, staging });
  return {
    files,
    objects,
    async [Symbol.asyncDispose]() {
      expect(await readdir(staging)).toEqual([]);
      await rm(staging, { recursive: true });
    },
  };
}

filesConformance("a bucket's files", () => open("off"));
filesConformance("a prefix's files", () => open("off", "team/alice/"));
filesConformance("a versioned bucket's files", () => open("enabled"), { keepsVersions: true });

async function put(objects: Objects, key: string, text: string): Promise<void> {
  const facts = { contentType: undefined, headers: {}, metadata: {}, tags: {}, modifiedAt: undefined };
  const ask = { ...facts, digests: [], expect: () => ({}), when: {} };
  must(await objects.put(houseActor, { bucket: "home", key }, source(text), ask));
}

/** Every file of the tree, by its path. */
async function walk(files: Files, path: Path, limit: number): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { name, kind } of await listAll(files, pathText(path), limit)) {
    const at = [...path, name];
    expect(must(await files.stat(at)).kind).toBe(kind);
    if (kind === "folder") Object.assign(found, await walk(files, at, limit));
    else found[pathText(at)] = await readFile(files, pathText(at));
  }
  return found;
}

const awkward = [
  "plain.txt",
  "a",
  "a/b",
  "a-1",
  "a.txt",
  "a/b/c",
  "a//d",
  "/",
  "/x",
  "//",
  "..",
  ".",
  "../../etc/passwd",
  "dir/",
  "dir/.versions/y",
  "dir/%2Eversions/y",
  "line\nbreak",
  "nul\0",
  "a%file",
  "a%file/z",
  "b%0A",
  "%_",
  "\u{1f600}",
  "\uffff",
  "c/",
  "c",
  "c!",
  "c!/x",
  "c!/",
  "l".repeat(600),
  "l".repeat(255),
  "l".repeat(250),
  `${"l".repeat(600)}/below`,
  `${"l".repeat(300)}2/${"é".repeat(200)}`,
  "l".repeat(251),
];

test("keys that no tree can show are all there, each once, under names that find them", async () => {
  for (const limit of [1, 2, 3, 1000]) {
    await using opened = await open("off");
    const { files, objects } = opened;
    for (const key of awkward) await put(objects, key, `of ${key}`);
    const found = await walk(files, [], limit);
    const content = awkward.filter((key) => !key.endsWith("/")).map((key) => `of ${key}`);
    expect(Object.values(found).toSorted()).toEqual(content.toSorted());
    expect(found["/a%file"]).toBe("of a");
    expect(found["/a/b%file"]).toBe("of a/b");
    expect(found["/a%file%file"]).toBe("of a%file");
    expect(found["/%2E%2E/%2E%2E/etc/passwd"]).toBe("of ../../etc/passwd");
    expect(found["/line%0Abreak"]).toBe("of line\nbreak");
  }
});

test("a file beside its folder is written, renamed and removed under its escaped name", async () => {
  await using opened = await open("off");
  const { files, objects } = opened;
  await put(objects, "a", "file");
  await put(objects, "a/b", "within");
  expect(must(await files.stat(p("/a"))).kind).toBe("folder");
  expectFault(await files.removeFile(p("/a")), "is-directory");
  await writeFile(files, "/a%file", "changed");
  expect(must(await objects.head({ bucket: "home", key: "a" })).size).toBe(7);
  must(await files.rename(p("/a%file"), p("/moved"), false));
  expect(await readFile(files, "/moved")).toBe("changed");
  expect(await readFile(files, "/a/b")).toBe("within");
  expectFault(await files.open(p("/a%file"), create), "bad-name");
  expectFault(await files.makeFolder(p("/new%file")), "bad-name");
});

test("folders that only keys make stay when the last of them goes", async () => {
  await using opened = await open("off");
  const { files, objects } = opened;
  for (const key of ["a/b/1", "c/1"]) await put(objects, key, "x");
  must(await files.removeFile(p("/a/b/1")));
  must(await files.rename(p("/c/1"), p("/d"), false));
  expect(await names(files, "/")).toEqual(["a", "c", "d"]);
  expect(await names(files, "/a")).toEqual(["b"]);
  must(await files.removeFolder(p("/a/b")));
  must(await files.removeFolder(p("/a")));
  expect(await names(files, "/")).toEqual(["c", "d"]);
});

test("what another door replaced is told to the writer, and what it wrote stays", async () => {
  await using opened = await open("off");
  const { files, objects } = opened;
  await put(objects, "a", "base");
  const file = must(await files.open(p("/a"), edit));
  must(await file.write(0, utf8("mine")));
  await put(objects, "a", "theirs");
  expectFault(await file.close(), "conflict");
  const upload = must(await files.open(p("/new"), create));
  must(await upload.write(0, utf8("mine")));
  await put(objects, "new", "theirs");
  expectFault(await upload.close(), "conflict");
  expect([await readFile(files, "/a"), await readFile(files, "/new")]).toEqual(["theirs", "theirs"]);
});

test("both are kept where versions are, and S3 never sees half a file", async () => {
  await using opened = await open("enabled");
  const { files, objects } = opened;
  await put(objects, "a", "base");
  const file = must(await files.open(p("/a"), edit));
  must(await file.write(0, utf8("mine")));
  await put(objects, "a", "theirs");
  must(await file.write(4, utf8(" too")));
  must(await file.flush());
  expect(must(await objects.head({ bucket: "home", key: "a" })).size).toBe(6);
  must(await file.close());
  const ask = { bucket: "home", prefix: "a", delimiter: "", after: "", afterVersion: "", limit: 10 };
  const sizes = must(await objects.listVersions(ask)).versions.map(({ size }) => size);
  expect(sizes).toEqual([8, 6, 4]);
  must(await files.removeFile(p("/a")));
  expect(must(await objects.head({ bucket: "home", key: "a" })).deleteMarker).toBe(true);
});

test("a change of facts alone makes no version and keeps the content's own", async () => {
  await using opened = await open("enabled");
  const { files, objects } = opened;
  await writeFile(files, "/page.html", "<p>");
  const file = must(await files.open(p("/page.html"), edit));
  must(await file.change({ mode: 0o600, modifiedAt: asUnixMs(1234) }));
  must(await file.close());
  const ask = { bucket: "home", prefix: "", delimiter: "", after: "", afterVersion: "", limit: 10 };
  const [version, ...others] = must(await objects.listVersions(ask)).versions;
  expect(others).toEqual([]);
  expect(version).toMatchObject({ modifiedAt: 1234, metadata: { mode: "33152" } });
  expect(version!.contentType).toStartWith("text/html");
});

test("a prefix shows its own keys and no others", async () => {
  await using opened = await open("off", "team/alice/");
  const { files, objects } = opened;
  for (const key of ["team/alice", "team/alice/mine", "team/alicent/x", "team/bob/y", "z"]) {
    await put(objects, key, key);
  }
  expect(await names(files, "/")).toEqual(["mine"]);
  await writeFile(files, "/new", "x");
  expect(must(await objects.head({ bucket: "home", key: "team/alice/new" })).size).toBe(1);
  expect(must(await files.stat([])).kind).toBe("folder");
});

test("quota and retention are told by their own names", async () => {
  await using opened = await open("off");
  const { files, objects } = opened;
  must(await objects.changeBucket(houseActor, "home", { quota: { bytes: 10 } }));
  await writeFile(files, "/a", "123456");
  const file = must(await files.open(p("/b"), create));
  must(await file.write(0, utf8("12345")));
  expectFault(await file.close(), "quota");
  expect(must(await files.space())).toEqual({ total: 10, free: 4 });
  expect(await names(files, "/")).toEqual(["a"]);
});

test("older versions are in .versions, deleted files too, to be read and not written", async () => {
  await using opened = await open("enabled");
  const { files, objects } = opened;
  must(await files.makeFolder(p("/d")));
  for (const text of ["one", "two"]) await put(objects, "d/report.txt", text);
  await put(objects, "d/report.txt/odd", "beneath");
  await put(objects, "d-1", "x");
  must(await files.removeFile(p("/d/report.txt%file")));
  expect(await names(files, "/")).toEqual(["d", "d-1"]);
  expect(await names(files, "/.versions")).toEqual(["d", "d-1"]);
  expect(must(await files.stat(p("/.versions")))).toMatchObject({ kind: "folder", mode: 0o555 });
  for (const folder of ["/d/.versions", "/.versions/d"]) {
    expect(await names(files, folder, 1)).toEqual(["report.txt"]);
    const shown = await names(files, `${folder}/report.txt`, 1);
    expect(shown.length).toBe(3);
    expect(shown.at(-1)).toBe("odd");
    const texts = await Promise.all(
      shown.slice(0, 2).map((name) => readFile(files, `${folder}/report.txt/${name}`)),
    );
    expect(texts.toSorted()).toEqual(["one", "two"]);
    expect(shown[0]).toMatch(/^2023-11-14T[0-9-]+\.\d{3}Z_[0-9a-z]{26}\.txt$/);
    const version = p(`${folder}/report.txt/${shown[0]}`);
    expect(must(await files.stat(version))).toMatchObject({ kind: "file", mode: 0o444, size: 3 });
    expectFault(await files.open(version, edit), "read-only");
    expectFault(await files.removeFile(version), "read-only");
    expectFault(await files.rename(version, p("/back"), false), "read-only");
    expectFault(await files.list(version, "", 1), "not-directory");
  }
  expectFault(await files.makeFolder(p("/.versions/new")), "read-only");
  expectFault(await files.rename(p("/d"), p("/.versions/d2"), false), "read-only");
  expectFault(await files.stat(p("/.versions/nope")), "not-found");
  expectFault(await files.open(p("/.versions/d"), reading), "is-directory");
});

test("where versions are not kept there is no such folder", async () => {
  await using opened = await open("off");
  expectFault(await opened.files.stat(p("/.versions")), "not-found");
  expectFault(await opened.files.list(p("/.versions"), "", 1), "not-found");
});
