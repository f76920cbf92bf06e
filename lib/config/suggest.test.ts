import { expect, test } from "bun:test";
import { nearest } from "./suggest.ts";

test.each([
  ["idleTimout", "idleTimeout"],
  ["idletimeout", "idleTimeout"],
  ["lsiten", "listen"],
  ["lisen", "listen"],
  ["zebra", undefined],
  ["", undefined],
  ["x".repeat(100_000), undefined],
])("%.20s means %s", (name, meant) => {
  expect(nearest(name, ["listen", "idleTimeout", "greeting"])).toBe(meant);
});
