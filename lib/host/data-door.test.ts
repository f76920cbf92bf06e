import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { must } from "../base/result.ts";
import { silentLog } from "../watch/log.ts";
import { DataDoor, type DataDoorOptions } from "./data-door.ts";
import { systemEntropy } from "./entropy.ts";
import { houseCertificate } from "./house-ca.ts";
import { TlsKeeper, upgrade } from "./tls.ts";

const usual: DataDoorOptions = {
  ports: { first: 0, last: 0 },
  announce: undefined,
  mayCome: (peer, control) => peer === control,
  reuse: "prefer",
  meetMs: 2000,
  handshakeMs: 2000,
  stallMs: 2000,
  entropy: systemEntropy(),
  log: silentLog,
};

const data = mkdtempSync(join(tmpdir(), "holdfast-door-"));
const keeper = new TlsKeeper(await houseCertificate(data));
rmSync(data, { recursive: true });

const opened: { destroy(): void }[] = [];
const servers: Server[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.destroy();
  for (const one of servers.splice(0)) one.close();
});

/** A control connection, its client's end, and the door beside it. */
async function newDoor(more: Partial<DataDoorOptions> = {}, from = "127.0.0.1") {
  const context = keeper.context();
  const listener = createServer();
  servers.push(listener);
  await new Promise<void>((yes) => listener.listen(0, "127.0.0.1", yes));
  const accepted = new Promise<Socket>((yes) => listener.once("connection", yes));
  const { port } = listener.address() as AddressInfo;
  const client = connect({ port, host: "127.0.0.1", localAddress: from });
  const control = await accepted;
  opened.push(client, control);
  const door = new DataDoor(control, () => context, { ...usual, ...more });
  return { door, control, client, context };
}

function call(port: number, from = "127.0.0.1"): Socket {
  const socket = connect({ port, host: "127.0.0.1", localAddress: from });
  socket.on("error", () => {});
  opened.push(socket);
  return socket;
}
const closed = (socket: Socket): Promise<unknown> => new Promise((yes) => socket.once("close", yes));

test("bytes go both ways, and the end is the end", async () => {
  const { door } = await newDoor();
  const { port } = must(await door.passive("same"));
  const client = call(port);
  const link = must(await door.meet(false));
  client.write("hello ");
  client.end("world");
  expect(Buffer.from(must(await link.read(100))).toString()).toBe("hello world");
  expect(must(await link.read(100)).length).toBe(0);
  let heard = "";
  client.on("data", (bytes) => (heard += bytes.toString()));
  must(await link.write(new Uint8Array([65, 66])));
  must(await link.end());
  await closed(client);
  expect(heard).toBe("AB");
});

test("a peer that stops reading holds the writer, never the memory", async () => {
  const { door } = await newDoor({ stallMs: 150 });
  const { port } = must(await door.passive("same"));
  const client = call(port);
  client.pause();
  const link = must(await door.meet(false));
  let written = 0;
  let result = await link.write(new Uint8Array(1 << 20));
  for (; result.ok && written < 100; written++) result = await link.write(new Uint8Array(1 << 20));
  expect(written).toBeLessThan(50);
  expect(result).toMatchObject({ ok: false, fault: { code: "timeout" } });
});

test("strangers are dropped and the waiting goes on; only one comes in", async () => {
  const { door } = await newDoor();
  const { port } = must(await door.passive(4));
  const stranger = call(port, "127.0.0.2");
  await closed(stranger);
  const client = call(port);
  const link = must(await door.meet(false));
  client.write("me");
  expect(must(await link.read(1)).length).toBe(2);
  const late = call(port);
  await closed(late);
});

test("another network may come where the operator says so", async () => {
  const { door } = await newDoor({ mayCome: (peer) => peer === "127.0.0.2" });
  const { port } = must(await door.passive("same"));
  call(port, "127.0.0.2").write("x");
  expect(must(await must(await door.meet(false)).read(1)).length).toBe(1);
});

test("nobody comes: timeout; nothing was opened: unavailable", async () => {
  const { door } = await newDoor({ meetMs: 30 });
  expect(await door.meet(false)).toMatchObject({ fault: { code: "unavailable" } });
  must(await door.passive("same"));
  expect(await door.meet(false)).toMatchObject({ fault: { code: "timeout" } });
});

