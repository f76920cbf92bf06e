/** Reference clocks, against simulators of the devices: gpsd, NMEA on a pipe, a shared segment, a command. */
import { dlopen, toArrayBuffer, type Pointer } from "bun:ffi";
import { expect, test } from "bun:test";
import { open, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { shmBytes, shmKey } from "../../lib/proto/refclock/shm.ts";
import { top } from "../sources.ts";
import { run } from "./peers.ts";
import { startUtcd, type Utcd } from "./utcd.ts";

interface Source {
  readonly name: string;
  readonly state: string;
  readonly offset: number;
  readonly distance: number;
}

/** The only source, once it has been selected; what it was after 15 s otherwise. */
async function settled(utcd: Utcd): Promise<Source> {
  const main = join(top, "cmd/holdfast/main.ts");
  const command = [process.execPath, "--no-env-file", main, "time", "sources", "--json", "--data", utcd.data];
  for (let i = 0; ; i++) {
    const [source] = JSON.parse((await run(command, { seconds: 20 })).out || "[]") as Source[];
    if (source?.state === "selected" || i === 30) return source!;
    await Bun.sleep(400);
  }
}

const observing = ["--clock-mode", "observe"];
const clock = (text: string): string[] => [...observing, "--clock-refclocks", text];
/** What each simulated device says the system's clock is behind by. */
const ahead = 0.25;

test("gpsd: pulses, and serial messages while there are none", async () => {
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on("data", (bytes) => bytes.toString().includes("?WATCH") && clients.add(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((yes) => server.listen(0, "127.0.0.1", yes));
  const { port } = server.address() as { port: number };
  const timer = setInterval(() => {
    const now = Date.now();
    const at = (ms: number, name: string): string =>
      `"${name}_sec":${Math.floor(ms / 1000)},"${name}_nsec":${(ms % 1000) * 1e6}`;
    const clocks = `${at(now + ahead * 1000, "real")},${at(now, "clock")}`;
    for (const socket of clients) {
      socket.write(`{"class":"TOFF",${clocks.replace(/"real_sec":(\d+)/, '"real_sec":1$1')}}\r\n`);
      socket.write(`{"class":"PPS",${clocks},"precision":-10}\r\n`);
    }
  }, 200);
  await using utcd = await startUtcd({ flags: clock(`gpsd 127.0.0.1:${port} refid GPS`) });
  const source = await settled(utcd);
  expect(source.state).toBe("selected");
  expect(Math.abs(source.offset - ahead)).toBeLessThan(0.01);
  clearInterval(timer);
  for (const socket of clients) socket.destroy();
  server.close();
});

test("NMEA from a device, here a pipe", async () => {
  const state: { pipe?: string; stop?: boolean } = {};
  await using utcd = await startUtcd({
    beforeStart: async (data) => {
      state.pipe = join(data, "tty");
      await run(["mkfifo", state.pipe]);
      const text = `clock:\n  mode: observe\n  refclocks: ["nmea ${state.pipe} uncertainty 0.2"]\n`;
      await writeFile(join(data, "utcd.yaml"), text);
    },
  });
  const writing = (async () => {
    const pipe = await open(state.pipe!, "w");
    while (!state.stop) {
      const [day, time] = new Date(Date.now() + ahead * 1000).toISOString().split("T") as [string, string];
      const date = day.slice(8, 10) + day.slice(5, 7) + day.slice(2, 4);
      const body = `GPRMC,${time.slice(0, 12).replaceAll(":", "")},A,4807.0,N,01131.0,E,0,0,${date},,`;
      const sum = [...Buffer.from(body)].reduce((x, byte) => x ^ byte, 0);
      await pipe.write(`$${body}*${sum.toString(16).padStart(2, "0")}\r\n`);
      await Bun.sleep(200);
    }
    await pipe.close();
  })();
  const source = await settled(utcd);
  expect(source.state).toBe("selected");
  expect(Math.abs(source.offset - ahead)).toBeLessThan(0.1);
  state.stop = true;
  await writing;
});

test("a command's lines of JSON", async () => {
  const state = { script: "" };
  await using utcd = await startUtcd({
    beforeStart: async (data) => {
      state.script = join(data, "clock.sh");
      const loop = `while true; do echo '{"offset": ${ahead}, "error": 0.0005}'; sleep 0.2; done\n`;
      await writeFile(state.script, `#!/bin/sh\n${loop}`, { mode: 0o755 });
      const text = `clock:\n  mode: observe\n  refclocks: ["exec sh ${state.script}"]\n`;
      await writeFile(join(data, "utcd.yaml"), text);
    },
  });
  const source = await settled(utcd);
  expect(source.state).toBe("selected");
  expect(Math.abs(source.offset - ahead)).toBeLessThan(0.005);
});

test.if(process.platform === "linux")("a shared segment, as ntpd's SHM driver and gpsd use it", async () => {
  const c = dlopen("libc.so.6", {
    shmget: { args: ["i32", "usize", "i32"], returns: "i32" },
    shmat: { args: ["i32", "ptr", "i32"], returns: "ptr" },
    shmctl: { args: ["i32", "i32", "ptr"], returns: "i32" },
  }).symbols;
  const unit = 1000 + (process.pid % 10_000);
  const id = c.shmget(shmKey(unit), shmBytes, 0o1600); // IPC_CREAT, for us alone
  const view = new DataView(toArrayBuffer(c.shmat(id, null, 0) as Pointer, 0, shmBytes));
  const timer = setInterval(() => {
    const now = Date.now();
    const put = (ms: number, seconds: number, micros: number, nanos: number): void => {
      view.setBigInt64(seconds, BigInt(Math.floor(ms / 1000)), true);
      view.setInt32(micros, (ms % 1000) * 1000, true);
      view.setUint32(nanos, (ms % 1000) * 1e6, true);
    };
    view.setInt32(0, 1, true);
    view.setInt32(4, view.getInt32(4, true) + 1, true);
    put(now + ahead * 1000, 8, 16, 52);
    put(now, 24, 32, 56);
    view.setInt32(40, -10, true);
    view.setInt32(48, 1, true);
  }, 200);
  try {
    await using utcd = await startUtcd({ flags: clock(`shm ${unit}`) });
    const source = await settled(utcd);
    expect(source.state).toBe("selected");
    expect(Math.abs(source.offset - ahead)).toBeLessThan(0.01);
  } finally {
    clearInterval(timer);
    c.shmctl(id, 0, null); // IPC_RMID
  }
});
