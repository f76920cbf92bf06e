// The daemon itself, on a socket, against clients that mean no good. No peer is needed.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { presign, signRequest } from "../../lib/proto/s3/sign.ts";
import { noise, startS3d, type S3d } from "./s3d.ts";

const house: { s3d: S3d } = {} as never;
beforeAll(async () => {
  house.s3d = await startS3d(["--s3-stall", "1s"]);
  expect((await ask("PUT", "/hostile")).status).toBe(200);
});
afterAll(() => house.s3d[Symbol.asyncDispose]());

const by = () => ({ keyId: house.s3d.keyId, secret: house.s3d.secret, region: "us-east-1" });

/** A signed head, ready for a socket. */
function head(method: string, target: string, more: Record<string, string> = {}, payload?: string): string {
  const { "content-length": length, "transfer-encoding": coding, expect: expects, ...signed } = more;
  const out = { method, target, headers: { host: "h", ...signed }, ...(payload ? { payload } : {}) };
  const headers = { ...signRequest(out, by(), Date.now()), connection: "close" };
  const raw = { "content-length": length, "transfer-encoding": coding, expect: expects };
  const lines = Object.entries({ ...headers, ...raw }).filter(([, value]) => value !== undefined);
  return `${method} ${target} HTTP/1.1\r\n${lines.map(([n, v]) => `${n}: ${v}\r\n`).join("")}\r\n`;
}

/** What came back until the peer closed, or `ms` passed. */
function talk(pieces: readonly (string | Uint8Array)[], ms = 5000, pauseMs = 5): Promise<string> {
  return new Promise((done) => {
    const socket = connect(house.s3d.port, "127.0.0.1");
    let text = "";
    socket.on("data", (bytes) => (text += bytes.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => done(text));
    setTimeout(() => socket.destroy(), ms);
    void (async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        if (typeof piece === "string") socket.write(piece, "latin1");
        else socket.write(piece);
        await Bun.sleep(pauseMs);
      }
    })();
  });
}

async function ask(method: string, target: string, body?: string | Uint8Array): Promise<Response> {
  const link = presign(
    { method, target, headers: { host: `127.0.0.1:${house.s3d.port}` } },
    by(),
    Date.now(),
    60,
  );
  return await fetch(house.s3d.endpoint + link, { method, ...(body === undefined ? {} : { body }) });
}

const code = (text: string): string =>
  /<Code>(\w+)</.exec(text)?.[1] ?? /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? "none";

describe("bodies", () => {
  const streaming = { "x-amz-decoded-content-length": "10", "x-amz-trailer": "x-amz-checksum-crc32" };
  const chunked = (body: string, length = body.length): Promise<string> =>
    talk([
      head(
        "PUT",
        "/hostile/c",
        { ...streaming, "content-length": String(length) },
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      ),
      body,
    ]);

  test("chunk sizes beyond reason", async () => {
    for (const size of ["8000000000000000", "ffffffffffffffff", "-1", "0x10", "1".repeat(5000)]) {
      expect(await chunked(`${size}\r\n${"x".repeat(20)}`).then(code)).toMatch(
        /^(?:InvalidChunkSizeError|IncompleteBody)$/,
      );
    }
  });

  test("a body cut short leaves nothing behind", async () => {
    expect((await ask("PUT", "/hostile/kept", "before")).status).toBe(200);
    await talk([head("PUT", "/hostile/kept", { "content-length": "1000000" }), noise(200_000)], 300);
    await Bun.sleep(300);
    expect(await (await ask("GET", "/hostile/kept")).text()).toBe("before");
    const staging = readdirSync(join(house.s3d.data, "staging"), { recursive: true, withFileTypes: true });
    expect(staging.filter((f) => f.isFile() && !f.name.endsWith(".lock"))).toEqual([]);
  });

  test("a body that stalls ends; one that only takes long does not", async () => {
    const stalled = await talk([head("PUT", "/hostile/s", { "content-length": "100000" }), "x"], 6000);
    expect(code(stalled)).toBe("RequestTimeout");
    const slow = Array.from({ length: 12 }, () => noise(5000));
    const steady = await talk([head("PUT", "/hostile/s", { "content-length": "60000" }), ...slow], 9000, 300);
    expect(code(steady)).toBe("200");
  }, 600_000);

  test("lengths that contradict each other, and none", async () => {
    const both = head("PUT", "/hostile/l", { "content-length": "5", "transfer-encoding": "chunked" });
    expect(code(await talk([both, "0\r\n\r\n"]))).toBe("400");
    const none = head("PUT", "/hostile/l", { "transfer-encoding": "chunked" });
    expect(code(await talk([none, "5\r\nhello\r\n0\r\n\r\n"]))).toBe("MissingContentLength");
    expect(code(await talk([head("PUT", "/hostile/l", { "content-length": "6000000000" })]))).toBe(
      "EntityTooLarge",
    );
  });

  test("a refusal does not ask for the body", async () => {
    const big = { "content-length": "1000000000", expect: "100-continue" };
    const wrong = head("PUT", "/hostile/e", big).replace(/Signature=\w{8}/, "Signature=00000000");
    const said = await talk([wrong]);
    expect(said).toStartWith("HTTP/1.1 403");
    expect(said).not.toContain("100 Continue");
  });
});

