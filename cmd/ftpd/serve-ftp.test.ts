import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { utf8 } from "../../lib/base/bytes.ts";
import { fail, must, ok } from "../../lib/base/result.ts";
import { FtpSessionBook } from "../../lib/gate/ftp/session-book.ts";
import { FileTally } from "../../lib/gate/file-tally.ts";
import { systemClock } from "../../lib/host/clock.ts";
import { systemEntropy } from "../../lib/host/entropy.ts";
import { houseCertificate } from "../../lib/host/house-ca.ts";
import type { TcpListener } from "../../lib/host/tcp.ts";
import { TlsKeeper } from "../../lib/host/tls.ts";
import type { User } from "../../lib/rules/identity.ts";
import { memoryFiles } from "../../lib/store/memory-files.ts";
import { silentLog } from "../../lib/watch/log.ts";
import { metricsRegistry } from "../../lib/watch/metrics-registry.ts";
import type { FtpdConfig } from "./config.ts";
import { deflatedLink } from "./deflated-link.ts";
import { digester } from "./digester.ts";
import { SiteBook } from "./site-book.ts";
import { serveFtp, type FtpService } from "./serve-ftp.ts";

const clock = systemClock();
const stack = new AsyncDisposableStack();
const sessions = new FtpSessionBook();
const files = memoryFiles({ clock });
const listeners: Record<"plain" | "impatient" | "implicit", TcpListener> = {} as never;

const config: FtpdConfig["ftp"] = {
  enabled: true,
  listen: { host: "127.0.0.1", port: 0 },
  greeting: "Holdfast",
  tls: "optional",
  clientCertificates: "off",
  clientAuthority: undefined,
  clearData: true,
  clearControl: false,
  compression: true,
  siteToSite: false,
  sessionReuse: "prefer",
  certificate: undefined,
  certificateKey: undefined,
  names: [],
  passiveFirst: 0,
  passiveLast: 0,
  passiveAddress: undefined,
  dataNetworks: [],
  partialUploads: "drop",
  digestLimit: 1 << 30,
  connections: 1000,
  connectionsPerAddress: 100,
  loginTimeout: 60_000,
  loginTries: 3,
  idleTimeout: 600_000,
  stallTimeout: 10_000,
};

beforeAll(async () => {
  const data = mkdtempSync(join(tmpdir(), "holdfast-hostile-"));
  const keeper = new TlsKeeper(await houseCertificate(data));
  rmSync(data, { recursive: true });
  const needs: FtpService["needs"] = {
    checkPassword: async (name, password) =>
      name === "ann" && password === "secret" ? ok({ id: "u", name } as User) : fail("unauthenticated", "no"),
    userNamed: async () => fail("unauthenticated", "no"),
    everybody: () => sessions.list(),
    admit: () => ok(() => {}),
    transferred() {},
    sites: { named: () => fail("not-found", "no such host"), enter: () => ok(() => {}) },
    pacer: () => undefined,
    filesOf: async () => ok(files),
    deflated: deflatedLink,
    digester,
    audit: { tell() {} },
    tally: new FileTally(metricsRegistry(), "ftp"),
    log: silentLog,
    clock,
    entropy: systemEntropy(),
  };
  const serve = async (implicit: boolean, more: Partial<FtpdConfig["ftp"]> = {}): Promise<TcpListener> => {
    const sites = new SiteBook({ book: () => new Map(), set() {} }, keeper, silentLog);
    const service = {
      needs,
      keeper,
      sites,
      sessions,
      refuses: () => undefined,
      isProxy: () => false,
      config: { ...config, ...more },
    };
    return stack.use(must(await serveFtp(config.listen, implicit, service)));
  };
  listeners.plain = await serve(false);
  listeners.impatient = await serve(false, { loginTimeout: 150, stallTimeout: 150, idleTimeout: 300 });
  listeners.implicit = await serve(true);
});
afterAll(() => stack.disposeAsync());

/** A client with a script for manners. */
class Caller {
  readonly socket: Socket;
  heard = "";
  closed = false;

