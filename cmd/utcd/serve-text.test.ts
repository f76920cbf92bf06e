import { expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { connect, type Socket } from "node:net";
import { parsePrefix } from "../../lib/base/ip.ts";
import { must } from "../../lib/base/result.ts";
import { daytimeAnswer } from "../../lib/proto/time/daytime.ts";
import { timeAnswer } from "../../lib/proto/time/time.ts";
import { silentLog } from "../../lib/watch/log.ts";
import { serveText, type TextServiceHow } from "./serve-text.ts";

const loopback = [parsePrefix("127.0.0.0/8")!, parsePrefix("::1")!];
const how: TextServiceHow = {
  listen: { host: "::", port: 0 },
  udp: false,
  access: () => ({ allow: loopback, deny: [] }),
  answer: timeAnswer,
  knows: () => true,
  now: () => 1_700_000_000.999,
  log: silentLog,
};

/** Everything the server says until it closes. */
function listen(port: number, host = "127.0.0.1"): Promise<Buffer> {
  return new Promise((yes, no) => {
    const said: Buffer[] = [];
    const socket = connect(port, host);
    socket.on("data", (bytes: Buffer) => said.push(bytes));
    socket.on("error", no);
    socket.on("end", () => {
      socket.end();
      yes(Buffer.concat(said));
    });
  });
}

/** What comes back within `ms`, or undefined. */
function ask(port: number, bytes: Uint8Array, ms: number, from = "127.0.0.1"): Promise<Buffer | undefined> {
  const client = createSocket("udp4");
  return new Promise((yes) => {
    const end = (answer?: Buffer): void => {
      clearTimeout(patience);
      client.close();
      yes(answer);
    };
    const patience = setTimeout(end, ms);
    client.once("message", end);
    client.bind(0, from, () => client.send(bytes, port, "127.0.0.1"));
  });
}

test("TIME over TCP: four bytes from 1900, then the end, over IPv4 and IPv6", async () => {
  await using service = must(await serveText(how));
  for (const host of ["127.0.0.1", "::1"]) {
    const bytes = await listen(service.endpoint.port, host);
    expect(bytes.length).toBe(4);
    expect(bytes.readUInt32BE(0)).toBe(1_700_000_000 + 2_208_988_800);
  }
});

test("Daytime over TCP: one line", async () => {
  await using service = must(await serveText({ ...how, answer: daytimeAnswer }));
  expect((await listen(service.endpoint.port)).toString()).toBe("2023-11-14 22:13:20 UTC\r\n");
});

test("who does not know the time closes without a word", async () => {
  await using service = must(await serveText({ ...how, knows: () => false, udp: true }));
  expect((await listen(service.endpoint.port)).length).toBe(0);
  expect(await ask(service.endpoint.port, new Uint8Array(0), 100)).toBeUndefined();
});

test("over UDP when asked for, an empty datagram is answered, a denied source is not (row 85)", async () => {
  const tcpOnly = must(await serveText({ ...how, listen: { host: "127.0.0.1", port: 0 } }));
  expect(await ask(tcpOnly.endpoint.port, new Uint8Array(0), 100)).toBeUndefined();
  await tcpOnly[Symbol.asyncDispose]();
  const access = { allow: loopback, deny: [parsePrefix("127.0.0.66")!] };
  await using both = must(
    await serveText({ ...how, listen: { host: "127.0.0.1", port: 0 }, udp: true, access: () => access }),
  );
  expect((await ask(both.endpoint.port, new Uint8Array(0), 2000))?.length).toBe(4);
  expect(await ask(both.endpoint.port, new Uint8Array(0), 100, "127.0.0.66")).toBeUndefined();
});

test("a flood of connections that stay open is capped, and others are still served (row 84)", async () => {
  await using service = must(await serveText({ ...how, listen: { host: "127.0.0.1", port: 0 } }));
  const { port } = service.endpoint;
  const idle: Socket[] = [];
  const heard = { bytes: 0 };
  for (let i = 0; i < 60; i++) {
    const socket = connect({ port, host: "127.0.0.1", localAddress: "127.0.0.9", allowHalfOpen: true });
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => (heard.bytes += bytes.length));
    idle.push(socket);
  }
  await Bun.sleep(200);
  expect(heard.bytes).toBeLessThanOrEqual(16 * 4);
  expect((await listen(port)).length).toBe(4);
  for (const socket of idle) socket.destroy();
});

test("a port in use is a fault", async () => {
  await using first = must(await serveText({ ...how, listen: { host: "127.0.0.1", port: 0 } }));
  const second = await serveText({ ...how, listen: first.endpoint });
  expect(!second.ok && second.fault.code).toBe("exists");
});
