import { expect } from "bun:test";
import { compareUtf8 } from "../base/bytes.ts";
import { must } from "../base/result.ts";
import { asUnixMs } from "../base/time.ts";
import type { Files } from "./files.ts";
import { create, edit, expectFault, fresh, names, p, readFile, reading } from "./files-stage.conformance.ts";
import { listAll, writeFile, type FilesCheck } from "./files-stage.conformance.ts";

export function fileTreeChecks(check: FilesCheck): void {
  check("the root is an empty folder that stays", async (files) => {
    expect(must(await files.stat([]))).toMatchObject({ kind: "folder" });
    expect(await names(files, "/")).toEqual([]);
    expectFault(await files.makeFolder([]), "exists");
    expectFault(await files.removeFolder([]), "denied");
    expectFault(await files.removeFile([]), "is-directory");
    expectFault(await files.open([], create), "is-directory");
    expectFault(await files.rename([], p("/a"), true), "invalid");
    must(await files.makeFolder(p("/a")));
    expectFault(await files.rename(p("/a"), [], true), "exists");
  });

  check("folders are made one by one, beneath folders", async (files) => {
    must(await files.makeFolder(p("/a")));
    must(await files.makeFolder(p("/a/b")));
    expect(must(await files.stat(p("/a/b")))).toMatchObject({ kind: "folder" });
    expect(await names(files, "/a")).toEqual(["b"]);
    expectFault(await files.makeFolder(p("/a/b")), "exists");
    expectFault(await files.makeFolder(p("/x/y")), "not-found");
    await writeFile(files, "/file", "x");
    expectFault(await files.makeFolder(p("/file")), "exists");
    expectFault(await files.makeFolder(p("/file/sub")), "not-directory");
  });

  check("what is not there is not found; a file on the way is told", async (files) => {
    await writeFile(files, "/file", "x");
    must(await files.makeFolder(p("/folder")));
    for (const path of [p("/nope"), p("/folder/nope"), p("/folder/no/pe")]) {
      expectFault(await files.stat(path), "not-found");
      expectFault(await files.list(path, "", 10), "not-found");
      expectFault(await files.open(path, reading), "not-found");
      expectFault(await files.open(path, edit), "not-found");
      expectFault(await files.removeFile(path), "not-found");
      expectFault(await files.removeFolder(path), "not-found");
      expectFault(await files.rename(path, p("/other"), true), "not-found");
      expectFault(await files.change(path, { mode: 0o600 }), "not-found");
    }
    expectFault(await files.open(p("/no/pe"), create), "not-found");
    expectFault(await files.rename(p("/file"), p("/no/pe"), true), "not-found");
    for (const path of [p("/file/a"), p("/file/a/b")]) {
      expectFault(await files.stat(path), "not-directory");
      expectFault(await files.open(path, create), "not-directory");
      expectFault(await files.removeFile(path), "not-directory");
      expectFault(await files.rename(p("/folder"), path, true), "not-directory");
    }
    expectFault(await files.list(p("/file"), "", 10), "not-directory");
    expectFault(await files.removeFolder(p("/file")), "not-directory");
    expectFault(await files.removeFile(p("/folder")), "is-directory");
    for (const how of [reading, edit, create]) {
      expectFault(await files.open(p("/folder"), how), "is-directory");
    }
  });

  check("a folder goes when it is empty", async (files) => {
    must(await files.makeFolder(p("/a")));
    must(await files.makeFolder(p("/a/b")));
    await writeFile(files, "/a/b/f", "x");
    expectFault(await files.removeFolder(p("/a")), "not-empty");
    expectFault(await files.removeFolder(p("/a/b")), "not-empty");
    must(await files.removeFile(p("/a/b/f")));
    expect(must(await files.stat(p("/a/b"))).kind).toBe("folder");
    must(await files.removeFolder(p("/a/b")));
    must(await files.removeFolder(p("/a")));
    expect(await names(files, "/")).toEqual([]);
  });

  check("names in byte order, each once, at every page size", async (files) => {
    must(await files.makeFolder(p("/d")));
    const folders = ["a", "a-b", "file", "IMG 1", "é", "z"];
    const plain = [
      "a.txt",
      "a b",
      "a-1",
      "a0",
      "A",
      "file-1",
      "file-2.txt",
      "file.d",
      "IMG",
      "IMG 1.jpg",
      "~",
    ];
    plain.push(
      "\uffff",
      "\u{1f600}",
      "e\u0301",
      "z!",
      "100%",
      "%41",
      "a%20b",
      "%2F",
      ".hidden",
      "...",
      "con",
    );
    for (const name of folders) must(await files.makeFolder([...p("/d"), name]));
    for (const name of plain) await writeFile(files, `/d/${name}`, name);
    const order = [...folders, ...plain].sort(compareUtf8);
    for (const limit of [1, 2, 3, 5, 1000]) expect(await names(files, "/d", limit)).toEqual(order);
    for (const after of [...order, "a,", "b", "file-", "zzz"]) {
      const rows = must(await files.list(p("/d"), after, 1000)).rows;
      expect(rows.map(({ name }) => name)).toEqual(order.filter((name) => compareUtf8(name, after) > 0));
    }
    expect(must(await files.list(p("/d"), "", order.length)).next).toBeUndefined();
    for (const { name, kind } of await listAll(files, "/d", 1000)) {
      expect(kind).toBe(folders.includes(name) ? "folder" : "file");
    }
    expect(await readFile(files, "/d/100%")).toBe("100%");
  });

  check("a row says what stat says", async (files) => {
    must(await files.makeFolder(p("/a")));
    await writeFile(files, "/b", "hello");
    must(await files.change(p("/b"), { modifiedAt: asUnixMs(1_600_000_000_000), mode: 0o640 }));
    const rows = await listAll(files, "/", 10);
    expect(rows[0]).toEqual({ name: "a", ...must(await files.stat(p("/a"))) });
    expect(rows[1]).toEqual({ name: "b", ...must(await files.stat(p("/b"))) });
    expect(rows[1]).toMatchObject({ size: 5, mode: 0o640, modifiedAt: 1_600_000_000_000 });
    expect(rows[0]!.id).not.toBe(rows[1]!.id);
  });

  check("names are kept byte for byte; those no tree can have are refused", async (files) => {
    const odd = ["é", "e\u0301", "x".repeat(255), "é".repeat(127), " ", "a ", "\\", "*", "a:b", "\u202e"];
    for (const name of odd) await writeFile(files, `/${name}`, name);
    for (const name of odd) expect(await readFile(files, `/${name}`)).toBe(name);
    expect((await names(files, "/")).toSorted()).toEqual(odd.toSorted());
    for (const name of ["", ".", "..", "a/b", "a\0b", "x".repeat(256), "é".repeat(128), "\ud800"]) {
      expectFault(await files.stat([name]), "bad-name");
      expectFault(await files.open([name], create), "bad-name");
      expectFault(await files.makeFolder([name]), "bad-name");
      expectFault(await files.rename(p("/é"), [name], true), "bad-name");
      expectFault(await files.removeFile([name]), "bad-name");
      expectFault(await files.list([name, "x"], "", 1), "bad-name");
    }
    expectFault(await files.stat(["..", "etc", "passwd"]), "bad-name");
  });

  renameChecks(check);

  check("a door's note moves with the file, and is listed; or none can be kept", async (files) => {
    await writeFile(files, "/f", "x");
    must(await files.makeFolder(p("/d")));
    const noted = await files.change(p("/f"), { note: "a=2" });
    if (!noted.ok) return expectFault(noted, "unsupported");
    must(await files.change(p("/d"), { note: "a=3" }));
    await writeFile(files, "/f", "longer");
    must(await files.change(p("/f"), { mode: 0o600 }));
    must(await files.rename(p("/f"), p("/g"), false));
    expect(must(await files.stat(p("/g")))).toMatchObject({ note: "a=2", mode: 0o600, size: 6 });
    expect(must(await files.list([], "", 10)).rows.map((row) => row.note)).toEqual(["a=3", "a=2"]);
    const file = must(await files.open(p("/g"), edit));
    must(await file.change({ note: "a=4" }));
    expect(must(await file.stat()).note).toBe("a=4");
    must(await file.close());
    expect(must(await files.stat(p("/g")))).toMatchObject({ note: "a=4", size: 6 });
    expectFault(await files.change(p("/g"), { note: "é" }), "invalid");
  });

  check("times and permissions change, special bits never", async (files) => {
    await writeFile(files, "/f", "x");
    must(await files.makeFolder(p("/d")));
    for (const path of [p("/f"), p("/d")]) {
      must(await files.change(path, { modifiedAt: asUnixMs(1_234_567_890_123) }));
      must(await files.change(path, { mode: 0o7705 }));
      expect(must(await files.stat(path))).toMatchObject({ modifiedAt: 1_234_567_890_123, mode: 0o705 });
    }
    must(await files.change(p("/f"), { modifiedAt: asUnixMs(5000), mode: 0o600 }));
    expect(must(await files.stat(p("/f")))).toMatchObject({ modifiedAt: 5000, mode: 0o600, size: 1 });
    expectFault(await files.change(p("/f"), { mode: -1 }), "invalid");
    expectFault(await files.change(p("/f"), { modifiedAt: asUnixMs(Number.NaN) }), "invalid");
  });

  check("a file is cut and extended where it lies", async (files) => {
    await writeFile(files, "/f", "hello");
    must(await files.change(p("/f"), { size: 2 }));
    expect(await readFile(files, "/f")).toBe("he");
    must(await files.change(p("/f"), { size: 4 }));
    expect(await readFile(files, "/f")).toBe("he\0\0");
    must(await files.makeFolder(p("/d")));
    expectFault(await files.change(p("/d"), { size: 0 }), "is-directory");
    expectFault(await files.change(p("/f"), { size: -1 }), "invalid");
  });

  check("there is space", async (files) => {
    const { total, free } = must(await files.space());
    expect(free).toBeGreaterThan(0);
    expect(total).toBeGreaterThanOrEqual(free);
  });

  check("two that make one name: one wins", async (files) => {
    const both = await Promise.all([files.makeFolder(p("/d")), files.makeFolder(p("/d"))]);
    expect(both.filter((r) => r.ok).length).toBe(1);
    const handles = await Promise.all([files.open(p("/f"), fresh), files.open(p("/f"), fresh)]);
    const closed = await Promise.all(handles.map((handle) => must(handle).close()));
    expect(closed.filter((r) => r.ok).length).toBe(1);
    for (const r of closed) if (!r.ok) expectFault(r, "conflict", "exists");
  });
}

