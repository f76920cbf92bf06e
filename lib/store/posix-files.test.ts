import { readdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { utf8 } from "../base/bytes.ts";
import { seededEntropy } from "../base/entropy.ts";
import { must } from "../base/result.ts";
import { handClock } from "../base/time.ts";
import type { Files } from "./files.ts";
import { create, edit, expectFault, listAll, names, p, readFile } from "./files-stage.conformance.ts";
import { reading, writeFile } from "./files-stage.conformance.ts";
import { filesConformance } from "./files.conformance.ts";
import { errnoNumberResult, errnoResult } from "./posix-errno.ts";
import { posixFiles, type PosixFilesNeeds } from "./posix-files.ts";

interface Opened extends AsyncDisposable {
  readonly files: Files;
  readonly folder: string;
}

async function open(more: Partial<PosixFilesNeeds> = {}): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-posix-"));
  const files = must(posixFiles(folder, { clock: handClock(), entropy: seededEntropy(1), ...more }));
  return {
    files,
    folder,
    async [Symbol.asyncDispose]() {
      files[Symbol.dispose]();
      await rm(folder, { recursive: true });
    },
  };
}

filesConformance("a directory", () => open());
filesConformance("a directory without openat2", () => open({ calls: undefined }));

/** What lies outside a root, which no path of ours may reach. */
const linked = { name: "secret", text: "outside" };

for (const way of ["openat2", "name by name"] as const) {
  const more = way === "openat2" ? {} : { calls: undefined };

  test(`links out of the root lead nowhere (${way})`, async () => {
    await using outside = await open();
    await using opened = await open(more);
    const { files, folder } = opened;
    await writeFile(outside.files, `/${linked.name}`, linked.text);
    symlinkSync(outside.folder, join(folder, "abroad"));
    symlinkSync(`${outside.folder}/${linked.name}`, join(folder, "file"));
    symlinkSync("../../../../../../etc", join(folder, "etc"));
    symlinkSync("/proc/self/root", join(folder, "proc"));
    symlinkSync("loop", join(folder, "loop"));
    for (const path of ["/abroad/secret", "/file", "/etc/passwd", "/proc/etc/passwd", "/loop"]) {
      expectFault(await files.open(p(path), reading), "denied");
      expectFault(await files.open(p(path), edit), "denied");
      expectFault(await files.change(p(path), { mode: 0o777 }), "denied");
    }
    for (const path of ["/abroad/new", "/etc/new"]) {
      expectFault(await files.open(p(path), create), "denied");
      expectFault(await files.makeFolder(p(path)), "denied");
      expectFault(await files.removeFile(p(path)), "denied");
    }
    await writeFile(files, "/plain", "x");
    expectFault(await files.rename(p("/plain"), p("/abroad/plain"), true), "denied");
    expectFault(await files.list(p("/abroad"), "", 10), "denied");
    for (const { name, kind } of await listAll(files, "/", 10)) {
      expect(kind).toBe(name === "plain" ? "file" : "link");
    }
    expect(must(await files.stat(p("/abroad"))).kind).toBe("link");
    must(await files.removeFile(p("/abroad")));
    expect(await readFile(outside.files, "/secret")).toBe("outside");
  });

  test(`only plain files are opened (${way})`, async () => {
    await using opened = await open(more);
    const { files, folder } = opened;
    expect(Bun.spawnSync(["mkfifo", join(folder, "pipe")]).exitCode).toBe(0);
    using server = Bun.listen({ unix: join(folder, "socket"), socket: { data() {} } });
    expect(server.unix).toBe(join(folder, "socket"));
    for (const name of ["pipe", "socket"]) {
      expectFault(await files.open([name], reading), "denied");
      expectFault(await files.open([name], edit), "denied");
      expectFault(await files.open([name], create), "denied");
      expect(must(await files.stat([name])).size).toBe(0);
    }
    must(await files.removeFile(p("/pipe")));
  });

  test(`names that are no text are shown, found and renamed (${way})`, async () => {
    await using opened = await open(more);
    const { files, folder } = opened;
    const raw = [[0xff], [0x61, 0x0a, 0x62], [0xc3], [0xee, 0xbf, 0xbf], [0x61]];
    const paths = raw.map((bytes) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(bytes)]));
    for (const path of paths) writeFileSync(path, path.subarray(-1));
    const shown = await names(files, "/");
    expect(shown.length).toBe(raw.length);
    expect(new Set(shown).size).toBe(raw.length);
    for (const name of shown) {
      const file = must(await files.open([name], reading));
      expect(must(await file.read(0, 10)).length).toBe(1);
      must(await file.close());
    }
    expect(await names(files, "/", 1)).toEqual(shown);
    must(await files.rename([shown.at(-1)!], p("/plain"), false));
    expect((await names(files, "/")).length).toBe(raw.length);
    for (const name of await names(files, "/")) must(await files.removeFile([name]));
  });

  test(`an upload is nobody's until it is closed, and leaves nothing when dropped (${way})`, async () => {
    await using opened = await open(more);
    const { files, folder } = opened;
    const file = must(await files.open(p("/f"), create));
    must(await file.write(0, utf8("x")));
    must(await file.flush());
    expect(await names(files, "/")).toEqual([]);
    await file.discard();
    expect(readdirSync(folder)).toEqual([]);
    await writeFile(files, "/f", "1");
    await writeFile(files, "/f", "2");
    expect(readdirSync(folder)).toEqual(["f"]);
    expectFault(await files.stat(p("/.holdfast-0123456789abcdef.part")), "bad-name");
  });
}

