import { expect, test } from "bun:test";
import { concat, utf8 } from "../../base/bytes.ts";
import { must, ok } from "../../base/result.ts";
import { asInstant, asUnixMs, handClock } from "../../base/time.ts";
import { openFlags, type Request } from "../../proto/sftp/requests.ts";
import { heardIn, initPacket, packed, requestPacket, type Heard } from "../../proto/sftp/stage.ts";
import type { AuditEntry } from "../../rules/audit.ts";
import type { User } from "../../rules/identity.ts";
import { memoryFiles } from "../../store/memory-files.ts";
import { silentLog } from "../../watch/log.ts";
import { FileTally } from "../file-tally.ts";
import { SftpConversation } from "./conversation.ts";

const { read, write, append, create, truncate, exclusive } = openFlags;
type Ask = Request extends infer R ? (R extends { id: number } ? Omit<R, "id"> : never) : never;

/** A client and its channel, on files in memory. */
class House {
  readonly files = memoryFiles({ clock: handClock() });
  readonly audit: AuditEntry[] = [];
  readonly conversation: SftpConversation;
  closed = false;
  #id = 0;

  constructor(partial: "drop" | "keep" = "drop") {
    const user = { id: "u1", name: "ann" } as User;
    const needs = {
      admit: () => ok(() => {}),
      transferred() {},
      filesOf: async () => ok(this.files),
      pacer: () => undefined,
      audit: { tell: (entry: AuditEntry) => void this.audit.push(entry) },
      tally: new FileTally(
        { counter: () => ({ add() {} }), gauge: () => ({ set() {} }), histogram: () => ({ observe() {} }) },
        "sftp",
      ),
      log: silentLog,
      clock: handClock(),
    };
    const actor = {
      principal: { kind: "user", user },
      door: "sftp",
      address: "192.0.2.1",
      request: "r",
    } as const;
    this.conversation = new SftpConversation(needs, { actor, user, files: this.files, leave() {} }, partial);
  }

  async hear(bytes: Uint8Array): Promise<Heard[]> {
    const { session } = this.conversation;
    session.receive(bytes, asInstant(0));
    const sent: Uint8Array[] = [];
    const open: Promise<void>[] = [];
    const drain = (): void => {
      for (let effect = session.poll(); effect; effect = session.poll()) {
        if (effect.do === "send") sent.push(effect.bytes);
        if (effect.do === "close") this.closed = true;
        if (effect.do !== "ask") continue;
        const { id, ask } = effect;
        open.push(
          this.conversation
            .perform(ask)
            .then((answer) => (session.answer(id, answer, asInstant(0)), drain())),
        );
      }
    };
    drain();
    for (let done = 0; done < open.length; done++) await open[done];
    return heardIn(sent);
  }

