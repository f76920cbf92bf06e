import { expect, test } from "bun:test";
import { ipText, parseIp } from "../../base/ip.ts";
import { RateLimiter, rowIp } from "./limiter.ts";

const limit = { interval: 2, burst: 4, leak: 0 };
const make = (prefixes: number, more = {}): RateLimiter =>
  new RateLimiter({ ...limit, ...more }, new ArrayBuffer(RateLimiter.bytesFor(prefixes)), 12345);
const a = parseIp("192.0.2.1")!;

test("a burst is answered, then one each interval", () => {
  const limiter = make(64);
  const burst = Array.from({ length: 6 }, () => limiter.admits(a, 100, 1));
  expect(burst).toEqual([true, true, true, true, false, false]);
  expect(limiter.admits(a, 101, 1)).toBe(false);
  expect(limiter.admits(a, 102, 1)).toBe(true);
  expect(limiter.admits(a, 102, 1)).toBe(false);
  expect(Array.from({ length: 5 }, () => limiter.admits(a, 200, 1))).toEqual([true, true, true, true, false]);
});

test("each prefix has its own bucket: /32, and /64", () => {
  const limiter = make(64, { burst: 1 });
  const admits = (text: string): boolean => limiter.admits(parseIp(text)!, 10, 1);
  expect(admits("192.0.2.1")).toBe(true);
  expect(admits("192.0.2.2")).toBe(true);
  expect(admits("2001:db8::1")).toBe(true);
  expect(admits("2001:db8::ffff:2")).toBe(false);
  expect(admits("2001:db8:0:1::1")).toBe(true);
});

test("one limited request in `leak` is answered", () => {
  const limiter = make(64, { burst: 1, leak: 4 });
  limiter.admits(a, 1, 1);
  let leaked = 0;
  for (let dice = 0; dice < 256; dice++) if (limiter.admits(a, 1, dice)) leaked++;
  expect(leaked).toBe(64);
});

test("memory is what was given: a flood of prefixes forgets the silent ones only", () => {
  const limiter = make(1024, { burst: 2 });
  for (let i = 0; i < 100_000; i++) {
    limiter.admits(Uint8Array.of(10, i >> 16, (i >> 8) & 255, i & 255), 1 + i / 1000, 1);
  }
  expect(limiter.busiest(200, 10_000).length).toBeLessThanOrEqual(1024);
  expect(RateLimiter.bytesFor(1_000_000)).toBeLessThan(25e6);
});

test("the busiest are told with what was refused them", () => {
  const limiter = make(64, { burst: 1 });
  for (let i = 0; i < 5; i++) limiter.admits(a, 7, 1);
  limiter.admits(parseIp("2001:db8:7:8::9")!, 7, 1);
  const [first, second] = limiter.busiest(9, 10);
  expect(ipText(rowIp(first!))).toBe("192.0.2.1");
  expect(first).toMatchObject({ hits: 5, drops: 4, idle: 2 });
  expect(ipText(rowIp(second!))).toBe("2001:db8:7:8::");
});
