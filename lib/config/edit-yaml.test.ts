import { expect, test } from "bun:test";
import { must } from "../base/result.ts";
import { withSetting } from "./edit-yaml.ts";

const file = `# our FTP server
ftp:
  listen: "[::]:21" # all addresses
  idleTimeout: 10m

log:
  level: info
`;

test("one setting is set, and every comment stays", () => {
  expect(must(withSetting(file, "ftp", "idleTimeout", "5m"))).toBe(file.replace("10m", "5m"));
  expect(must(withSetting(file, "ftp", "banner", "hello: there"))).toContain(`  banner: "hello: there"\n`);
  expect(must(withSetting(file, "s3", "domains", ["a", "b"]))).toEndWith(
    "s3:\n  domains:\n    - a\n    - b\n",
  );
});

test("a file that is not there yet begins with the section", () => {
  expect(must(withSetting("", "log", "level", "debug"))).toBe("log:\n  level: debug\n");
  expect(must(withSetting("# only a comment\n", "log", "level", "debug"))).toContain("# only a comment");
});

test("a setting is taken out, with its section where nothing is left of it", () => {
  const without = must(withSetting(file, "log", "level", undefined));
  expect(without).not.toContain("log:");
  expect(without).toContain("# all addresses");
  expect(must(withSetting(file, "log", "nothing", undefined))).toContain("level: info");
  expect(must(withSetting("log:\n  level: info\n", "log", "level", undefined))).toBe("");
});

test("what is no mapping of sections is left alone", () => {
  for (const bad of ["- a\n- b\n", "ftp: 7\n", "a: [\n", "just text\n"])
    expect(withSetting(bad, "ftp", "x", 1)).toMatchObject({ ok: false, fault: { code: "damaged" } });
});
