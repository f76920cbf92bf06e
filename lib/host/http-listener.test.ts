import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HttpAnswer, HttpExchange, HttpRequest } from "../base/http.ts";
import { BodyLost } from "../base/http.ts";
import { silentLog } from "../watch/log.ts";
import { houseCertificate } from "./house-ca.ts";
import { listenHttp, type HttpLimits, type HttpListener } from "./http-listener.ts";

const open: HttpListener[] = [];
afterAll(async () => {
  for (const listener of open) await listener[Symbol.asyncDispose]();
});

async function serve(exchange: HttpExchange, limits: Partial<HttpLimits> = {}): Promise<HttpListener> {
  const options = { log: silentLog, limits: { drainMs: 300, ...limits } };
  const listener = await listenHttp({ host: "127.0.0.1", port: 0 }, exchange, options);
  open.push(listener);
  return listener;
}

const plain = (body: HttpAnswer["body"], status = 200): HttpAnswer => ({ status, headers: {}, body });

async function read(request: HttpRequest): Promise<string> {
  let text = "";
  for await (const chunk of request.body) text += Buffer.from(chunk).toString("latin1");
  return text;
}

/** Sends the pieces as they are, and gives all that came back until the peer closed or `ms` passed. */
function talk(listener: HttpListener, pieces: readonly string[], ms = 400): Promise<string> {
  return new Promise((done) => {
    const socket = connect(listener.endpoint.port, "127.0.0.1");
    let text = "";
    socket.on("data", (bytes) => (text += bytes.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => done(text));
    void (async () => {
      for (const piece of pieces) {
        socket.write(piece, "latin1");
        await Bun.sleep(20);
      }
    })();
    setTimeout(() => socket.destroy(), ms);
  });
}

const count = (text: string, what: string): number => text.split(what).length - 1;

test("keeps the request target as it was sent", async () => {
  const listener = await serve(async (request) => plain(request.target));
  const target = "/b/a/../%2e%2e//x%41?q=%2F&r";
  expect(await talk(listener, [`GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`])).toEndWith(
    `\r\n\r\n${target}`,
  );
});

test("gives header bytes one a character, repeats joined", async () => {
  const listener = await serve(async ({ headers }) =>
    plain(`${headers.get("x-a")?.length}|${headers.get("x-b")}`),
  );
  const head = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-A: \xc3\xa9\r\nX-B: 1\r\nx-b: 2\r\n\r\n";
  expect(await talk(listener, [head])).toEndWith("2|1,2");
});

test("a refusal asks for no body, and the connection ends", async () => {
  const listener = await serve(async () => plain("no", 403));
  const head = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n";
  const answer = await talk(listener, [head]);
  expect(answer).toStartWith("HTTP/1.1 403");
  expect(answer.toLowerCase()).toContain("connection: close");
  expect(answer).not.toContain("100 Continue");
});

test("reading the body is what says 100 Continue", async () => {
  const listener = await serve(async (request) => plain(await read(request)));
  const head =
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n";
  const answer = await talk(listener, [head, "hello"]);
  expect(answer).toStartWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200");
  expect(answer).toEndWith("hello");
});

test("who expects it hears 100 Continue also before a body of no bytes", async () => {
  const listener = await serve(async () => plain("no", 400));
  const head =
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n";
  expect(await talk(listener, [head])).toStartWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400");
});

test("a refused sender that goes on reads the answer", async () => {
  const listener = await serve(async () => plain("no", 403));
  const answer = await talk(listener, [
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n",
    "x".repeat(100_000),
    "x".repeat(200_000),
  ]);
  expect(answer).toStartWith("HTTP/1.1 403");
  expect(answer).toEndWith("no");
});

test("a cut body is told as truncated, and the process lives on", async () => {
  const told: string[] = [];
  const listener = await serve(async (request) => {
    try {
      return plain(await read(request));
    } catch (error) {
      told.push(error instanceof BodyLost ? error.why : String(error));
      return plain("cut", 400);
    }
  });
  await talk(listener, ["PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\nhello"], 100);
  await Bun.sleep(50);
  expect(told).toEqual(["truncated"]);
  expect(
    await talk(listener, ["PUT / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"]),
  ).toEndWith("ok");
});

test("a body that stalls is given up; one that keeps coming is not", async () => {
  const listener = await serve(
    async (request) => {
      try {
        return plain(`all ${(await read(request)).length}`);
      } catch (error) {
        return plain((error as BodyLost).why, 400);
      }
    },
    { stallMs: 60, stallBytes: 4 },
  );
  const head = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\nConnection: close\r\n\r\n";
  const [slow, steady] = await Promise.all([
    talk(listener, [head, "a"], 1500),
    talk(listener, [head, ...Array.from({ length: 20 }, () => "12345")], 1500),
  ]);
  expect(slow).toEndWith("stalled");
  expect(steady).toEndWith("all 100");
});

test("a stream goes out whole, is closed once, and is cut where its source fails", async () => {
  let closed = 0;
  async function* pieces(fails: boolean): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 3; i++) {
      if (fails && i === 2) throw new Error("disk");
      yield new Uint8Array(100_000).fill(0x7e);
    }
  }
  const chunked = (fails: boolean): HttpAnswer["body"] => ({
    size: 300_000,
    chunks: pieces(fails),
    close: async () => void closed++,
  });
  const listener = await serve(async ({ target }) => plain(chunked(target === "/fails")));
  const whole = await talk(listener, ["GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"]);
  expect(count(whole, "~")).toBe(300_000);
  const cut = await talk(listener, ["GET /fails HTTP/1.1\r\nHost: h\r\n\r\n"]);
  expect(count(cut, "~")).toBeLessThan(300_000);
  expect(closed).toBe(2);
});

