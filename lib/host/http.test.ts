import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../watch/log.ts";
import { serveFetch } from "./http.ts";

const here = { host: "127.0.0.1", port: 0 };

test("serves a handler on a free port and tells it who asks", async () => {
  await using server = serveFetch(here, (_, peer) => Response.json(peer), { log: silentLog });
  const response = await fetch(`${server.url}/x`);
  expect(await response.json()).toEqual({ address: "127.0.0.1", local: false });
});

test("a handler that throws is a plain 500 without details", async () => {
  const broken = (): Response => {
    throw new Error("the secret is 42");
  };
  await using server = serveFetch(here, broken, { log: silentLog });
  const response = await fetch(server.url);
  expect(response.status).toBe(500);
  expect(await response.text()).toBe("internal error\n");
});

test("a body over the limit is 413", async () => {
  await using server = serveFetch(here, async (r) => new Response(await r.text()), {
    log: silentLog,
    bodyBytes: 10,
  });
  const response = await fetch(server.url, { method: "POST", body: "x".repeat(11) });
  expect(response.status).toBe(413);
});

test("a unix socket replaces a stale one, is the owner's alone, and goes with the server", async () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-http-"));
  const unix = join(folder, "s.sock");
  writeFileSync(unix, "");
  {
    await using _server = serveFetch({ unix }, (_, peer) => new Response(`local ${peer.local}`), {
      log: silentLog,
    });
    expect(statSync(unix).mode & 0o777).toBe(0o600);
    const response = await fetch("http://localhost/", { unix });
    expect(await response.text()).toBe("local true");
  }
  expect(existsSync(unix)).toBe(false);
  rmSync(folder, { recursive: true });
});
