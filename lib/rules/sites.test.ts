import { expect, test } from "bun:test";
import { mayUseSite, readHost, siteOf, type Site } from "./sites.ts";

const site: Site = {
  name: "files.example.com",
  addresses: ["192.0.2.1", "2001:db8::1"],
  users: ["ann", "group:staff"],
};

test("a site is found by its name and its addresses, however written", () => {
  for (const said of ["Files.Example.COM", "192.0.2.1", "[2001:0DB8::1]"])
    expect(siteOf([site], readHost(said) ?? "")).toBe(site);
  for (const bad of [
    "",
    "-x",
    "a b",
    "x/../y",
    "[192.0.2.1]",
    "2001:db8::1",
    "[::1",
    "a..b",
    "x".repeat(254),
  ])
    expect([bad, readHost(bad)]).toEqual([bad, undefined]);
  expect(siteOf([site], "other.example.com")).toBeUndefined();
});

test("who may use it", () => {
  expect(mayUseSite(site, { name: "ann", groups: [] })).toBe(true);
  expect(mayUseSite(site, { name: "bob", groups: ["staff"] })).toBe(true);
  expect(mayUseSite(site, { name: "staff", groups: [] })).toBe(false);
  expect(mayUseSite({ ...site, users: undefined }, { name: "eve", groups: [] })).toBe(true);
});