test("a reader that stops reading is given up", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const endless = {
    size: undefined,
    chunks: (async function* () {
      for (;;) yield new Uint8Array(1 << 20);
    })(),
    close: async () => resolve(),
  };
  const listener = await serve(async () => plain(endless), { stallMs: 50 });
  const socket = connect(listener.endpoint.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.pause();
  socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  await promise;
  socket.destroy();
});

const malformed: Record<string, string> = {
  "a length and chunks":
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "two lengths": "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
  "a folded header": "GET / HTTP/1.1\r\nHost: h\r\nX-A: b\r\n c\r\n\r\n",
  "no host": "GET / HTTP/1.1\r\n\r\n",
  "a TLS hello": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
  "a head of 20 KB": `GET / HTTP/1.1\r\nHost: h\r\nX-A: ${"a".repeat(20_000)}\r\n\r\n`,
};
for (const [what, text] of Object.entries(malformed)) {
  test(`refuses ${what}`, async () => {
    const asked: string[] = [];
    const listener = await serve(async ({ target }) => {
      asked.push(target);
      return plain("");
    });
    expect(await talk(listener, [text])).toMatch(/^HTTP\/1\.1 4(?:00|31) /);
    expect(asked).toEqual([]);
  });
}

test("connections over the limit are closed at once", async () => {
  const listener = await serve(async () => plain("ok"), { connections: 1 });
  const first = talk(listener, ["GET / HTTP/1.1\r\nHost: h\r\n\r\n"], 300);
  await Bun.sleep(50);
  expect(await talk(listener, ["GET / HTTP/1.1\r\nHost: h\r\n\r\n"], 250)).toBe("");
  await first;
  await Bun.sleep(30);
  expect(listener.connections).toBe(0);
});

test("so are those over the limit of one address", async () => {
  const listener = await serve(async () => plain("ok"), { perAddress: 1 });
  const first = talk(listener, ["GET / HTTP/1.1\r\nHost: h\r\n\r\n"], 200);
  await Bun.sleep(50);
  expect(await talk(listener, ["GET / HTTP/1.1\r\nHost: h\r\n\r\n"], 150)).toBe("");
  expect(await first).toEndWith("ok");
});

test("requests sent ahead are answered in order, bodies and all", async () => {
  const listener = await serve(async (request) => {
    const text = await read(request);
    await Bun.sleep(text.length === 2 ? 30 : 0);
    return plain(`[${request.target} ${text}]`);
  });
  const requests = [
    "PUT /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab",
    "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
    "PUT /3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
    "HEAD /4 HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /5 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /6 HTTP/1.1\r\nHost: h\r\n\r\n",
  ];
  const said = await talk(listener, [requests.join("")]);
  expect(said.match(/\[.*?\]/g)).toEqual(["[/1 ab]", "[/2 ]", "[/3 abc]", "[/5 ]"]);
});

test("many requests sent ahead wait in the socket", async () => {
  const listener = await serve(async ({ target }) => plain(target));
  const many = Array.from({ length: 5000 }, (_, i) => `GET /${i} HTTP/1.1\r\nHost: h\r\n\r\n`);
  const last = "GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  const said = await talk(listener, [many.join("") + last], 5000);
  expect(said.match(/\/(?:\d+|last)(?=HTTP|$)/g)).toHaveLength(5001);
});

test("HTTP/1.0 ends its connection, unless it asks not to", async () => {
  const listener = await serve(async () => plain("ok"));
  expect(await talk(listener, ["GET / HTTP/1.0\r\n\r\n"])).toEndWith("ok");
  const twice = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".repeat(2);
  const said = await talk(listener, [twice], 200);
  expect(count(said, "connection: keep-alive")).toBe(2);
});

test("a stream of unknown length comes in chunks, to HTTP/1.0 until the end", async () => {
  const stream = (): HttpAnswer["body"] => ({
    size: undefined,
    chunks: (async function* () {
      yield Buffer.from("hello ");
      yield Buffer.alloc(0);
      yield Buffer.from("world");
    })(),
    close: async () => {},
  });
  const listener = await serve(async () => plain(stream()));
  const said = await talk(listener, ["GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"]);
  expect(said).toEndWith("\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n");
  expect(await talk(listener, ["GET / HTTP/1.0\r\n\r\n"])).toEndWith("\r\n\r\nhello world");
});

