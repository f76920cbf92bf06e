import { expect, test } from "bun:test";
import { utf8 } from "../../base/bytes.ts";
import { fail } from "../../base/result.ts";
import { handClock } from "../../base/time.ts";
import { memoryFiles } from "../../store/memory-files.ts";
import { codesOf, PlayedHouse, PlayedLink } from "./stage.ts";

const newHouse = (more: { capacityBytes?: number; partialUploads?: "keep" } = {}): Promise<PlayedHouse> => {
  const { capacityBytes, ...settings } = more;
  const files = memoryFiles({
    clock: handClock(),
    ...(capacityBytes === undefined ? {} : { capacityBytes }),
  });
  return new PlayedHouse(files, settings).signIn();
};

test("what is stored comes back, whole and from the middle", async () => {
  const house = await newHouse();
  expect(codesOf(await house.upload("STOR f", "hello ", "world"))).toBe("150 226");
  expect(house.link!.ended).toBe(true);
  expect(await house.download("RETR f")).toEqual({
    replies: "150 Sending f (11 bytes)\r\n226 Complete, 11 bytes\r\n",
    text: "hello world",
  });
  expect((await house.download("REST 6", "RETR f")).text).toBe("world");
  expect((await house.download("REST 11", "RETR f")).text).toBe("");
  expect(codesOf(await house.say("REST 12", "RETR f"))).toBe("350 554");
});

test("REST and STOR cut and go on, APPE adds", async () => {
  const house = await newHouse();
  await house.upload("STOR f", "0123456789");
  await house.say("REST 4");
  await house.upload("STOR f", "xy");
  expect((await house.download("RETR f")).text).toBe("0123xy");
  await house.upload("APPE f", "++");
  expect((await house.download("RETR f")).text).toBe("0123xy++");
  await house.upload("APPE new", "made");
  expect((await house.download("RETR new")).text).toBe("made");
  expect(codesOf(await house.say("REST 3", "APPE f"))).toBe("350 550");
  expect(codesOf(await house.say("REST 99", "STOR f"))).toBe("350 554");
});

test("STOU finds a name nobody has", async () => {
  const house = await newHouse();
  expect(await house.upload("STOU scan.pdf", "1")).toContain("150 FILE: scan.pdf\r\n");
  const second = /FILE: (scan\.pdf\.\w{8})\r/.exec(await house.upload("STOU scan.pdf", "2"))?.[1];
  expect((await house.download(`RETR ${second}`)).text).toBe("2");
  expect((await house.download("RETR scan.pdf")).text).toBe("1");
});

test("an upload is whole though the store takes the bytes' memory away", async () => {
  const house = await newHouse();
  const open = house.files.open.bind(house.files);
  house.files.open = async (path, how) => {
    const opened = await open(path, how);
    if (!opened.ok || !how.write) return opened;
    const file = opened.value;
    const write = file.write.bind(file);
    file.write = (offset, bytes) => {
      const kept = bytes.slice();
      structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] });
      return write(offset, kept);
    };
    return opened;
  };
  await house.upload("STOR f", "one ", "two ", "three");
  expect((await house.download("RETR f")).text).toBe("one two three");
});

test("text is turned both ways", async () => {
  const house = await newHouse();
  await house.say("TYPE A");
  await house.upload("STOR t", "a\r", "\nb\rc\r\n");
  expect((await house.download("TYPE I", "RETR t")).text).toBe("a\nb\rc\n");
  expect((await house.download("TYPE A", "RETR t")).text).toBe("a\r\nb\rc\r\n");
});

test("an upload that breaks leaves nothing, or what there was", async () => {
  const house = await newHouse();
  await house.upload("STOR f", "old");
  house.link = new PlayedLink([utf8("half")]).breakWith(fail("truncated", "reset"));
  expect(codesOf(await house.say("STOR f"))).toBe("150 426");
  expect((await house.download("RETR f")).text).toBe("old");
  house.link = new PlayedLink([utf8("half")]).breakWith(fail("truncated", "reset"));
  await house.say("STOR g");
  expect(codesOf(await house.say("MDTM g"))).toBe("550");
});

test("where partial uploads are kept, a client can resume", async () => {
  const house = await newHouse({ partialUploads: "keep" });
  house.link = new PlayedLink([utf8("half")]).breakWith(fail("timeout", "stalled"));
  expect(codesOf(await house.say("STOR f"))).toBe("150 426");
  expect(await house.say("SIZE f")).toBe("213 4\r\n");
  await house.upload("APPE f", "+rest");
  expect((await house.download("RETR f")).text).toBe("half+rest");
});

test("a full disk says so, and nothing is left", async () => {
  const house = await newHouse({ capacityBytes: 10 });
  expect(codesOf(await house.upload("STOR f", "0123456789abc"))).toMatch(/^150 (?:452|552)$/);
  expect(codesOf(await house.say("MDTM f"))).toBe("550");
  expect(codesOf(await house.say("ALLO 1000000000000000000"))).toBe("552");
});

test("nobody at the data port: 425, and the file is closed", async () => {
  const house = await newHouse();
  await house.upload("STOR f", "x");
  house.link = undefined;
  expect(codesOf(await house.say("RETR f"))).toBe("150 425");
  expect(codesOf(await house.say("DELE f"))).toBe("250");
});

