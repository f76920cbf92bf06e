/** SIGHUP: what changes takes hold, what is remembered stays, and what is wrong changes nothing. */
import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { createSocket } from "node:dgram";
import { join } from "node:path";
import { startUtcd } from "./utcd.ts";

/** Whether a request is answered within half a second. */
function isAnswered(port: number): Promise<boolean> {
  const client = createSocket("udp4");
  const request = new Uint8Array(48).fill(5);
  request[0] = 0x23;
  return new Promise((resolve) => {
    const end = (answered: boolean): void => {
      clearTimeout(patience);
      client.close();
      resolve(answered);
    };
    const patience = setTimeout(() => end(false), 500);
    client.once("message", () => end(true));
    client.send(request, port, "127.0.0.1");
  });
}

async function eventually(port: number, wanted: boolean): Promise<boolean> {
  for (let i = 0; i < 10; i++) {
    if ((await isAnswered(port)) === wanted) return true;
    await Bun.sleep(100);
  }
  return false;
}

test("an access list changes at SIGHUP; a wrong one does not", async () => {
  await using utcd = await startUtcd({
    beforeStart: (data) => writeFile(join(data, "utcd.yaml"), "ntp: {}\n"),
  });
  const port = utcd.ports["ntp"]!;
  expect(await isAnswered(port)).toBe(true);
  await writeFile(join(utcd.data, "utcd.yaml"), "ntp:\n  deny: [127.0.0.0/33]\n");
  process.kill(utcd.pid, "SIGHUP");
  await Bun.sleep(500);
  expect(utcd.said()).toContain("expected a network");
  expect(await isAnswered(port)).toBe(true);
  await writeFile(join(utcd.data, "utcd.yaml"), "ntp:\n  deny: [127.0.0.0/8]\n");
  process.kill(utcd.pid, "SIGHUP");
  expect(await eventually(port, false)).toBe(true);
  await writeFile(join(utcd.data, "utcd.yaml"), "ntp: {}\n");
  process.kill(utcd.pid, "SIGHUP");
  expect(await eventually(port, true)).toBe(true);
});
