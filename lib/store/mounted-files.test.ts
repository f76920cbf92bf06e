import { expect, test } from "bun:test";
import { must } from "../base/result.ts";
import { handClock } from "../base/time.ts";
import { create, expectFault, names, p, readFile, writeFile } from "./files-stage.conformance.ts";
import type { Files } from "./files.ts";
import { filesConformance } from "./files.conformance.ts";
import { memoryFiles } from "./memory-files.ts";
import { mountedFiles } from "./mounted-files.ts";
import { rootedFiles } from "./rooted-files.ts";

const memory = (): Files => memoryFiles({ clock: handClock() });
const nothing = { [Symbol.asyncDispose]: () => Promise.resolve() };

filesConformance("a folder as a tree of its own", async () => {
  const files = memory();
  must(await files.makeFolder(p("/home")));
  must(await files.makeFolder(p("/home/alice")));
  return { files: rootedFiles(files, p("/home/alice")), ...nothing };
});

filesConformance("a mounted tree", async () => {
  const files = mountedFiles(memory(), [
    { at: p("/far/away"), files: memory() },
    { at: p("/far/other"), files: memory() },
  ]);
  return { files: rootedFiles(files, p("/far/away")), ...nothing };
});

filesConformance("a tree beneath mounts", async () => {
  const beneath = memory();
  must(await beneath.makeFolder(p("/own")));
  const files = mountedFiles(beneath, [{ at: p("/own-1"), files: memory() }]);
  return { files: rootedFiles(files, p("/own")), ...nothing };
});

test("mounts are listed among the names of the tree, each once, at every page size", async () => {
  const beneath = memory();
  for (const name of ["a", "c", "e", "m"]) must(await beneath.makeFolder([name]));
  await writeFile(beneath, "/m/covered", "x");
  const inner = memory();
  await writeFile(inner, "/seen", "y");
  const files = mountedFiles(beneath, [
    { at: p("/b"), files: memory() },
    { at: p("/m"), files: inner },
    { at: p("/m/deep/er"), files: memory() },
    { at: p("/z"), files: memory() },
  ]);
  for (const limit of [1, 2, 3, 10]) {
    expect(await names(files, "/", limit)).toEqual(["a", "b", "c", "e", "m", "z"]);
    expect(await names(files, "/m", limit)).toEqual(["deep", "seen"]);
  }
  expect(await names(files, "/m/deep")).toEqual(["er"]);
  expect(await readFile(files, "/m/seen")).toBe("y");
  expectFault(await files.stat(p("/m/covered")), "not-found");
  expect(must(await files.stat(p("/m/deep")))).toMatchObject({ kind: "folder", mode: 0o555 });
  await writeFile(files, "/m/deep/er/f", "z");
  expect(await names(files, "/m/deep/er")).toEqual(["f"]);
});

test("a mount stays where it is, and nothing moves between trees", async () => {
  const beneath = memory();
  await writeFile(beneath, "/f", "x");
  const files = mountedFiles(beneath, [{ at: p("/way/m"), files: memory() }]);
  for (const path of ["/way", "/way/m"]) {
    expectFault(await files.removeFolder(p(path)), "busy");
    expectFault(await files.rename(p(path), p("/other"), false), "busy");
    expectFault(await files.rename(p("/f"), p(path), true), "busy");
    expectFault(await files.makeFolder(p(path)), "exists");
    expectFault(await files.open(p(path), create), "is-directory");
    expectFault(await files.removeFile(p(path)), "is-directory");
  }
  expectFault(await files.rename(p("/f"), p("/way/m/f"), false), "unsupported");
  expectFault(await files.open(p("/way/new"), create), "read-only");
  expectFault(await files.makeFolder(p("/way/new")), "read-only");
  expectFault(await files.stat(p("/way/new")), "not-found");
});
