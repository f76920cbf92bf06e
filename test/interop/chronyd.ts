import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./peers.ts";
import type { Utcd } from "./utcd.ts";

export interface Chronyd extends AsyncDisposable {
  ask(...command: readonly string[]): Promise<string>;
}

/** A chronyd of its own that polls four times a second and never sets the clock. */
export async function startChronyd(folder: string, lines: readonly string[]): Promise<Chronyd> {
  const own = join(folder, `chrony-${crypto.randomUUID().slice(0, 8)}`);
  await mkdir(own, { recursive: true });
  await chmod(own, 0o750);
  const socket = join(own, "c.sock");
  const common = ["port 0", "cmdport 0", `bindcmdaddress ${socket}`, `pidfile ${join(own, "pid")}`];
  await writeFile(join(own, "chrony.conf"), [...lines, ...common, ""].join("\n"));
  const child = Bun.spawn(["chronyd", "-x", "-d", "-u", "root", "-f", join(own, "chrony.conf")], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    timeout: 60_000,
  });
  return {
    ask: async (...command) => (await run(["chronyc", "-h", socket, "-n", ...command], { seconds: 10 })).out,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

/** Asks until the answer matches, at most ten seconds. */
export async function until(chronyd: Chronyd, command: string, wanted: RegExp): Promise<string> {
  let said = "";
  for (let i = 0; i < 50 && !wanted.test(said); i++) {
    await Bun.sleep(200);
    said = await chronyd.ask(command);
  }
  return said;
}

/** chrony.conf's line for a daemon of ours. */
export const server = (utcd: Utcd, more: string): string =>
  `server 127.0.0.1 port ${utcd.ports["ntp"]} iburst minpoll -2 maxpoll -2 ${more}`;

/** A port that nobody had a moment ago, for peers that cannot choose their own. */
export async function freePort(): Promise<number> {
  const socket = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
  const { port } = socket;
  socket.close();
  return port;
}