test("a hundred PASVs leave one listener", async () => {
  const { door } = await newDoor();
  const ports: number[] = [];
  for (let i = 0; i < 100; i++) ports.push(must(await door.passive("same")).port);
  expect(new Set(ports).size).toBeGreaterThan(50);
  const answers = await Promise.all(
    ports.map(
      (port) =>
        new Promise((yes) =>
          call(port)
            .once("connect", () => yes(1))
            .once("close", () => yes(0)),
        ),
    ),
  );
  expect(answers.filter((answer) => answer === 1).length).toBeLessThanOrEqual(
    ports.filter((port) => port === ports.at(-1)).length,
  );
  door.close();
});

test("ports come from the range, in no order one could guess", async () => {
  const { door } = await newDoor({ ports: { first: 42_000, last: 42_999 } });
  const ports: number[] = [];
  for (let i = 0; i < 12; i++) ports.push(must(await door.passive("same")).port);
  expect(ports.every((port) => port >= 42_000 && port <= 42_999)).toBe(true);
  const steps = ports.slice(1).map((port, i) => port - ports[i]!);
  expect(new Set(steps).size).toBeGreaterThan(5);
  door.close();
});

test("the other protocol is not ours; a router's address is told instead of ours", async () => {
  const { door } = await newDoor({ announce: "198.51.100.7" });
  expect(await door.passive(6)).toMatchObject({ fault: { code: "unsupported" } });
  expect(must(await door.passive(4)).host).toBe("198.51.100.7");
  door.close();
});

test("active mode calls the client, and says when it cannot", async () => {
  const { door } = await newDoor();
  const server = createServer((socket) => socket.end("from the client"));
  servers.push(server);
  await new Promise<void>((yes) => server.listen(0, "127.0.0.1", yes));
  const { port } = server.address() as AddressInfo;
  door.active({ host: "127.0.0.1", port });
  expect(must(await must(await door.meet(false)).read(100)).length).toBe(15);
  server.close();
  door.active({ host: "127.0.0.1", port });
  expect(await door.meet(false)).toMatchObject({ fault: { code: "unavailable" } });
});

test("closing ends the waiting and the moving", async () => {
  const { door } = await newDoor();
  must(await door.passive("same"));
  const waiting = door.meet(false);
  door.close();
  expect(await waiting).toMatchObject({ fault: { code: "cancelled" } });
  const { port } = must(await door.passive("same"));
  call(port);
  const link = must(await door.meet(false));
  const reading = link.read(1);
  door.close();
  expect(await reading).toMatchObject({ fault: { code: "cancelled" } });
});

test("a broken upload is told from a finished one", async () => {
  const { door } = await newDoor();
  const { port } = must(await door.passive("same"));
  const client = call(port);
  const link = must(await door.meet(false));
  client.write("half");
  await Bun.sleep(20);
  client.resetAndDestroy();
  expect(await link.read(1000)).toMatchObject({ fault: { code: "truncated" } });
});

async function secureControl(control: Socket, client: Socket, context: ReturnType<TlsKeeper["context"]>) {
  upgrade(control, context, { handshakeMs: 1000 }).resume();
  const secured = connectTls({ socket: client, rejectUnauthorized: false, maxVersion: "TLSv1.2" });
  opened.push(secured);
  await new Promise((yes) => secured.once("secureConnect", yes));
  return secured.getSession()!;
}

for (const [name, own] of [
  ["the control connection's session is resumed", true],
  ["another control connection's session is not, and is refused where that is required", false],
] as const) {
  test(name, async () => {
    const mine = await newDoor({ reuse: "require" });
    const other = own ? mine : await newDoor();
    const session = await secureControl(other.control, other.client, other.context);
    const { port } = must(await mine.door.passive("same"));
    const meeting = mine.door.meet(true);
    const plain = call(port);
    const options = { socket: plain, session, rejectUnauthorized: false, maxVersion: "TLSv1.2" } as const;
    const secured: TLSSocket = connectTls(options);
    secured.on("error", () => {});
    opened.push(secured);
    expect(await meeting).toMatchObject(own ? { ok: true } : { fault: { code: "denied" } });
  });
}

test("what is no handshake is refused, soon", async () => {
  const { door } = await newDoor({ handshakeMs: 100 });
  for (const talk of ["GET / HTTP/1.0\r\n\r\n", ""]) {
    const { port } = must(await door.passive("same"));
    call(port).write(talk);
    expect(await door.meet(true)).toMatchObject({ fault: { code: "denied" } });
  }
});
