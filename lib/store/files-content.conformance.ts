import { expect } from "bun:test";
import { empty, lossyText, utf8 } from "../base/bytes.ts";
import { must } from "../base/result.ts";
import { asUnixMs } from "../base/time.ts";
import { create, edit, expectFault, fresh, names, p, pattern, readFile } from "./files-stage.conformance.ts";
import {
  reading,
  readWhole,
  writeFile,
  type FilesCheck,
  type FilesTraits,
} from "./files-stage.conformance.ts";

const text = (bytes: Uint8Array): string => lossyText(bytes);

export function fileContentChecks(check: FilesCheck, traits: FilesTraits): void {
  check("a new file is seen once it is closed", async (files) => {
    const file = must(await files.open(p("/f"), fresh));
    must(await file.write(0, utf8("hello")));
    expect(must(await file.stat())).toMatchObject({ kind: "file", size: 5 });
    expectFault(await files.stat(p("/f")), "not-found");
    expect(await names(files, "/")).toEqual([]);
    must(await file.close());
    expect(await readFile(files, "/f")).toBe("hello");
    expect(must(await files.stat(p("/f")))).toMatchObject({ kind: "file", size: 5 });
    expectFault(await files.open(p("/f"), fresh), "exists");
  });

  check("a file of nothing", async (files) => {
    must(await must(await files.open(p("/f"), create)).close());
    expect(must(await files.stat(p("/f"))).size).toBe(0);
    const file = must(await files.open(p("/f"), reading));
    expect(must(await file.read(0, 10)).length).toBe(0);
    must(await file.close());
  });

  check("writing anywhere: gaps are zeros, later writes cover earlier ones", async (files) => {
    const file = must(await files.open(p("/f"), fresh));
    must(await file.write(6, utf8("world")));
    must(await file.write(0, utf8("HELLO")));
    must(await file.write(1, utf8("ello")));
    must(await file.write(20, empty));
    expect(text(must(await file.read(0, 100)))).toBe("Hello\0world");
    expect(text(must(await file.read(4, 3)))).toBe("o\0w");
    expect(must(await file.read(11, 5)).length).toBe(0);
    expect(must(await file.read(1000, 5)).length).toBe(0);
    must(await file.close());
    expect(await readFile(files, "/f")).toBe("Hello\0world");
  });

  check("changing a file in its middle", async (files) => {
    await writeFile(files, "/f", "hello world");
    const file = must(await files.open(p("/f"), edit));
    must(await file.write(6, utf8("W")));
    must(await file.write(11, utf8("!")));
    expect(await readFile(files, "/f")).toBe("hello world");
    expect(text(await readWhole(file))).toBe("hello World!");
    must(await file.flush());
    expect(await readFile(files, "/f")).toBe("hello world");
    must(await file.close());
    expect(await readFile(files, "/f")).toBe("hello World!");
  });

  check("beginning anew, and leaving it", async (files) => {
    await writeFile(files, "/f", "hello world");
    must(await must(await files.open(p("/f"), edit)).close());
    expect(await readFile(files, "/f")).toBe("hello world");
    const left = must(await files.open(p("/f"), create));
    must(await left.write(0, utf8("other")));
    must(await left.flush());
    await left.discard();
    expect(await readFile(files, "/f")).toBe("hello world");
    const file = must(await files.open(p("/f"), { ...edit, truncate: true }));
    expect(must(await file.stat()).size).toBe(0);
    must(await file.close());
    expect(await readFile(files, "/f")).toBe("");
    const never = must(await files.open(p("/g"), fresh));
    must(await never.write(0, utf8("x")));
    await never.discard();
    expect(await names(files, "/")).toEqual(["f"]);
  });

  check("size, time and permissions by the handle, published with the content", async (files) => {
    const file = must(await files.open(p("/f"), fresh));
    must(await file.change({ size: 3 }));
    must(await file.write(0, utf8("hello")));
    must(await file.change({ size: 4 }));
    must(await file.change({ modifiedAt: asUnixMs(1_111_111_111_111), mode: 0o4751 }));
    expectFault(await file.change({ size: -1 }), "invalid");
    must(await file.close());
    expect(await readFile(files, "/f")).toBe("hell");
    const stat = must(await files.stat(p("/f")));
    expect(stat).toMatchObject({ size: 4, modifiedAt: 1_111_111_111_111, mode: 0o751 });
    const again = must(await files.open(p("/f"), edit));
    must(await again.change({ size: 6 }));
    must(await again.close());
    expect(await readFile(files, "/f")).toBe("hell\0\0");
    expect(must(await files.stat(p("/f"))).mode).toBe(0o751);
    await writeFile(files, "/f", "anew");
    expect(must(await files.stat(p("/f"))).mode).toBe(0o751);
  });

  check("what is open to read stays what it was", async (files) => {
    const whole = pattern(700_000);
    await writeFile(files, "/f", whole);
    const first = must(await files.open(p("/f"), reading));
    const second = must(await files.open(p("/f"), reading));
    const third = must(await files.open(p("/f"), reading));
    const head = must(await first.read(0, 1000)).slice();
    await writeFile(files, "/f", "replaced");
    expect(Buffer.compare(await readWhole(first), whole)).toBe(0);
    expect(Buffer.compare(head, whole.subarray(0, 1000))).toBe(0);
    must(await files.rename(p("/f"), p("/g"), false));
    expect(Buffer.compare(await readWhole(second, 1 << 20), whole)).toBe(0);
    must(await files.removeFile(p("/g")));
    expect(Buffer.compare(await readWhole(third, 4096), whole)).toBe(0);
    expect(must(await third.stat()).size).toBe(700_000);
    for (const file of [first, second, third]) must(await file.close());
  });

  check("large files, in order and out of it", async (files) => {
    const whole = pattern(3_000_001);
    const file = must(await files.open(p("/f"), { ...create, read: true }));
    for (let at = 0; at < whole.length; at += 65_536) {
      must(await file.write(at, whole.slice(at, at + 65_536)));
    }
    must(await file.flush());
    must(await file.write(1_000_000, utf8("in the middle")));
    expect(text(must(await file.read(1_000_003, 3)))).toBe("the");
    must(await file.close());
    const expected = whole.slice();
    expected.set(utf8("in the middle"), 1_000_000);
    const back = must(await files.open(p("/f"), reading));
    expect(Buffer.compare(await readWhole(back, 1 << 18), expected)).toBe(0);
    const places = [2_999_990, 0, 1_500_000, 65_535, 1_500_000, 2_000_000];
    const reads = await Promise.all(places.map((at) => back.read(at, 10)));
    reads.forEach((r, i) => expect(must(r)).toEqual(expected.slice(places[i], places[i]! + 10)));
    must(await back.close());
    const sparse = must(await files.open(p("/s"), fresh));
    must(await sparse.write(2_000_000, utf8("end")));
    must(await sparse.close());
    expect(must(await files.stat(p("/s"))).size).toBe(2_000_003);
  });

  check("what is given to be written keeps its length", async (files) => {
    const file = must(await files.open(p("/f"), create));
    for (const size of [1 << 20, 300_000, 1 << 18, 70_000]) {
      const bytes = pattern(size);
      must(await file.write(0, bytes));
      expect(bytes.length).toBe(size);
    }
    must(await file.close());
    const other = must(await files.open(p("/g"), create));
    for (let at = 0; at < 2_000_000;) {
      const bytes = pattern(500_000, 1 + at);
      must(await other.write(at, bytes));
      at += bytes.length;
    }
    must(await other.close());
    expect(must(await files.stat(p("/g"))).size).toBe(2_000_000);
  });

  check("many writes at once on one handle", async (files) => {
    const whole = pattern(640_000);
    const file = must(await files.open(p("/f"), fresh));
    const starts = Array.from({ length: 40 }, (_, i) => ((i * 17) % 40) * 16_000);
    const writes = await Promise.all(starts.map((at) => file.write(at, whole.slice(at, at + 16_000))));
    writes.forEach((r) => must(r));
    must(await file.close());
    const back = must(await files.open(p("/f"), reading));
    expect(Buffer.compare(await readWhole(back), whole)).toBe(0);
    must(await back.close());
  });

  check("a handle does what it was opened for, until it is closed", async (files) => {
    await writeFile(files, "/f", "hello");
    const reader = must(await files.open(p("/f"), reading));
    expectFault(await reader.write(0, utf8("x")), "denied");
    expectFault(await reader.change({ size: 0 }), "denied");
    for (const [at, length] of [
      [-1, 1],
      [0, -1],
      [0.5, 1],
      [2 ** 53, 1],
    ] as const) {
      expectFault(await reader.read(at, length), "invalid");
    }
    must(await reader.close());
    expectFault(await reader.read(0, 1), "invalid");
    expectFault(await reader.stat(), "invalid");
    expectFault(await reader.close(), "invalid");
    await reader.discard();
    const writer = must(await files.open(p("/f"), { ...edit, read: false }));
    expectFault(await writer.read(0, 1), "denied");
    expectFault(await writer.write(-1, utf8("x")), "invalid");
    expectFault(await writer.write(Number.MAX_SAFE_INTEGER, utf8("xx")), "invalid");
    must(await writer.close());
    expectFault(await writer.write(0, utf8("x")), "invalid");
    expectFault(await writer.flush(), "invalid");
    expectFault(await files.open(p("/f"), { ...reading, truncate: true }), "invalid");
    expectFault(await files.open(p("/f"), { ...reading, read: false }), "invalid");
    expectFault(await files.open(p("/g"), { ...reading, create: "may" }), "invalid");
    expect(await readFile(files, "/f")).toBe("hello");
  });

  check("who writes into a folder that is gone is told", async (files) => {
    must(await files.makeFolder(p("/d")));
    const file = must(await files.open(p("/d/f"), fresh));
    must(await file.write(0, utf8("x")));
    must(await files.removeFolder(p("/d")));
    expectFault(await file.close(), "not-found");
    expect(await names(files, "/")).toEqual([]);
  });

  check("who opened before another closed is told, or both are kept", async (files) => {
    await writeFile(files, "/f", "base");
    const [first, second] = [must(await files.open(p("/f"), edit)), must(await files.open(p("/f"), edit))];
    must(await first.write(0, utf8("1111")));
    must(await second.write(0, utf8("2222")));
    must(await first.close());
    const closed = await second.close();
    if (traits.keepsVersions) must(closed);
    else expectFault(closed, "conflict");
    expect(await readFile(files, "/f")).toBe(traits.keepsVersions ? "2222" : "1111");
    const third = must(await files.open(p("/f"), edit));
    must(await third.write(0, utf8("3333")));
    must(await files.removeFile(p("/f")));
    const lost = await third.close();
    if (traits.keepsVersions) must(lost);
    else expectFault(lost, "conflict");
  });
}
