/** Three servers that lie together, against one Roughtime server that signs the truth. */
import { expect } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { top } from "../sources.ts";
import { freePort } from "./chronyd.ts";
import { apt, needs, run } from "./peers.ts";
import { startUtcd, type Utcd } from "./utcd.ts";

const observing = ["--clock-mode", "observe", "--clock-min-poll", "0", "--clock-max-poll", "1"];

interface Source {
  readonly name: string;
  readonly state: string;
}

async function sourcesWhen(utcd: Utcd, wanted: (sources: Source[]) => boolean): Promise<Source[]> {
  const main = join(top, "cmd/holdfast/main.ts");
  const ask = [process.execPath, "--no-env-file", main, "time", "sources", "--json", "--data", utcd.data];
  for (let i = 0; ; i++) {
    const sources = JSON.parse((await run(ask, { seconds: 20 })).out || "[]") as Source[];
    if (wanted(sources) || i === 30) return sources;
    await Bun.sleep(300);
  }
}

/** A server that lies by an hour: faketime is not wanted, a packet is enough. */
async function liar(): Promise<{ port: number; close: () => void }> {
  const port = await freePort();
  const socket = await Bun.udpSocket({
    hostname: "127.0.0.1",
    port,
    socket: {
      data(self, request, from, address) {
        const reply = Buffer.alloc(48);
        reply.set([0x24, 1, 0, 0xe8]);
        reply.write("GPS\0", 12, "latin1");
        request.copy(reply, 24, 40, 48);
        const now = (Date.now() + 3_600_000) / 1000 + 2_208_988_800;
        for (const at of [16, 32, 40]) {
          reply.writeUInt32BE(Math.floor(now) >>> 0, at);
          reply.writeUInt32BE(Math.floor((now % 1) * 2 ** 32) + (at >> 4), at + 4);
        }
        self.send(reply, from, address);
      },
    },
  });
  return { port, close: () => socket.close() };
}

needs(apt("ip", "iproute2"))("liars who agree are stopped at the fence that a signature draws", async () => {
  await using honest = await startUtcd();
  const key = /"publicKey":"([^"]+)"/.exec(honest.said())![1]!;
  const liars = await Promise.all([liar(), liar(), liar()]);
  try {
    const servers = liars.map(({ port }, i) => `127.0.0.${i + 1} port ${port}`);
    const fence = [`127.0.0.1:${honest.ports["roughtime"]},${key}`];
    const clock = { mode: "observe", minPoll: 0, maxPoll: 1, fence, servers };
    const beforeStart = (data: string): Promise<void> =>
      writeFile(join(data, "utcd.json"), JSON.stringify({ clock }));
    await using fenced = await startUtcd({ beforeStart });
    const stopped = await sourcesWhen(fenced, ([one]) => one?.state === "fenced");
    expect(stopped[0]?.state).toBe("fenced");
    expect(fenced.said()).toContain("the sources contradict the witnesses");
    await using open = await startUtcd({ flags: [...observing, "--clock-servers", servers.join(",")] });
    const led = await sourcesWhen(open, (all) => all.some(({ state }) => state === "selected"));
    expect(led.map(({ state }) => state)).toContain("selected");
  } finally {
    for (const one of liars) one.close();
  }
});
