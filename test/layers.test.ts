import { expect, test } from "bun:test";
import { importCircles, layerBreaches } from "./layers.ts";
import { readSources } from "./sources.ts";

test("every import in lib and cmd follows the table", async () => {
  const files = await readSources(["lib", "cmd"]);
  expect(files.flatMap(layerBreaches)).toEqual([]);
});

test("there is no circle of imports", async () => {
  expect(importCircles(await readSources(["lib", "cmd"]))).toEqual([]);
});

const planted: [path: string, text: string][] = [
  ["lib/base/x.ts", 'import { a } from "../wire/reader.ts";'],
  ["lib/rules/x.ts", 'import type { Objects } from "../store/objects.ts";'],
  ["lib/proto/ftp/x.ts", 'import { b } from "../smb/header.ts";'],
  ["lib/gate/ftp/x.ts", 'import { b } from "../s3/put.ts";'],
  ["lib/gate/ftp/x.ts", 'import { tcp } from "../../host/tcp.ts";'],
  ["lib/proto/ftp/x.ts", 'import fs from "node:fs";'],
  ["lib/store/x.ts", 'import { dlopen } from "bun:ffi";'],
  ["lib/store/x.ts", 'export * from "hono";'],
  ["cmd/s3d/x.ts", 'import { y } from "../ftpd/main.ts";'],
  ["cmd/s3d/x.ts", 'import { y } from "../../lib/wire/xml.ts";'],
  ["lib/rules/x.ts", "export const at = () => Date.now();"],
  ["lib/proto/ntp/x.ts", "const t = `${performance.now()}`;"],
  ["lib/gate/s3/x.ts", "setTimeout(() => {}, 1);"],
  ["lib/crypto/x.ts", 'const b = await import("bun");'],
  ["lib/host/x.ts", 'const home = process.env["HOME"];'],
  ["cmd/s3d/x.ts", "const { HOME } = Bun.env;"],
];

test.each(planted)("a planted breach in %s is found: %s", (path, text) => {
  expect(layerBreaches({ path, text })).toHaveLength(1);
});

test("the ambient words may be spoken of in comments and strings", () => {
  const text =
    '// Date.now is not for us\nexport const s = "setTimeout(";\n/* fetch( */ const r = /console\\./;';
  expect(layerBreaches({ path: "lib/rules/x.ts", text })).toEqual([]);
});

test("a planted circle is found", () => {
  const files = [
    { path: "lib/base/a.ts", text: 'import "./b.ts";' },
    { path: "lib/base/b.ts", text: 'import type { C } from "./c.ts";' },
    { path: "lib/base/c.ts", text: 'import "./a.ts";' },
  ];
  expect(importCircles(files)).toEqual(["lib/base/a.ts → lib/base/b.ts → lib/base/c.ts → lib/base/a.ts"]);
});
