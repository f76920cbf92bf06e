/** SIGHUP: what changes takes hold, what is remembered stays, and what is wrong changes nothing. */
import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { createSocket } from "node:dgram";
import { join } from "node:path";
import { top } from "../sources.ts";
import { run } from "./peers.ts";
import { startUtcd, type Utcd } from "./utcd.ts";

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

interface Source {
  readonly name: string;
  readonly answered: number;
  readonly state: string;
}

/** The sources, once they are as wanted; or as they are after ten seconds. */
async function sourcesWhen(utcd: Utcd, wanted: (sources: Source[]) => boolean): Promise<Source[]> {
  const main = join(top, "cmd/holdfast/main.ts");
  const ask = [process.execPath, "--no-env-file", main, "time", "sources", "--json", "--data", utcd.data];
  for (let i = 0; ; i++) {
    const sources = JSON.parse((await run(ask, { seconds: 20 })).out || "[]") as Source[];
    if (wanted(sources) || i === 30) return sources;
    await Bun.sleep(300);
  }
}

test("sources come and go at SIGHUP; those that stay keep what they know", async () => {
  const clock = (...servers: string[]) =>
    `clock:\n  mode: observe\n  minPoll: 0\n  maxPoll: 0\n  servers: ${JSON.stringify(servers)}\n`;
  await using server = await startUtcd({ flags: ["--ntp-rate-interval", "0s"] });
  const port = server.ports["ntp"]!;
  await using utcd = await startUtcd({ beforeStart: (data) => writeFile(join(data, "utcd.yaml"), clock()) });
  const reload = async (...servers: string[]): Promise<void> => {
    await writeFile(join(utcd.data, "utcd.yaml"), clock(...servers));
    process.kill(utcd.pid, "SIGHUP");
  };
  expect(await sourcesWhen(utcd, () => true)).toEqual([]);

  await reload(`127.0.0.1 port ${port}`);
  const [first] = await sourcesWhen(utcd, ([one]) => one?.state === "selected");
  expect(first).toMatchObject({ name: "127.0.0.1", state: "selected" });

  await reload(`127.0.0.1 port ${port}`, "nonsense nonsense");
  await Bun.sleep(500);
  expect(utcd.said()).toContain("a part of the reload is not taken");
  expect(await sourcesWhen(utcd, () => true)).toHaveLength(1);

  await reload(`127.0.0.1 port ${port}`, `127.0.0.2 port ${port}`);
  const both = await sourcesWhen(utcd, (all) => all[1] !== undefined && all[1].answered > 0);
  expect(both.map(({ name }) => name)).toEqual(["127.0.0.1", "127.0.0.2"]);
  expect(both[0]!.answered).toBeGreaterThanOrEqual(first!.answered);
  expect(both[0]!.state).toBe("selected");

  await reload();
  expect(await sourcesWhen(utcd, (all) => all.length === 0)).toEqual([]);
});
