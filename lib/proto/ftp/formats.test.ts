import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { concat, lossyText, utf8 } from "../../base/bytes.ts";
import { listTime, longLine } from "../../base/long-listing.ts";
import { asUnixMs } from "../../base/time.ts";
import { activeRefusal, canonicalAddress, passiveText, readExtendedPort, readPort } from "./address.ts";
import { FromNetworkText, toNetworkText } from "./ascii.ts";
import type { Entry } from "./entry.ts";
import { chosenFacts, defaultFacts, factsLine } from "./facts.ts";
import { matches, withoutOptions } from "./listing.ts";
import { readTimeVal, timeVal } from "./time.ts";

const entry: Entry = {
  name: "a b.txt",
  kind: "file",
  size: 1234,
  modifiedAt: asUnixMs(Date.UTC(2026, 10, 3, 4, 5, 6)),
  createdAt: asUnixMs(0),
  mode: 0o640,
  owner: "ann lee",
  group: "",
  id: "x;y z=1",
};
const now = asUnixMs(Date.UTC(2026, 10, 21));

test("a long line is what ls -l prints", () => {
  expect(longLine(entry, now)).toBe("-rw-r----- 1 ann_lee  -                1234 Nov  3 04:05 a b.txt");
  const old = { ...entry, kind: "folder" as const, mode: 0o755, modifiedAt: asUnixMs(Date.UTC(2020, 0, 31)) };
  expect(longLine(old, now)).toBe("drwxr-xr-x 2 ann_lee  -                1234 Jan 31  2020 a b.txt");
});

test("a time in the future or half a year old shows its year", () => {
  expect(listTime(asUnixMs(Date.UTC(2027, 5, 1)), now)).toBe("Jun  1  2027");
  expect(listTime(asUnixMs(Date.UTC(2026, 4, 1)), now)).toBe("May  1  2026");
});

test("facts cannot be broken by odd values", () => {
  expect(factsLine(entry, defaultFacts, entry.name)).toBe(
    "Type=file;Size=1234;Modify=20261103040506;Perm=adfwr;Unique=x_y_z_1;UNIX.mode=0640;" +
      "UNIX.owner=ann_lee;UNIX.group=; a b.txt",
  );
  expect(factsLine({ ...entry, kind: "folder" }, chosenFacts(["TYPE", "perm", "size"]), "d", "cdir")).toBe(
    "Type=cdir;Perm=cdfmpel; d",
  );
});

test("times are read as they are written, and none that does not exist", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
      expect(readTimeVal(timeVal(asUnixMs(ms)))).toBe(asUnixMs(ms));
    }),
  );
  for (const text of [
    "20230230000000",
    "20231301000000",
    "20230101240000",
    "20230101006000",
    "19691231235959",
  ]) {
    expect(readTimeVal(text)).toBeUndefined();
  }
  expect(readTimeVal("2023010100000")).toBeUndefined();
});

test("text mode gives back the very same bytes, however they are cut", () => {
  const bytes = fc.array(fc.constantFrom(10, 13, 65), { maxLength: 40 }).map((list) => Uint8Array.from(list));
  fc.assert(
    fc.property(fc.array(bytes), (chunks) => {
      const back = new FromNetworkText();
      const sent = chunks.map(toNetworkText);
      const got = concat([...sent.map((chunk) => back.push(chunk)), back.end()]);
      expect([...got]).toEqual([...concat(chunks)]);
    }),
  );
  expect(lossyText(toNetworkText(utf8("a\nb\r\nc\r")))).toBe("a\r\nb\r\r\nc\r");
  const cut = new FromNetworkText();
  expect(
    [cut.push(utf8("a\r")), cut.push(utf8("\nb\r")), cut.push(utf8("c\r")), cut.end()].map(lossyText),
  ).toEqual(["a", "\nb", "\rc", "\r"]);
});

test("patterns pick names, in bounded time", () => {
  expect(matches("*.t?t", "a.txt")).toBe(true);
  expect(matches("*", "")).toBe(true);
  expect(matches("a*b*c", "a-c-b")).toBe(false);
  expect(matches("[a]", "[a]")).toBe(true);
  const started = performance.now();
  expect(matches(`${"a*".repeat(100)}b`, "a".repeat(250))).toBe(false);
  expect(performance.now() - started).toBeLessThan(15_000);
});

test("words that ls understands are left out of a listing's argument", () => {
  expect(withoutOptions("-al /path")).toBe("/path");
  expect(withoutOptions("-a -l -R")).toBe("");
  expect(withoutOptions("./-al")).toBe("./-al");
  expect(withoutOptions("-- -al")).toBe("-al");
  expect(withoutOptions("plain -l")).toBe("plain -l");
});

test("PORT and EPRT are read strictly", () => {
  expect(readPort("192,0,2,1,4,1")).toEqual({ host: "192.0.2.1", port: 1025 });
  expect(readExtendedPort("|2|2001:db8::1|5282|")).toEqual({
    is: "address",
    family: 6,
    address: { host: "2001:db8::1", port: 5282 },
  });
  for (const text of [
    "",
    "|",
    "||||",
    "|1|1.2.3|5|",
    "|2|12345::|5|",
    "|2|::1::|5|",
    "|1|1.2.3.4|0|",
    "é1é1é1é",
  ]) {
    expect(readExtendedPort(text).is).toBe("malformed");
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      readPort(text);
      readExtendedPort(text);
    }),
  );
  expect(passiveText({ host: "192.0.2.1", port: 4001 })).toBe("Entering Passive Mode (192,0,2,1,15,161)");
});

test("one address has one spelling, and only one's own is called", () => {
  expect(canonicalAddress("::ffff:192.0.2.1")).toBe("192.0.2.1");
  expect(canonicalAddress("0:0:0:0:0:FFFF:c000:201")).toBe("192.0.2.1");
  expect(canonicalAddress("2001:0DB8::1")).toBe(canonicalAddress("2001:db8:0:0:0:0:0:1"));
  expect(activeRefusal({ host: "192.0.2.1", port: 1024 }, "::ffff:192.0.2.1", false)).toBeUndefined();
  expect(activeRefusal({ host: "192.0.2.2", port: 1024 }, "192.0.2.1", false)).toBeDefined();
  expect(activeRefusal({ host: "192.0.2.1", port: 1023 }, "192.0.2.1", true)).toBeDefined();
  expect(activeRefusal({ host: "192.0.2.2", port: 1024 }, "192.0.2.1", true)).toBeUndefined();
  for (const host of [
    "127.0.0.1",
    "::1",
    "::ffff:127.0.0.1",
    "169.254.169.254",
    "fe80::1",
    "0.0.0.0",
    "224.0.0.1",
  ])
    expect(activeRefusal({ host, port: 1024 }, "192.0.2.1", true)).toBeDefined();
});
