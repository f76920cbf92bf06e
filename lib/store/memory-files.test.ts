import { expect, test } from "bun:test";
import { utf8 } from "../base/bytes.ts";
import { must } from "../base/result.ts";
import { handClock } from "../base/time.ts";
import { create, expectFault, p, writeFile } from "./files-stage.conformance.ts";
import { filesConformance } from "./files.conformance.ts";
import { memoryFiles } from "./memory-files.ts";

filesConformance("memory files", async () => ({
  files: memoryFiles({ clock: handClock() }),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}));

test("a full disk is told before anything is lost", async () => {
  const files = memoryFiles({ clock: handClock(), capacityBytes: 10 });
  await writeFile(files, "/a", "123456");
  const file = must(await files.open(p("/b"), create));
  expectFault(await file.write(0, utf8("12345")), "no-space");
  must(await file.write(0, utf8("1234")));
  must(await file.close());
  expect(must(await files.space())).toEqual({ total: 10, free: 0 });
});
