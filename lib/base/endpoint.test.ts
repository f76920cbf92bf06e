import { expect, test } from "bun:test";
import { endpointText, readEndpoint } from "./endpoint.ts";

test.each([
  ["127.0.0.1:21", { host: "127.0.0.1", port: 21 }],
  ["[::1]:9000", { host: "::1", port: 9000 }],
  [":21", { host: "::", port: 21 }],
  ["*:0", { host: "::", port: 0 }],
  ["files.example.com:65535", { host: "files.example.com", port: 65_535 }],
])("%s is an endpoint", (text, endpoint) => {
  expect(readEndpoint(text)).toEqual({ ok: true, value: endpoint });
  const again = readEndpoint(endpointText(endpoint));
  expect(again).toEqual({ ok: true, value: endpoint });
});

test.each(["", "21", "::1:21", "host:65536", "host:-1", "a b:1", "[::1]", "host:", "http://x:1"])(
  "%p is none",
  (text) => {
    expect(readEndpoint(text).ok).toBe(false);
  },
);
