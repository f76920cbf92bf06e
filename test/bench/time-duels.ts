import { mkdtemp, rm, writeFile, chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../interop/chronyd.ts";
import { startUtcd } from "../interop/utcd.ts";
import type { Contender, Duel, Running } from "./duel.ts";
import { ntpLoad } from "./ntp-load.ts";

const seconds = 4;

/** Both answer on one processor; the load comes from the other. Neither limits rates. */
export function timeDuels(): Duel[] {
  return [
    {
      title: "NTP requests, 48 bytes, 512 under way",
      unit: "answers/s",
      rounds: 3,
      contenders: [ours, chronyd("chronyd"), chronyd("chronyd noclientlog", ["noclientlog"])],
    },
  ];
}

const request = Buffer.alloc(48);
request[0] = 0x23;
request.fill(7, 40);

async function ask(port: number): ReturnType<Running["run"]> {
  const window = 512;
  const tally = await ntpLoad({ port, seconds, window, request: request.toString("base64") });
  return { units: tally.answers, seconds: tally.seconds };
}

const ours: Contender = {
  name: "holdfast-utcd",
  promise: "one thread, access list and counters",
  async start() {
    const utcd = await startUtcd({ flags: ["--ntp-rate-interval", "0s"], under: ["taskset", "-c", "0"] });
    return {
      pids: [utcd.pid],
      run: () => ask(utcd.ports["ntp"]!),
      [Symbol.asyncDispose]: () => utcd[Symbol.asyncDispose](),
    };
  },
};

const chronyd = (name: string, more: readonly string[] = []): Contender => ({
  name,
  async start() {
    const folder = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
    await chmod(folder, 0o750);
    const port = await freePort();
    const own = [`bindcmdaddress ${folder}/c.sock`, `pidfile ${folder}/pid`, "cmdport 0"];
    const lines = [`port ${port}`, "local stratum 1", "allow 127.0.0.0/8", ...own, ...more, ""];
    await writeFile(join(folder, "chrony.conf"), lines.join("\n"));
    const command = ["taskset", "-c", "0", "chronyd", "-x", "-d", "-u", "root", "-f"];
    const child = Bun.spawn([...command, join(folder, "chrony.conf")], {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
      timeout: 60_000,
    });
    await Bun.sleep(800);
    return {
      pids: [child.pid],
      run: () => ask(port),
      async [Symbol.asyncDispose]() {
        child.kill("SIGTERM");
        await child.exited;
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
});