test("a client that has said all it will is still answered", async () => {
  const listener = await serve(async () => {
    await Bun.sleep(30);
    return plain("late");
  });
  const said = await new Promise<string>((done) => {
    const socket = connect({ port: listener.endpoint.port, host: "127.0.0.1", allowHalfOpen: true });
    let text = "";
    socket.on("data", (bytes) => (text += bytes.toString("latin1")));
    socket.on("end", () => (socket.destroy(), done(text)));
    socket.end("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  });
  expect(said).toEndWith("late");
});

test("a head that does not end, and a connection that says nothing, are given up", async () => {
  const listener = await serve(async () => plain("ok"), { headMs: 80, idleMs: 80 });
  const slow = ["GET / HTTP/1.1\r\nHost: ", ...Array.from({ length: 20 }, () => "h")];
  const [head, nothing, idle] = await Promise.all([
    talk(listener, slow, 2000),
    talk(listener, [], 2000),
    talk(listener, ["GET / HTTP/1.1\r\nHost: h\r\n\r\n"], 2000),
  ]);
  expect(head).toStartWith("HTTP/1.1 408 ");
  expect(nothing).toBe("");
  expect(idle).toEndWith("ok");
});

test("no value of an answer's field begins a line of its own", async () => {
  const listener = await serve(async () => ({ ...plain(""), headers: { "x-a": "b\r\nX-B: c" } }));
  const said = await talk(listener, ["GET / HTTP/1.0\r\n\r\n"]);
  expect(said).toContain("x-a: b  X-B: c\r\n");
});

test("an address in use is refused", async () => {
  const listener = await serve(async () => plain(""));
  const second = listenHttp(listener.endpoint, async () => plain(""), { log: silentLog });
  expect(
    await second.then(
      () => "bound",
      (error: NodeJS.ErrnoException) => error.code,
    ),
  ).toBe("EADDRINUSE");
});

test("files go out as they are, at the reader's pace; one that is too short cuts the answer", async () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-send-"));
  const bytes = new Uint8Array(9_000_001).map((_, i) => i * 31 + (i >> 12));
  writeFileSync(join(folder, "file"), bytes);
  const fd = openSync(join(folder, "file"), "r");
  const listener = await serve(async ({ target }) => {
    const end = target === "/long" ? bytes.length + 10 : bytes.length;
    const stretches = (async function* () {
      yield bytes.subarray(0, 10);
      yield { fd, start: 10, end: 5_000_000 };
      yield { fd, start: 5_000_000, end };
    })();
    const chunks = (async function* () {
      if (process.platform === "linux") throw new Error("not asked for");
      yield bytes;
    })();
    return plain({ size: end, chunks, stretches, close });
  });
  const close = async (): Promise<void> => {};
  const { port } = listener.endpoint;
  for (let i = 0; i < 2; i++) {
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(Bun.hash(await answer.arrayBuffer())).toBe(Bun.hash(bytes));
  }
  const slow = await new Promise<number>((done) => {
    let count = 0;
    const socket = connect(port, "127.0.0.1");
    socket.on("data", (chunk) => {
      count += chunk.length;
      socket.pause();
      setTimeout(() => socket.resume(), 1);
    });
    socket.on("close", () => done(count));
    socket.write("GET /slow HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  });
  expect(slow).toBeGreaterThan(bytes.length);
  const cut = fetch(`http://127.0.0.1:${port}/long`).then((answer) => answer.arrayBuffer());
  expect(
    await cut.then(
      () => "whole",
      () => "cut",
    ),
  ).toBe("cut");
  rmSync(folder, { recursive: true });
}, 10_000);

test("over TLS, bodies both ways are whole", async () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-https-"));
  const tls = await houseCertificate(folder, []);
  const exchange: HttpExchange = async (request) => {
    let size = 0;
    for await (const chunk of request.body) size += chunk.length;
    const chunks = (async function* () {
      for (let i = 0; i < 30; i++) yield new Uint8Array(100_000).fill(i);
    })();
    return plain({ size: 3_000_000, chunks, close: async () => void (request.target === "/" && size) });
  };
  const limits = { drainMs: 300 };
  const listener = await listenHttp({ host: "127.0.0.1", port: 0 }, exchange, {
    log: silentLog,
    limits,
    tls,
  });
  open.push(listener);
  for (let i = 0; i < 3; i++) {
    const answer = await fetch(`https://127.0.0.1:${listener.endpoint.port}/`, {
      method: "PUT",
      body: new Uint8Array(2_000_000),
      tls: { rejectUnauthorized: false },
    });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    expect([bytes.length, bytes[0], bytes[2_999_999]]).toEqual([3_000_000, 0, 29]);
  }
  rmSync(folder, { recursive: true });
});

test("stopping lets requests under way finish", async () => {
  const listener = await serve(async () => {
    await Bun.sleep(100);
    return plain("finished");
  });
  const answer = talk(listener, ["GET / HTTP/1.1\r\nHost: h\r\n\r\n"], 1000);
  await Bun.sleep(30);
  await listener[Symbol.asyncDispose]();
  expect(await answer).toEndWith("finished");
});
