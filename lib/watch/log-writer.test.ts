import { expect, test } from "bun:test";
import { asUnixMs } from "../base/time.ts";
import { longestText } from "./log-line.ts";
import type { LogLevel } from "./log.ts";
import { bufferBytes, openLog, type LogOutlet } from "./log-writer.ts";

function trialLog(how: Partial<LogOutlet> = {}) {
  const written: string[] = [];
  const waits = { count: 0 };
  const owned = openLog({
    write: (text) => void written.push(text),
    format: "json",
    colour: false,
    level: "info",
    wall: () => asUnixMs(1_700_000_000_123.456),
    waiting: () => void waits.count++,
    ...how,
  });
  return {
    log: owned.log,
    flush: () => owned.flush(),
    setLevel: (level: LogLevel) => owned.setLevel(level),
    written,
    waits,
    lines: () => written.join("").split("\n").slice(0, -1),
  };
}

test("a JSON line holds the time, the level, the message and the fields", () => {
  const { log, flush, lines } = trialLog();
  log.with({ daemon: "ftpd" }).info("signed in", { user: "alice", ms: 4, tls: true, none: undefined });
  flush();
  expect(lines().map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      time: "2023-11-14T22:13:20.123Z",
      level: "info",
      message: "signed in",
      daemon: "ftpd",
      user: "alice",
      ms: 4,
      tls: true,
    },
  ]);
});

test.each(["json", "human", "journal"] as const)(
  "no field can break a %s line or move a terminal",
  (format) => {
    const { log, flush, written } = trialLog({ format });
    log.info("a\nb\r\u001b[2J", { name: "x\r\n<3>forged\u0085\u2028\u2029\u007f\u001b]0;title\u0007" });
    flush();
    const text = written.join("");
    expect(text.split("\n")).toHaveLength(2);
    expect(text.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  },
);

test("numbers that JSON does not know, and names that are taken, still make JSON", () => {
  const { log, flush, lines } = trialLog();
  log.info("x", { a: Number.NaN, b: Infinity, time: "now", level: "fake", message: "fake" });
  flush();
  expect(JSON.parse(lines()[0]!)).toMatchObject({
    a: null,
    b: null,
    level: "info",
    message: "x",
    field_time: "now",
    field_level: "fake",
  });
});

test("lines wait for one another; an error takes those before it along", () => {
  const { log, written, waits } = trialLog();
  log.info("one");
  log.info("two");
  expect(written).toEqual([]);
  expect(waits.count).toBe(1);
  log.error("three");
  expect(written).toHaveLength(1);
  expect(written[0]!.split("\n")).toHaveLength(4);
});

test("a full buffer is written without being asked", () => {
  const { log, written } = trialLog();
  for (let i = 0; i < 2000; i++) log.info("a line that takes some room", { i });
  expect(written.length).toBeGreaterThan(1);
  expect(written.every((text) => text.length < bufferBytes + 1000 && text.endsWith("\n"))).toBe(true);
});

test("the level changes while it runs", () => {
  const { log, setLevel, flush, lines } = trialLog();
  log.debug("unseen");
  setLevel("debug");
  log.debug("seen");
  setLevel("error");
  log.warn("unseen");
  flush();
  expect(lines()).toHaveLength(1);
});

test("journald lines begin with their priority", () => {
  const { log, setLevel, flush, lines } = trialLog({ format: "journal" });
  setLevel("debug");
  log.debug("d");
  log.info("i");
  log.warn("w", { peer: "::1", what: "two words" });
  log.error("e");
  flush();
  expect(lines()).toEqual(["<7>d", "<6>i", '<4>w peer=::1 what="two words"', "<3>e"]);
});

test("the human form, plain and coloured", () => {
  const plain = trialLog({ format: "human" });
  plain.log.info("ready", { port: 21 });
  plain.flush();
  expect(plain.lines()).toEqual(["22:13:20.123 info  ready port=21"]);
  const coloured = trialLog({ format: "human", colour: true });
  coloured.log.info("ready", { port: 21 });
  coloured.flush();
  expect(Bun.stripANSI(coloured.lines()[0]!)).toBe(plain.lines()[0]!);
});

test("a text of a client's making is cut", () => {
  const { log, flush, written } = trialLog();
  log.info("x", { name: "a".repeat(10 * longestText) });
  flush();
  expect(written.join("").length).toBeLessThan(longestText + 200);
});

test("what could not be written is counted in the next line that could", () => {
  const broken = { now: true };
  const written: string[] = [];
  const { log, flush } = trialLog({
    write(text) {
      if (broken.now) throw new Error("no space");
      written.push(text);
    },
  });
  log.info("lost");
  log.error("lost");
  broken.now = false;
  log.error("kept");
  flush();
  const lines = written.join("").split("\n").slice(0, -1);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { message: "log lines were lost", lines: 2 },
    { message: "kept" },
  ]);
});
