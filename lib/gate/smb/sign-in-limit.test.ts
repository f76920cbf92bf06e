import { expect, test } from "bun:test";
import { handClock } from "../../base/time.ts";
import { SignInLimit } from "./sign-in-limit.ts";

test("eight wrong passwords are heard, the ninth waits; time and the right one forgive", () => {
  const clock = handClock();
  const limit = new SignInLimit(clock);
  const who = ["alice from 192.0.2.1"];
  for (let i = 0; i < 8; i++) {
    expect(limit.allows(who)).toBe(true);
    limit.failed(who);
  }
  expect(limit.allows(who)).toBe(false);
  expect(limit.allows(["bob from 192.0.2.1"])).toBe(true);
  clock.advance(20_000);
  expect(limit.allows(who)).toBe(true);
  limit.failed(who);
  expect(limit.allows(who)).toBe(false);
  limit.succeeded(who);
  expect(limit.allows(who)).toBe(true);
});
