import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { concat, utf8 } from "../../base/bytes.ts";
import { fail, ok } from "../../base/result.ts";
import type { FtpAnswer } from "./asks.ts";
import { codes, entry, Stage } from "./stage.ts";

test("names that are not UTF-8 are refused, not mangled", () => {
  const stage = new Stage().signIn();
  const line = concat([utf8("STOR "), Uint8Array.of(0xc3, 0x28), utf8("\r\n")]);
  expect(codes(stage.say(line))).toEqual([553]);
  expect(codes(stage.say(concat([Uint8Array.of(0x80, 0x81), utf8("\r\n")])))).toEqual([500]);
});

test("an over-long line gets one answer and is never run", () => {
  const stage = new Stage();
  expect(codes(stage.say(`USER ${"x".repeat(5000)}\r\nNOOP\r\n`))).toEqual([500, 200]);
  expect(codes(stage.say("x".repeat(5000)))).toEqual([500]);
  expect(codes(stage.say("x".repeat(70_000)))).toEqual([421]);
  expect(stage.closed).toBe(true);
});

test("blank lines are patiently ignored, a hundred times", () => {
  const stage = new Stage();
  expect(stage.say("\r\n".repeat(100))).toBe("");
  expect(codes(stage.say("\r\n"))).toEqual([421]);
});

test("a browser is not answered", () => {
  for (const line of ["GET / HTTP/1.1", "POST /x HTTP/1.0", "Host: example.org"]) {
    const stage = new Stage();
    expect(stage.say(`${line}\r\n`)).toBe("");
    expect(stage.closed).toBe(true);
  }
});

test("who does not sign in within a minute goes, however busy", () => {
  const stage = new Stage();
  for (let i = 0; i < 5; i++) {
    expect(stage.wait(11_000)).toBe("");
    stage.say("NOOP\r\n");
  }
  expect(codes(stage.wait(6000))).toEqual([421]);
});

test("who is silent for too long goes, but never during a transfer", () => {
  const stage = new Stage().signIn();
  stage.say("RETR f\r\n");
  stage.tell(ok({ size: 3, name: undefined }));
  stage.tell(ok());
  expect(stage.session.wakeAt).toBeUndefined();
  stage.wait(3_000_000);
  stage.tell(ok({ bytes: 3 }));
  expect(stage.wait(599_000)).toBe("");
  expect(codes(stage.wait(2000))).toEqual([421]);
});

test("stopping waits for the transfer", () => {
  const stage = new Stage().signIn();
  stage.say("RETR f\r\n");
  stage.tell(ok({ size: 3, name: undefined }));
  stage.tell(ok());
  stage.session.leave();
  expect(stage.closed).toBe(false);
  expect(codes(stage.tell(ok({ bytes: 3 })))).toEqual([226, 421]);
});

test("a flood of commands during a transfer fills it, and no more is read", () => {
  const stage = new Stage().signIn();
  stage.say("RETR f\r\n");
  stage.tell(ok({ size: 3, name: undefined }));
  stage.tell(ok());
  stage.say("NOOP\r\n".repeat(10_000));
  expect(stage.session.full).toBe(true);
  expect(codes(stage.tell(ok({ bytes: 3 }))).length).toBe(10_001);
  expect(stage.session.full).toBe(false);
});

test("whatever comes, no answer breaks the reply grammar and nothing throws", () => {
  const verb = fc.constantFrom("USER", "PASS", "CWD", "RETR", "STOR", "ABOR", "STAT", "AUTH", "OPTS", "SITE");
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.tuple(verb, fc.string()).map(([name, rest]) => utf8(`${name} ${rest}\r\n`)),
  );
  const answer = fc.constantFrom<FtpAnswer>(
    ok(entry("x", "folder")),
    ok({ user: "u", bytes: 1, size: 1, name: "n", free: 3, host: "192.0.2.1", port: 9 }),
    fail("not-found", "no such\r\nthing"),
    fail("io", "broken"),
  );
  const step = fc.oneof(line, answer);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const stage = new Stage();
      let said = "";
      for (const input of steps) {
        if (input instanceof Uint8Array) said += stage.say(input);
        else if (stage.open.length > 0) said += stage.tell(input);
      }
      for (const reply of said.split("\r\n")) {
        expect(reply).toMatch(/^$|^\d{3}[ -]| /);
        expect(reply).not.toMatch(/[\n\r]/);
      }
    }),
  );
});
