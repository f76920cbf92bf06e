import { expect, test } from "bun:test";
import { utf8 } from "../base/bytes.ts";
import { must } from "../base/result.ts";
import { handClock } from "../base/time.ts";
import { create, edit, expectFault, p, readFile, reading, writeFile } from "./files-stage.conformance.ts";
import type { Files } from "./files.ts";
import { leasedFiles } from "./leased-files.ts";
import type { Leases } from "./leases.ts";
import { memoryFiles } from "./memory-files.ts";
import { memoryLeases } from "./memory-leases.ts";

interface House {
  readonly clock: ReturnType<typeof handClock>;
  readonly leases: Leases;
  readonly files: Files;
}

function house(afterBytes = 0): House {
  const clock = handClock();
  const leases = memoryLeases(clock);
  let last = 0;
  const newHolder = (): string => String(++last);
  const needs = { leases, place: "home/team/", newHolder, note: "ftp upload by alice", clock, afterBytes };
  return { clock, leases, files: leasedFiles(memoryFiles({ clock }), needs) };
}

test("two who write one name: the second is told at once, and may when the first is done", async () => {
  const { files, leases } = house();
  for (const end of ["close", "discard"] as const) {
    const first = must(await files.open(p("/f"), create));
    const refused = await files.open(p("/f"), create);
    expect(refused).toMatchObject({ ok: false, fault: { code: "busy" } });
    must(await first.write(0, utf8("x")));
    await first[end]();
    must(await must(await files.open(p("/f"), create)).close());
  }
  expect(await leases.under("", 10)).toEqual([]);
});

test("what is being written can be read as it was, not removed, renamed, replaced or cut", async () => {
  const { files } = house();
  must(await files.makeFolder(p("/d")));
  await writeFile(files, "/d/f", "old");
  await writeFile(files, "/g", "other");
  const file = must(await files.open(p("/d/f"), edit));
  expect(await readFile(files, "/d/f")).toBe("old");
  expectFault(await files.removeFile(p("/d/f")), "busy");
  expectFault(await files.rename(p("/d/f"), p("/x"), false), "busy");
  expectFault(await files.rename(p("/g"), p("/d/f"), true), "busy");
  expectFault(await files.rename(p("/d"), p("/e"), false), "busy");
  expectFault(await files.change(p("/d/f"), { size: 1 }), "busy");
  must(await files.change(p("/d/f"), { mode: 0o600 }));
  must(await file.close());
  must(await files.rename(p("/d"), p("/e"), false));
  must(await files.removeFile(p("/e/f")));
});

test("another door's share modes hold here", async () => {
  const { files, leases } = house();
  await writeFile(files, "/f", "x");
  const name = "home/team/f";
  const lease = { name, holder: "smb", note: "smb open by bob", ttlMs: 60_000 };
  must(await leases.acquire({ ...lease, mode: { access: ["read"], shares: ["read", "delete"] } }));
  must(await must(await files.open(p("/f"), reading)).close());
  expectFault(await files.open(p("/f"), edit), "busy");
  must(await leases.acquire({ ...lease, mode: { access: ["read"], shares: [] } }));
  expectFault(await files.open(p("/f"), reading), "busy");
  expectFault(await files.removeFile(p("/f")), "busy");
  must(await leases.release(name, "smb"));
  must(await files.removeFile(p("/f")));
});

test("a lease lasts as long as the file is written to, and ends by itself when nobody does", async () => {
  const { files, clock } = house();
  const file = must(await files.open(p("/f"), create));
  for (let minute = 0; minute < 30; minute += 5) {
    clock.advance(5 * 60_000);
    must(await file.write(minute, utf8("x")));
  }
  expectFault(await files.open(p("/f"), create), "busy");
  clock.advance(11 * 60_000);
  must(await must(await files.open(p("/f"), create)).close());
  expectFault(await file.close(), "conflict");
});

test("what could not be opened holds nothing", async () => {
  const { files, leases } = house();
  expectFault(await files.open(p("/no/f"), create), "not-found");
  expectFault(await files.open(p("/f"), edit), "not-found");
  expect(await leases.under("", 10)).toEqual([]);
});

test("what is small holds nothing; what grows does from then on", async () => {
  const { files, leases } = house(10);
  const [first, second] = [must(await files.open(p("/f"), create)), must(await files.open(p("/f"), create))];
  must(await first.write(0, utf8("small")));
  must(await second.write(0, utf8("small")));
  expect(await leases.under("", 10)).toEqual([]);
  must(await first.write(5, utf8("larger")));
  expectFault(await second.write(5, utf8("larger")), "busy");
  expectFault(await files.open(p("/f"), create), "busy");
  await second.discard();
  must(await first.close());
  expect(await readFile(files, "/f")).toBe("smalllarger");
  expect(await leases.under("", 10)).toEqual([]);
});