  constructor(door: keyof typeof listeners = "plain") {
    this.socket = connect({ port: listeners[door].endpoint.port, host: "127.0.0.1" });
    this.socket.on("data", (bytes) => (this.heard += bytes.toString("latin1")));
    this.socket.on("error", () => {});
    this.socket.on("close", () => (this.closed = true));
    stack.defer(() => void this.socket.destroy());
  }
  say(text: string | Uint8Array): this {
    this.socket.write(text);
    return this;
  }
  async until(holds: (caller: this) => boolean, within = 4000): Promise<this> {
    const deadline = performance.now() + within;
    while (!holds(this)) {
      if (performance.now() > deadline) throw new Error(`waited in vain; heard ${this.heard.slice(-300)}`);
      await Bun.sleep(2);
    }
    return this;
  }
  /** The codes of all whole replies so far. */
  get codes(): string {
    return [...this.heard.matchAll(/^(\d{3}) /gm)].map((match) => match[1]).join(" ");
  }
  expectCodes(codes: string): Promise<this> {
    return this.until((caller) => caller.codes === codes).catch(() => {
      expect(this.codes).toBe(codes);
      return this;
    });
  }
  async signIn(): Promise<this> {
    this.say("USER ann\r\nPASS secret\r\nTYPE I\r\n");
    await this.expectCodes("220 331 230 200");
    this.heard = "";
    return this;
  }
  async passive(): Promise<Socket> {
    this.say("EPSV\r\n");
    await this.until((caller) => caller.heard.includes("|)\r\n"));
    const port = Number(/\|\|\|(\d+)\|/.exec(this.heard)![1]);
    this.heard = "";
    const data = connect({ port, host: "127.0.0.1" });
    data.on("error", () => {});
    stack.defer(() => void data.destroy());
    return data;
  }
}

test("a session over TCP: greeting, sign-in, upload, download, goodbye", async () => {
  const caller = await new Caller().signIn();
  const up = await caller.passive();
  caller.say("STOR f\r\n");
  up.end("hello");
  await caller.expectCodes("150 226");
  const down = await caller.passive();
  let got = "";
  down.on("data", (bytes) => (got += bytes.toString()));
  caller.say("RETR f\r\nQUIT\r\n");
  await caller.until(({ closed }) => closed);
  expect(caller.codes).toBe("150 226 221");
  expect(got).toBe("hello");
});

test("ABOR in the middle of a download with Telnet's interrupt before it", async () => {
  const file = must(await files.open(["large"], { read: false, write: true, create: "may", truncate: true }));
  must(await file.write(0, new Uint8Array(64 << 20)));
  must(await file.close());
  const caller = await new Caller().signIn();
  const data = await caller.passive();
  data.pause();
  caller.say("RETR large\r\n");
  await caller.expectCodes("150");
  caller.say(Uint8Array.of(0xff, 0xf4, 0xff, 0xf2)).say("ABOR\r\nNOOP\r\n");
  await caller.expectCodes("150 426 226 200");
});

test("a client that resets its upload gets 426, and nothing is stored", async () => {
  const caller = await new Caller().signIn();
  const data = await caller.passive();
  caller.say("STOR torn\r\n");
  await caller.expectCodes("150");
  data.write("half");
  await Bun.sleep(20);
  data.resetAndDestroy();
  await caller.expectCodes("150 426");
  caller.say("MDTM torn\r\n");
  await caller.expectCodes("150 426 550");
});

test("a control connection that vanishes takes its transfer along", async () => {
  const caller = await new Caller().signIn();
  const data = await caller.passive();
  caller.say("STOR vanished\r\n");
  await caller.expectCodes("150");
  data.write("half");
  caller.socket.resetAndDestroy();
  await new Promise((yes) => data.once("close", yes));
  expect(await files.stat(["vanished"])).toMatchObject({ ok: false });
});

test("a transfer that nobody reads ends by itself", async () => {
  const caller = await new Caller("impatient").signIn();
  const data = await caller.passive();
  data.pause();
  caller.say("RETR large\r\n");
  await caller.expectCodes("150 426");
});

