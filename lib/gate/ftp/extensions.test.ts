import { expect, test } from "bun:test";
import { handClock } from "../../base/time.ts";
import { memoryFiles } from "../../store/memory-files.ts";
import { codesOf, PlayedHouse } from "./stage.ts";

const newHouse = (): Promise<PlayedHouse> => new PlayedHouse(memoryFiles({ clock: handClock() })).signIn();

test("HASH tells algorithm, range and digest, and refuses what is too much", async () => {
  const house = await newHouse();
  await house.upload("STOR f", "0123456789");
  expect(await house.say("HASH f")).toBe("213 SHA-256 0-9 sha256 of 0..10 /f\r\n");
  expect(await house.say("OPTS HASH", "OPTS HASH sha-1", "OPTS HASH CRC9")).toBe(
    "200 SHA-256\r\n200 SHA-1\r\n501 SHA-256, SHA-512, SHA-1, MD5\r\n",
  );
  expect(await house.say("RANG 2 5", "HASH f")).toContain("213 SHA-1 2-5 sha1 of 2..6 /f\r\n");
  expect(await house.say("HASH f")).toContain("SHA-1 0-9");
  await house.say("MKD d");
  expect(codesOf(await house.say("HASH d", "HASH nothing"))).toBe("553 550");
  await house.upload("STOR large", "x".repeat(1001));
  expect(codesOf(await house.say("HASH large", "XMD5 large", "XMD5 large 0 10"))).toBe("556 556 250");
});

test("the elder checksums, with and without quotes and ranges", async () => {
  const house = await newHouse();
  await house.upload("STOR a b", "0123456789");
  expect(await house.say("XSHA256 a b")).toBe("250 sha256 of 0..10\r\n");
  expect(await house.say('XMD5 "a b" 3')).toBe("250 md5 of 3..10\r\n");
  expect(await house.say("XSHA1 a b 3 7")).toBe("250 sha1 of 3..7\r\n");
  expect(await house.say("XCRC a b")).toBe("250 CRC32 OF 0..10\r\n");
  expect(await house.say("MD5 a b")).toBe("251 /a b md5 of 0..10\r\n");
});

test("RANG picks a part of the next download alone", async () => {
  const house = await newHouse();
  await house.upload("STOR f", "0123456789");
  expect((await house.download("RANG 2 5", "RETR f")).text).toBe("2345");
  expect((await house.download("RETR f")).text).toBe("0123456789");
  expect((await house.download("RANG 2 5", "RANG 1 0", "RETR f")).text).toBe("0123456789");
  expect((await house.download("RANG 8 99", "RETR f")).text).toBe("89");
  expect(codesOf(await house.say("RANG 5 2", "RANG x", "TYPE A", "RANG 0 1"))).toBe("501 501 200 551");
});

test("MFF sets what can be set, all or nothing", async () => {
  const house = await newHouse();
  await house.upload("STOR f", "1");
  expect(await house.say("MFF Modify=20200102030405;UNIX.mode=0600; f")).toBe(
    "213 Modify=20200102030405;UNIX.mode=0600; /f\r\n",
  );
  expect(await house.say("MDTM f")).toBe("213 20200102030405\r\n");
  expect(codesOf(await house.say("MFF Modify=20210102030405;Create=1; f", "MFF Modify=x; f", "MFF f"))).toBe(
    "504 501 501",
  );
  expect(await house.say("MDTM f")).toBe("213 20200102030405\r\n");
});

test("SITE CPFR and CPTO copy within the server", async () => {
  const house = await newHouse();
  await house.upload("STOR f", "0123456789");
  await house.say("MKD d");
  expect(codesOf(await house.say("SITE CPFR f", "SITE CPTO d/g"))).toBe("350 250");
  expect((await house.download("RETR d/g")).text).toBe("0123456789");
  expect(codesOf(await house.say("SITE CPTO x", "SITE CPFR f", "NOOP", "SITE CPTO x"))).toBe(
    "503 350 200 503",
  );
  expect(codesOf(await house.say("SITE CPFR f", "SITE CPTO ./f", "SITE CPFR d"))).toBe("350 550 550");
});

test("COMB joins parts, and they are gone", async () => {
  const house = await newHouse();
  await house.upload("STOR p1", "one ");
  await house.upload("STOR p 2", "two");
  expect(codesOf(await house.say('COMB whole p1 "p 2"'))).toBe("250");
  expect((await house.download("RETR whole")).text).toBe("one two");
  expect(codesOf(await house.say("MDTM p1", 'COMB "whole" whole', "COMB whole", "COMB whole no"))).toBe(
    "550 550 501 550",
  );
  expect((await house.download("RETR whole")).text).toBe("one two");
});

test("what is left is told", async () => {
  const house = await newHouse();
  expect(await house.say("SITE QUOTA")).toMatch(/^200-Space:\r\n Total \d+ bytes\r\n Used 0 bytes\r\n/);
  expect(codesOf(await house.say("AVBL", "LANG", "LANG de", "CSID Name=x;", "SITE SYMLINK a b"))).toBe(
    "213 200 504 200 550",
  );
});