test("links within the root are followed", async () => {
  await using opened = await open();
  const { files, folder } = opened;
  must(await files.makeFolder(p("/real")));
  await writeFile(files, "/real/f", "x");
  symlinkSync("real", join(folder, "link"));
  symlinkSync("real/f", join(folder, "file"));
  expect(must(await files.stat(p("/link"))).kind).toBe("folder");
  expect(await readFile(files, "/link/f")).toBe("x");
  expect(await readFile(files, "/file")).toBe("x");
  await writeFile(files, "/link/g", "y");
  expect(await names(files, "/real")).toEqual(["f", "g"]);
  expectFault(await files.open(p("/file"), edit), "denied");
});

test("what another program replaced is told to the writer, and stays", async () => {
  await using opened = await open();
  const { files, folder } = opened;
  await writeFile(files, "/f", "base");
  const file = must(await files.open(p("/f"), edit));
  must(await file.write(0, utf8("mine")));
  writeFileSync(join(folder, "other"), "theirs");
  renameSync(join(folder, "other"), join(folder, "f"));
  expectFault(await file.close(), "conflict");
  expect(await readFile(files, "/f")).toBe("theirs");
  expect(readdirSync(folder)).toEqual(["f"]);
});

test("a folder swapped for a link while names are looked up never leads out", async () => {
  await using outside = await open();
  await using opened = await open();
  const { files, folder } = opened;
  await writeFile(outside.files, "/f", "outside");
  must(await files.makeFolder(p("/d")));
  await writeFile(files, "/d/f", "inside");
  for (let i = 0; i < 300; i++) {
    renameSync(join(folder, "d"), join(folder, "away"));
    symlinkSync(outside.folder, join(folder, "d"));
    const during = readFile(files, "/d/f");
    unlinkSync(join(folder, "d"));
    renameSync(join(folder, "away"), join(folder, "d"));
    expect(await during).not.toBe("outside");
  }
});

test("a folder of many names is paged without reading it anew each time", async () => {
  await using opened = await open();
  const { files, folder } = opened;
  for (let i = 0; i < 5000; i++) writeFileSync(join(folder, `n${i * 7919}`), "");
  const all = await names(files, "/", 100);
  expect(all).toEqual(readdirSync(folder).toSorted());
  const first = must(await files.list([], "", 10));
  await writeFile(files, "/n-later", "");
  expect(must(await files.list([], first.next!, 10)).rows.length).toBe(10);
});

test("what the system refuses has a name of ours", () => {
  const emfile = Object.assign(new Error("no descriptors"), { code: "EMFILE" });
  expect(errnoResult(emfile)).toMatchObject({ fault: { code: "too-many" } });
  for (const [errno, code] of [
    [28, "no-space"],
    [30, "read-only"],
    [122, "quota"],
    [24, "too-many"],
    [9999, "io"],
  ] as const) {
    expect(errnoNumberResult(errno)).toMatchObject({ fault: { code } });
  }
});