describe("documents", () => {
  const send = (target: string, body: string): Promise<string> =>
    talk([head("PUT", target, { "content-length": String(body.length) }), body]).then(code);

  test("entities, DOCTYPE, depth and size", async () => {
    const entities = `<!ENTITY b "${"x".repeat(1000)}"><!ENTITY c "${"&b;".repeat(1000)}">`;
    const bomb = `<!DOCTYPE a [${entities}]><a>&c;</a>`;
    expect(await send("/hostile?cors", bomb)).toBe("MalformedXML");
    expect(await send("/hostile?cors", "<a>".repeat(50_000))).toBe("MalformedXML");
    expect(await send("/hostile?versioning", "<a>".repeat(50_000))).toBe("EntityTooLarge");
    expect(await send("/hostile?policy", "[".repeat(30_000))).toBe("MalformedPolicy");
    expect(await send("/hostile?tagging", "<Tagging><TagSet/></Tagging><x>")).toBe("MalformedXML");
  });
});

describe("names", () => {
  test("what looks like a way out stays a key", async () => {
    for (const key of [
      "../../etc/passwd",
      "%2e%2e/%2e%2e/x",
      "a/../../b",
      "..%2f..%2fx",
      "%00",
      "a%0d%0ab",
    ]) {
      const put = await talk([head("PUT", `/hostile/${key}`, { "content-length": "4" }), "data"]);
      expect([key, code(put)]).toEqual([key, "200"]);
      expect(await talk([head("GET", `/hostile/${key}`)])).toEndWith("\r\n\r\ndata");
    }
    expect(readdirSync(house.s3d.data).includes("etc")).toBe(false);
  });

  test("heads of every wrong shape get an answer or an end, and the daemon lives on", async () => {
    const long = "x".repeat(20_000);
    const heads = [
      "GET / HTTP/1.1\r\n\r\n",
      `GET /${long} HTTP/1.1\r\nHost: h\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: h\r\nAuthorization: ${long}\r\n\r\n`,
      "GET /\xff\xfe HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /%ff HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
      "GET * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
      "BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nHost: g\r\nConnection: close\r\n\r\n",
      "\x00\x01\x02\x03",
      "\r\n\r\n\r\n",
    ];
    for (const one of heads) {
      const said = await talk([one], 600);
      expect([one.slice(0, 30), /^(?:|HTTP\/1\.1 [45]\d\d .*)$/s.test(said)]).toEqual([
        one.slice(0, 30),
        true,
      ]);
    }
    expect((await ask("GET", "/hostile?location")).status).toBe(200);
  }, 600_000);
});

test("a hundred writers of one key all succeed, and of fifty that want it free one does", async () => {
  const writers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => ask("PUT", `/hostile/once?x-id=PutObject&n=${i}`, `writer ${i}`)),
  );
  expect(writers.every(({ status }) => status === 200)).toBe(true);
  const link = (i: number): string =>
    head("PUT", "/hostile/first", { "if-none-match": "*", "content-length": String(`${i}`.length) }) + i;
  const said = await Promise.all(Array.from({ length: 50 }, (_, i) => talk([link(i)], 8000)));
  expect(said.filter((text) => code(text) === "200")).toHaveLength(1);
  expect(said.filter((text) => code(text) === "PreconditionFailed")).toHaveLength(49);
}, 600_000);

/** Where a descriptor leads; nothing where it is gone by now. */
function targetOf(fd: string): string[] {
  try {
    return [readlinkSync(fd)];
  } catch {
    return [];
  }
}

test("after all this: little memory, no descriptor left open", () => {
  const status = readFileSync(`/proc/${house.s3d.pid}/status`, "utf8");
  expect(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024).toBeLessThan(250);
  const fds = `/proc/${house.s3d.pid}/fd`;
  const open = readdirSync(fds).flatMap((fd) => targetOf(join(fds, fd)));
  expect(open.filter((path) => /\/(?:blobs|staging)\/.*[^k]$/.test(path))).toEqual([]);
});
