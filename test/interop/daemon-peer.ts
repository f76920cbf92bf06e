import { createServer, type AddressInfo } from "node:net";

export interface Started {
  readonly port: number;
  end(): Promise<void>;
}

/** A port that was free a moment ago: for peers that cannot be asked which one they took. */
export function freePort(): number {
  const probe = createServer().listen(0, "127.0.0.1");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

/** Starts a server and waits, at most 30 s, until its port takes connections. */
export async function startPeer(
  command: readonly string[],
  port: number,
  env: Record<string, string> = {},
): Promise<Started> {
  const child = Bun.spawn([...command], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    env: { ...process.env, ...env },
  });
  for (const until = performance.now() + 30_000; !(await answers(port)); await Bun.sleep(50)) {
    if (child.exitCode === null && performance.now() < until) continue;
    child.kill("SIGKILL");
    throw new Error(`${command[0]} did not start`);
  }
  return {
    port,
    async end() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await child.exited;
      clearTimeout(late);
    },
  };
}

async function answers(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}

/** Repeats `check` until it does not throw, for at most 20 s. */
export async function patiently(check: () => void | Promise<void>): Promise<void> {
  for (const until = performance.now() + 20_000; ; await Bun.sleep(50)) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
  }
}
