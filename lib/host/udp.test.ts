import { expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { on } from "node:events";
import { ipText } from "../base/ip.ts";
import { must } from "../base/result.ts";
import { silentLog } from "../watch/log.ts";
import { listenUdp } from "./udp.ts";

const log = silentLog;
const ask = async (port: number, host: string, text: string): Promise<string> => {
  const client = createSocket(host.includes(":") ? "udp6" : "udp4");
  client.send(text, port, host);
  for await (const [bytes] of on(client, "message") as AsyncIterable<[Buffer]>) {
    if (bytes.length === 1) continue; // a late answer to one that had this port before
    client.close();
    return bytes.toString();
  }
  return "";
};

test("an answer goes back to who asked; none where there is none", async () => {
  const listened = await listenUdp(
    { host: "127.0.0.1", port: 0 },
    (bytes, ip, port) => (bytes.length === 0 ? undefined : Buffer.from(`${ipText(ip)} ${port > 0}`)),
    { log },
  );
  await using listener = must(listened);
  const silent = createSocket("udp4");
  await new Promise<void>((yes) => silent.send("", listener.endpoint.port, "127.0.0.1", () => yes()));
  silent.close();
  expect(await ask(listener.endpoint.port, "127.0.0.1", "x")).toBe("127.0.0.1 true");
});

test("a storm of clients that are gone does not end it, nor does a bug in the answer", async () => {
  let thrown = 0;
  const answer = (bytes: Uint8Array): Uint8Array => {
    if (bytes[0] === 0) throw new Error(`bug ${++thrown}`);
    return bytes;
  };
  await using listener = must(await listenUdp({ host: "127.0.0.1", port: 0 }, answer, { log }));
  for (let i = 0; i < 200; i++) {
    const gone = createSocket("udp4");
    const what = Uint8Array.of(i % 2);
    await new Promise<void>((yes) => gone.send(what, listener.endpoint.port, "127.0.0.1", () => yes()));
    await new Promise<void>((yes) => gone.close(() => yes()));
  }
  expect(await ask(listener.endpoint.port, "127.0.0.1", "still here")).toBe("still here");
  expect(thrown).toBe(100);
});

test("a port in use is a fault, not a throw", async () => {
  await using first = must(await listenUdp({ host: "127.0.0.1", port: 0 }, () => undefined, { log }));
  const second = await listenUdp(first.endpoint, () => undefined, { log });
  expect(!second.ok && second.fault.code).toBe("exists");
});