test("ABOR stops a download that nobody reads", async () => {
  const house = await newHouse();
  await house.upload("STOR f", "x".repeat(100));
  const link = new PlayedLink();
  link.stalled = true;
  house.link = link;
  const download = house.begin("RETR f");
  while (house.conversation.session.control.transfer === undefined) await Bun.sleep(1);
  await Bun.sleep(5);
  await house.begin("STAT", "ABOR");
  await download;
  expect(codesOf(await house.say())).toBe("150 211 426 226");
});

test("listings: long, names, facts, picked, one file", async () => {
  const house = await newHouse();
  await house.upload("STOR a.txt", "1");
  await house.upload("STOR b.log", "22");
  await house.say("MKD sub", "MKD sub/deep");
  expect((await house.download("LIST")).text).toMatch(
    /^-rw\S+ 1 \S+ +\S+ +1 .* a\.txt\r\n-rw.* b\.log\r\ndrwx.* sub\r\n$/,
  );
  expect((await house.download("NLST")).text).toBe("a.txt\r\nb.log\r\nsub\r\n");
  expect((await house.download("NLST sub")).text).toBe("sub/deep\r\n");
  expect((await house.download("NLST *.t?t")).text).toBe("a.txt\r\n");
  expect((await house.download("LIST -la a.txt")).text).toMatch(/ a\.txt\r\n$/);
  expect((await house.download("NLST sub/../a.txt")).text).toBe("sub/../a.txt\r\n");
  const facts = (await house.download("MLSD sub")).text;
  expect(facts).toMatch(/^Type=dir;Modify=\d{14}(?:\.\d+)?;Perm=[a-z]+;Unique=\S+;.* deep\r\n$/);
  expect(codesOf(await house.say("MLSD a.txt"))).toBe("501");
  expect(codesOf(await house.say("LIST nowhere"))).toBe("550");
  expect(codesOf(await house.say("STAT nowhere"))).toBe("450");
  expect(await house.say("STAT sub")).toMatch(/^212-Status of \/sub\r\n drwx.* deep\r\n212 End\r\n$/);
});

test("a folder of thousands is listed page by page", async () => {
  const house = await newHouse();
  for (let i = 0; i < 2100; i++) await house.files.makeFolder([`d${String(i).padStart(4, "0")}`]);
  const { text } = await house.download("NLST");
  expect(text.split("\r\n").length).toBe(2101);
  expect(house.link!.sent.length).toBe(3);
});

test("moving, removing, changing", async () => {
  const house = await newHouse();
  await house.upload("STOR a", "1");
  await house.upload("STOR b", "2");
  expect(codesOf(await house.say("MKD d", "MKD d", "RMD d", "RMD d"))).toBe("257 550 250 550");
  expect(codesOf(await house.say("RNFR a", "RNTO b"))).toBe("350 250");
  expect((await house.download("RETR b")).text).toBe("1");
  expect(await house.say("MFMT 20200102030405 b", "MDTM b")).toBe(
    "213 Modify=20200102030405; /b\r\n213 20200102030405\r\n",
  );
  expect(codesOf(await house.say("SITE CHMOD 600 b", "SITE UTIME 202001020304 b"))).toBe("200 200");
  expect(codesOf(await house.say("SITE UTIME b 20200102030405 20210102030405 20200102030405 UTC"))).toBe(
    "200",
  );
  expect(await house.say("MDTM b")).toBe("213 20210102030405\r\n");
  expect(codesOf(await house.say("RMD b", "DELE b", "DELE b", "CWD b"))).toBe("550 250 550 550");
});

test("paths cannot leave the root, by any spelling", async () => {
  const house = await newHouse();
  await house.say("MKD d");
  for (const path of ["..", "../..", "/../../d", "d/../../../d", "//d//", "./d/."]) {
    expect([path, await house.say(`CWD ${path}`, "PWD", "CWD /")]).toEqual([
      path,
      expect.stringMatching(/^250 .*\r\n257 "\/(?:d)?" /),
    ]);
  }
  for (const path of ["~root", "%2e%2e", "..\\..", "d/~"]) {
    expect([path, codesOf(await house.say(`CWD ${path}`))]).toEqual([path, "550"]);
  }
});

test("the trail tells who did what, and the outcome", async () => {
  const house = await newHouse();
  await house.upload("STOR f", "123");
  await house.download("RETR f");
  await house.say("DELE nothing");
  house.conversation.ended();
  expect(house.audit.map(({ verb, target, outcome }) => `${verb} ${target} ${outcome}`)).toEqual([
    "sign-in ann ok",
    "object.write /f ok",
    "object.read /f ok",
    "object.delete /nothing not-found",
    "sign-out ann ok",
  ]);
  expect(house.audit[1]!.detail["bytes"]).toBe(3);
  expect(JSON.stringify(house.audit)).not.toContain("secret");
});

test("a wrong password is told to the trail, without the password", async () => {
  const house = new PlayedHouse(memoryFiles({ clock: handClock() }));
  expect(codesOf(await house.say("USER ann", "PASS wr0ng"))).toBe("220 331 530");
  expect(codesOf(await house.say("USER nobody", "PASS wr0ng"))).toBe("331 530");
  expect(house.audit.map(({ target, outcome }) => `${target} ${outcome}`)).toEqual([
    "ann unauthenticated",
    "nobody unauthenticated",
  ]);
  expect(JSON.stringify(house.audit)).not.toContain("wr0ng");
});
