import { afterEach, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lossyText, utf8 } from "../base/bytes.ts";
import type { Conversation, Effect, Session } from "../base/session.ts";
import { asInstant, laterBy, type Clock, type Instant } from "../base/time.ts";
import { silentLog } from "../watch/log.ts";
import { converse, type ConversationOptions } from "./conversation.ts";
import { houseCertificate } from "./house-ca.ts";
import { listenTcp, type TcpLimits, type TcpListener } from "./tcp.ts";
import { TlsKeeper, upgrade } from "./tls.ts";

const clock: Clock = { now: () => asInstant(performance.now()), wall: () => Date.now() as never };

/** Lines: "ask" is answered later, "quit" closes, "tls" secures, "flood" sends 4 MiB, others are echoed. */
class Toy implements Session<string, string> {
  readonly #out: Effect<string>[] = [utf8Effect("hello\n")];
  wakeAt: Instant | undefined = laterBy(clock.now(), 100_000);
  received = 0;
  expired = 0;

  receive(bytes: Uint8Array, now: Instant): void {
    this.received += bytes.length;
    for (const line of lossyText(bytes).split("\n").slice(0, -1)) this.#line(line, now);
  }
  #line(line: string, now: Instant): void {
    if (line === "ask") this.#out.push({ do: "ask", id: 7, ask: "question" });
    else if (line === "quit") this.#out.push(utf8Effect("bye\n"), { do: "close" });
    else if (line === "tls") this.#out.push(utf8Effect("go\n"), { do: "secure" });
    else if (line === "flood") this.#out.push(utf8Effect("x".repeat(1 << 22)));
    else if (line === "sleep") this.wakeAt = laterBy(now, 20);
    else if (line === "bug") throw new Error("planted");
    else this.#out.push(utf8Effect(`${line}!\n`));
  }
  answer(id: number, answer: string): void {
    this.#out.push(utf8Effect(`${id} ${answer}\n`));
  }
  expire(): void {
    this.expired++;
    this.wakeAt = undefined;
    this.#out.push(utf8Effect("woken\n"));
  }
  leave(): void {
    this.#out.push(utf8Effect("leaving\n"), { do: "close" });
  }
  poll(): Effect<string> | undefined {
    return this.#out.shift();
  }
}
const utf8Effect = (text: string): Effect<string> => ({ do: "send", bytes: utf8(text) });

const open: TcpListener[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const listener of open.splice(0)) await listener.stop(0);
});

interface House {
  readonly toys: Toy[];
  readonly listener: TcpListener;
  ended: number;
}
async function serve(
  options: Partial<ConversationOptions> = {},
  limits?: TcpLimits,
  identity?: TlsKeeper,
): Promise<House> {
  const toys: Toy[] = [];
  const conversation = (): Conversation<string, string> => {
    const session = new Toy();
    toys.push(session);
    const perform = async (ask: string): Promise<string> => {
      await Bun.sleep(5);
      return `answer to ${ask}`;
    };
    return { session, perform, ended: () => void house.ended++ };
  };
  const listener = await listenTcp(
    { host: "127.0.0.1", port: 0 },
    (socket) => {
      const secure = identity && { secure: () => upgrade(socket, identity.context(), { handshakeMs: 1000 }) };
      return converse(socket, conversation(), { clock, log: silentLog, ...options, ...secure });
    },
    { log: silentLog, refusal: utf8("full\n"), ...(limits ? { limits } : {}) },
  );
  open.push(listener);
  const house: House = { toys, listener, ended: 0 };
  return house;
}

function call(port: number): { socket: Socket; said: () => string; until: (text: string) => Promise<void> } {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  sockets.push(socket);
  let heard = "";
  socket.on("data", (bytes) => (heard += bytes.toString("latin1")));
  socket.on("end", () => (heard += "<end>"));
  socket.on("error", () => (heard += "<error>"));
  return { socket, said: () => heard, until: (text) => waitFor(() => heard.includes(text)) };
}

async function waitFor(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error("waited 15 s in vain");
    await Bun.sleep(2);
  }
}