  async begin(): Promise<this> {
    await this.hear(initPacket());
    return this;
  }
  async ask(...asks: Ask[]): Promise<Heard[]> {
    const packets = asks.map((one) => requestPacket({ id: ++this.#id, ...one }));
    return (await this.hear(concat(packets))).sort((a, b) => a.id - b.id);
  }
  async one(ask: Ask): Promise<Heard> {
    return (await this.ask(ask))[0]!;
  }
  async open(path: string, flags: number): Promise<Uint8Array> {
    return (await this.one({ op: "open", path, flags, attributes: {} })).handle!;
  }
  async put(path: string, text: string): Promise<void> {
    const handle = await this.open(path, write | create | truncate);
    await this.ask({ op: "write", handle, offset: 0, data: utf8(text) }, { op: "close", handle });
  }
  async get(path: string): Promise<string> {
    const handle = await this.open(path, read);
    const [data] = await this.ask({ op: "read", handle, offset: 0, length: 60_000 }, { op: "close", handle });
    return data!.data ?? "";
  }
}

test("version 3 is offered with what is really served", async () => {
  const house = new House();
  const [version] = await house.hear(initPacket(6));
  expect(version).toMatchObject({ type: 2, id: 3 });
  const said = new TextDecoder().decode(version!.rest);
  for (const name of ["posix-rename@openssh.com", "statvfs@openssh.com", "limits@openssh.com", "copy-data"]) {
    expect(said).toContain(name);
  }
  expect(said).not.toContain("hardlink");
});

test("what is written is read back, pieces in any order", async () => {
  const house = await new House().begin();
  const handle = await house.open("/f", write | create);
  const answers = await house.ask(
    { op: "write", handle, offset: 4, data: utf8("4567") },
    { op: "write", handle, offset: 8, data: utf8("89") },
    { op: "write", handle, offset: 0, data: utf8("0123") },
    { op: "fstat", handle },
    { op: "close", handle },
  );
  expect(answers.map(({ status }) => status)).toEqual([0, 0, 0, undefined, 0]);
  expect(answers[3]!.attributes).toMatchObject({ size: 10 });
  expect(await house.get("f")).toBe("0123456789");
});

test("pipelined reads are answered in full, and EOF past the end", async () => {
  const house = await new House().begin();
  await house.put("f", "0123456789");
  const handle = await house.open("f", read);
  const asks = [0, 3, 6, 9, 10, 2 ** 60].map(
    (offset) => ({ op: "read", handle, offset, length: 3 }) as const,
  );
  const answers = await house.ask(...asks);
  expect(answers.map(({ data, status }) => data ?? status)).toEqual(["012", "345", "678", "9", 1, 1]);
});

test("open flags mean what the draft says", async () => {
  const house = await new House().begin();
  await house.put("f", "old");
  const refused = async (path: string, flags: number): Promise<number | undefined> =>
    (await house.one({ op: "open", path, flags, attributes: {} })).status;
  expect(await refused("f", 0)).toBe(4);
  expect(await refused("f", write | exclusive)).toBe(4);
  expect(await refused("f", read | create)).toBe(4);
  expect(await refused("f", write | create | exclusive)).toBe(4);
  expect(await refused("none", read)).toBe(2);
  expect(await refused("none", write)).toBe(2);
  const handle = await house.open("f", append | create);
  await house.ask(
    { op: "write", handle, offset: 0, data: utf8("+1") },
    { op: "write", handle, offset: 0, data: utf8("+2") },
  );
  await house.one({ op: "close", handle });
  expect(await house.get("f")).toBe("old+1+2");
});

test("scp's way: without TRUNC, then cut to size", async () => {
  const house = await new House().begin();
  await house.put("f", "something long");
  const handle = await house.open("f", write | create);
  await house.ask(
    { op: "write", handle, offset: 0, data: utf8("short") },
    {
      op: "fsetstat",
      handle,
      attributes: { size: 5, modifiedAt: asUnixMs(1_600_000_000_000), mode: 0o100600 },
    },
    { op: "close", handle },
  );
  expect(await house.get("f")).toBe("short");
  expect((await house.one({ op: "stat", path: "f" })).attributes).toMatchObject({
    size: 5,
    mode: 0o100600,
    modifiedAt: asUnixMs(1_600_000_000_000),
  });
});

test("a file being written is seen by its writer alone, until it is closed", async () => {
  const house = await new House().begin();
  const handle = await house.open("f", write | create);
  await house.one({ op: "write", handle, offset: 0, data: utf8("123") });
  expect((await house.one({ op: "stat", path: "f" })).attributes).toMatchObject({ size: 3 });
  expect((await house.files.stat(["f"])).ok).toBe(false);
  await house.one({ op: "close", handle });
  expect(must(await house.files.stat(["f"])).size).toBe(3);
});

test("a channel that closes takes unfinished uploads along, or leaves them, as set", async () => {
  for (const partial of ["drop", "keep"] as const) {
    const house = await new House(partial).begin();
    const handle = await house.open("f", write | create);
    await house.one({ op: "write", handle, offset: 0, data: utf8("half") });
    house.conversation.ended();
    await Bun.sleep(5);
    expect((await house.files.stat(["f"])).ok).toBe(partial === "keep");
    expect(house.audit.at(-1)).toMatchObject({ verb: "object.write", outcome: "truncated" });
  }
});

test("folders: made, listed to the end, removed", async () => {
  const house = await new House().begin();
  for (let i = 0; i < 450; i++) await house.files.makeFolder([`d${i}`]);
  const { handle } = await house.one({ op: "opendir", path: "." });
  const names: string[] = [];
  for (;;) {
    const page = await house.one({ op: "readdir", handle: handle! });
    if (page.status !== undefined) {
      expect(page.status).toBe(1);
      break;
    }
    names.push(...page.names!);
  }
  expect(names.length).toBe(450);
  await house.put("file", "x");
  const asks: [Ask, number][] = [
    [{ op: "mkdir", path: "d1", attributes: {} }, 4],
    [{ op: "mkdir", path: "d1/e", attributes: {} }, 0],
    [{ op: "rmdir", path: "d1" }, 4],
    [{ op: "rmdir", path: "d1/e" }, 0],
    [{ op: "rmdir", path: "file" }, 2],
    [{ op: "remove", path: "d1" }, 4],
    [{ op: "remove", path: "none" }, 2],
    [{ op: "opendir", path: "file" }, 2],
  ];
  for (const [ask, status] of asks) expect([ask, (await house.one(ask)).status]).toEqual([ask, status]);
});

test("RENAME keeps what is there, posix-rename takes its place", async () => {
  const house = await new House().begin();
  await house.put("a", "A");
  await house.put("b", "B");
  expect((await house.one({ op: "rename", from: "a", to: "b" })).status).toBe(4);
  const data = packed("a", "b");
  const posix = { op: "extended", name: "posix-rename@openssh.com", data } as const;
  expect((await house.one(posix)).status).toBe(0);
  expect(await house.get("b")).toBe("A");
});

test("REALPATH climbs no higher than the root, and nothing else does", async () => {
  const house = await new House().begin();
  for (const [path, name] of [
    ["", "/"],
    [".", "/"],
    ["../".repeat(1000), "/"],
    ["/a/./b/../c", "/a/c"],
    ["~root", "/~root"],
  ]) {
    expect((await house.one({ op: "realpath", path })).names).toEqual([name!]);
  }
  expect((await house.one({ op: "stat", path: "../../etc/passwd" })).status).toBe(2);
});

test("extensions: space, limits, home, copies, owners", async () => {
  const house = await new House().begin();
  await house.put("f", "0123456789");
  const extended = (name: string, data: Uint8Array): Promise<Heard> =>
    house.one({ op: "extended", name, data });
  expect((await extended("statvfs@openssh.com", packed("/"))).rest!.length).toBe(88);
  expect((await extended("limits@openssh.com", packed())).rest!.length).toBe(32);
  expect((await extended("home-directory", packed(""))).names).toEqual(["/"]);
  expect((await extended("expand-path@openssh.com", packed("~/x"))).names).toEqual(["/x"]);
  expect((await extended("expand-path@openssh.com", packed("~eve/x"))).status).toBe(2);
  expect((await extended("hardlink@openssh.com", packed("f", "g"))).status).toBe(8);
  expect((await extended("fsync@openssh.com", packed("????"))).status).toBe(4);
  expect((await extended("copy-data", packed("short"))).status).toBe(5);
  const [from, to] = [await house.open("f", read), await house.open("g", write | create)];
  const numbers = (...values: number[]): Uint8Array => {
    const view = new DataView(new ArrayBuffer(values.length * 8));
    values.forEach((value, i) => view.setBigUint64(i * 8, BigInt(value)));
    return new Uint8Array(view.buffer);
  };
  const copy = concat([packed(from), numbers(2, 5), packed(to), numbers(0)]);
  expect((await extended("copy-data", copy)).status).toBe(0);
  await house.one({ op: "close", handle: to });
  expect(await house.get("g")).toBe("23456");
  const owner = { owner: { user: 0, group: 0 } };
  expect((await house.one({ op: "setstat", path: "f", attributes: owner })).status).toBe(3);
  expect((await extended("users-groups-by-id@openssh.com", packed(numbers(1), numbers()))).rest!.length).toBe(
    16,
  );
});

test("owners have numbers, and numbers their names", async () => {
  const house = await new House().begin();
  await house.put("f", "x");
  const { owner } = (await house.one({ op: "stat", path: "f" })).attributes!;
  const ids = new Uint8Array(4);
  new DataView(ids.buffer).setUint32(0, owner!.user);
  const data = packed(ids, new Uint8Array(0));
  const { rest } = await house.one({ op: "extended", name: "users-groups-by-id@openssh.com", data });
  expect(new TextDecoder().decode(rest!.subarray(8, -4))).toBe("house");
});

test("handles that are forged, closed or too many are failures", async () => {
  const house = await new House().begin();
  await house.put("f", "x");
  const handle = await house.open("f", read);
  await house.one({ op: "close", handle });
  for (const bad of [handle, utf8("forged"), new Uint8Array(300), new Uint8Array(0)]) {
    expect((await house.one({ op: "read", handle: bad, offset: 0, length: 1 })).status).toBe(4);
    expect((await house.one({ op: "close", handle: bad })).status).toBe(4);
  }
  const opens = Array.from({ length: 1030 }, () => ({ op: "opendir", path: "/" }) as const);
  const answers = await house.ask(...opens);
  expect(answers.filter(({ status }) => status === 4).length).toBe(6);
});

test("the trail tells what was moved and changed", async () => {
  const house = await new House().begin();
  await house.put("f", "123");
  await house.get("f");
  await house.one({ op: "remove", path: "f" });
  expect(
    house.audit.map(({ verb, target, outcome, detail }) => [verb, target, outcome, detail["bytes"]]),
  ).toEqual([
    ["object.write", "/f", "ok", 3],
    ["object.read", "/f", "ok", 3],
    ["object.delete", "/f", "ok", undefined],
  ]);
});
