import { expect, test } from "bun:test";
import { networkOf, plainAddress } from "./tcp.ts";

test("an IPv4 address is its own network, also inside IPv6", () => {
  expect(networkOf("192.0.2.9")).toBe("192.0.2.9");
  expect(networkOf("::ffff:192.0.2.9")).toBe("192.0.2.9");
  expect(plainAddress("::FFFF:192.0.2.9")).toBe("192.0.2.9");
});

test("addresses of one /64 are one network", () => {
  expect(networkOf("2001:db8:1:2:3:4:5:6")).toBe(networkOf("2001:db8:1:2::9"));
  expect(networkOf("2001:0db8:1:0002::")).toBe("2001:db8:1:2::/64");
  expect(networkOf("fe80::1%eth0")).toBe("fe80::/64");
  expect(networkOf("2001:db8:1:3::9")).not.toBe(networkOf("2001:db8:1:2::9"));
});