test("what is sent comes back, asks are answered, and a close flushes", async () => {
  const house = await serve();
  const { socket, said, until } = call(house.listener.endpoint.port);
  socket.write("one\nask\n");
  await until("answer to question");
  socket.write("quit\n");
  await until("<end>");
  expect(said()).toBe("hello\none!\n7 answer to question\nbye\n<end>");
  socket.end();
  await waitFor(() => house.ended === 1);
});

test("a peer that closes its side still gets the answers under way", async () => {
  const house = await serve();
  const { socket, said, until } = call(house.listener.endpoint.port);
  socket.end("ask\nlast\n");
  await until("<end>");
  expect(said()).toContain("7 answer to question");
});

test("a session is woken when it asked to be", async () => {
  const house = await serve();
  const { socket, until } = call(house.listener.endpoint.port);
  socket.write("sleep\n");
  await until("woken");
  expect(house.toys[0]!.expired).toBe(1);
});

test("a bug ends that session alone", async () => {
  const house = await serve();
  const victim = call(house.listener.endpoint.port);
  const other = call(house.listener.endpoint.port);
  await other.until("hello");
  victim.socket.write("bug\n");
  await waitFor(() => house.ended === 1);
  other.socket.write("still\n");
  await other.until("still!");
});

test("a peer that does not read is not read from", async () => {
  const house = await serve({ unsentBytes: 1000 });
  const { socket, until } = call(house.listener.endpoint.port);
  await until("hello");
  socket.pause();
  for (let i = 0; i < 8; i++) socket.write("flood\n");
  await Bun.sleep(50);
  socket.write("noise\n".repeat(300_000));
  await Bun.sleep(100);
  expect(house.toys[0]!.received).toBeLessThan(1_500_000);
  socket.resume();
  await until("noise!");
});

test("a peer that takes nothing for too long is cut", async () => {
  const house = await serve({ stallMs: 50 });
  const { socket, until } = call(house.listener.endpoint.port);
  await until("hello");
  socket.pause();
  for (let i = 0; i < 8; i++) socket.write("flood\n");
  await waitFor(() => house.ended === 1);
});

test("TLS begins after the answer, and bytes slipped in ahead of it end the connection", async () => {
  const data = mkdtempSync(join(tmpdir(), "holdfast-tls-"));
  const identity = await houseCertificate(data);
  rmSync(data, { recursive: true });
  const keeper = new TlsKeeper(identity);
  const house = await serve({}, undefined, keeper);
  const { port } = house.listener.endpoint;

  const honest = call(port);
  honest.socket.write("tls\n");
  await honest.until("go\n");
  honest.socket.removeAllListeners("data");
  const secured = connectTls({ socket: honest.socket, ca: identity.ca, servername: "localhost" });
  let heard = "";
  secured.on("data", (bytes) => (heard += bytes.toString()));
  secured.write("inside\n");
  await waitFor(() => heard === "inside!\n");

  const stalled = call(port);
  stalled.socket.write("tls\n");
  await stalled.until("go\n");
  stalled.socket.write("not a handshake\n");
  await waitFor(() => house.ended === 1);
});

test("over its limits the listener refuses, and makes room again", async () => {
  const house = await serve({}, { total: 10, perAddress: 2 });
  const first = call(house.listener.endpoint.port);
  const second = call(house.listener.endpoint.port);
  await first.until("hello");
  await second.until("hello");
  const third = call(house.listener.endpoint.port);
  await third.until("full");
  first.socket.destroy();
  await waitFor(() => house.listener.connections === 1);
  const fourth = call(house.listener.endpoint.port);
  await fourth.until("hello");
});

test("stopping says goodbye to everybody and cuts whoever stays", async () => {
  const house = await serve();
  const { until } = call(house.listener.endpoint.port);
  await until("hello");
  const started = performance.now();
  await house.listener.stop(100);
  await until("leaving");
  expect(performance.now() - started).toBeLessThan(4500);
  expect(house.ended).toBe(1);
});