function renameChecks(check: FilesCheck): void {
  check("a file is renamed, and takes a name only when told to", async (files) => {
    await tree(files, ["a/", "a/f", "b/", "g"]);
    const before = must(await files.stat(p("/a/f")));
    must(await files.rename(p("/a/f"), p("/b/h"), false));
    expect(must(await files.stat(p("/b/h")))).toMatchObject({
      size: before.size,
      modifiedAt: before.modifiedAt,
    });
    expectFault(await files.stat(p("/a/f")), "not-found");
    expectFault(await files.rename(p("/b/h"), p("/g"), false), "exists");
    must(await files.rename(p("/b/h"), p("/g"), true));
    expect([await readFile(files, "/g"), await names(files, "/b")]).toEqual(["a/f", []]);
    must(await files.rename(p("/g"), p("/g"), false));
    expect(await readFile(files, "/g")).toBe("a/f");
  });

  check("a folder is renamed with all that is in it", async (files) => {
    await tree(files, ["a/", "a/f", "a/s/", "a/s/g", "a/e/", "ab", "b/"]);
    must(await files.rename(p("/a"), p("/b/c"), false));
    expect(await names(files, "/")).toEqual(["ab", "b"]);
    expect(await names(files, "/b/c")).toEqual(["e", "f", "s"]);
    expect(await readFile(files, "/b/c/s/g")).toBe("a/s/g");
    expectFault(await files.rename(p("/b"), p("/b/c/d"), true), "invalid");
    must(await files.rename(p("/b"), p("/b"), false));
    expect(await names(files, "/b/c")).toEqual(["e", "f", "s"]);
  });

  check("what may take whose place", async (files) => {
    await tree(files, ["f", "empty/", "full/", "full/x", "d/", "d/y"]);
    expectFault(await files.rename(p("/d"), p("/empty"), false), "exists");
    expectFault(await files.rename(p("/d"), p("/full"), true), "exists");
    expectFault(await files.rename(p("/d"), p("/f"), true), "exists");
    expectFault(await files.rename(p("/f"), p("/empty"), true), "exists");
    expectFault(await files.rename(p("/f"), p("/full"), true), "exists");
    must(await files.rename(p("/d"), p("/empty"), true));
    expect(await names(files, "/")).toEqual(["empty", "f", "full"]);
    expect(await names(files, "/empty")).toEqual(["y"]);
  });

  check("names that differ in case, or begin alike, stay apart", async (files) => {
    await tree(files, ["a", "A", "ab", "aé"]);
    must(await files.rename(p("/a"), p("/b"), false));
    expect(await names(files, "/")).toEqual(["A", "ab", "aé", "b"]);
    must(await files.removeFile(p("/A")));
    expect(await names(files, "/")).toEqual(["ab", "aé", "b"]);
  });
}

/** "a/" is a folder; a file's content is its own path. */
async function tree(files: Files, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (path.endsWith("/")) must(await files.makeFolder(p(path)));
    else await writeFile(files, path, path);
  }
}