test("who does not sign in, or says a byte now and then, is let go", async () => {
  const silent = new Caller("impatient");
  const dripping = new Caller("impatient");
  const drip = setInterval(() => dripping.say("N"), 20);
  await Promise.all([silent, dripping].map((caller) => caller.until(({ closed }) => closed)));
  clearInterval(drip);
  expect([silent.codes, dripping.codes]).toEqual(["220 421", "220 421"]);
});

test("who is silent after signing in is let go", async () => {
  const caller = await new Caller("impatient").signIn();
  await caller.until(({ closed }) => closed);
  expect(caller.codes).toBe("421");
});

test("thousands of commands sent ahead and never read cost no more than their share", async () => {
  const caller = await new Caller().signIn();
  caller.socket.pause();
  for (let i = 0; i < 400; i++) caller.say("STAT\r\n".repeat(10_000));
  await Bun.sleep(300);
  expect(caller.socket.writableLength).toBeGreaterThan(0);
  caller.socket.destroy();
  const other = new Caller();
  await other.expectCodes("220");
});

test("bytes that follow AUTH TLS in the same packet end the connection", async () => {
  const caller = new Caller().say("AUTH TLS\r\nUSER eve\r\n");
  await caller.until(({ closed }) => closed);
  expect(caller.codes).toBe("220 234");
});

test("a stranger to TLS is cut after AUTH TLS, and on the implicit door", async () => {
  const after = await new Caller().say("AUTH TLS\r\n").expectCodes("220 234");
  after.say("USER ann\r\n");
  const implicit = new Caller("implicit").say("USER ann\r\nPASS secret\r\n");
  await Promise.all([after, implicit].map((caller) => caller.until(({ closed }) => closed)));
  expect(implicit.codes).toBe("");
});

test("a ClientHello on the plain door is no command", async () => {
  const caller = await new Caller().expectCodes("220");
  const hello = connectTls({ socket: caller.socket, rejectUnauthorized: false });
  hello.on("error", () => {});
  await Bun.sleep(30);
  hello.destroy();
  await new Caller().expectCodes("220");
});

test("another protocol by ALPN is refused", async () => {
  const { port } = listeners.implicit.endpoint;
  const outcome = (protocol: string): Promise<string> =>
    new Promise((yes) => {
      const options = { port, host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols: [protocol] };
      const socket = connectTls(options, () =>
        socket.once("data", (bytes) => yes(bytes.toString().slice(0, 3))),
      );
      socket.on("error", () => yes("refused"));
      socket.on("close", () => yes("refused"));
      stack.defer(() => void socket.destroy());
    });
  expect(await outcome("ftp")).toBe("220");
  expect(await outcome("http/1.1")).toBe("refused");
});

test("a browser gets no answer", async () => {
  const caller = await new Caller().expectCodes("220");
  caller.say("POST / HTTP/1.1\r\nHost: x\r\n\r\nUSER ann\r\n");
  await caller.until(({ closed }) => closed);
  expect(caller.codes).toBe("220");
});

test("garbage of every kind ends at most its own session", async () => {
  const bystander = await new Caller().signIn();
  for (let round = 0; round < 30; round++) {
    const noise = crypto.getRandomValues(new Uint8Array(2000));
    new Caller().say(noise).say(utf8("\r\n")).say(noise).socket.end();
  }
  await Bun.sleep(100);
  bystander.say("NOOP\r\n");
  await bystander.expectCodes("200");
});

test("an operator sees the sessions and may end one", async () => {
  const caller = await new Caller().signIn();
  const row = sessions.list().findLast(({ user }) => user === "ann");
  expect(row).toMatchObject({ door: "ftp", address: "127.0.0.1", doing: "idle" });
  expect(sessions.end(row!.id)).toBe(true);
  await caller.until(({ closed }) => closed);
  expect(caller.codes).toBe("421");
  expect(sessions.end(row!.id)).toBe(false);
});
