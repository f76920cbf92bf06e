import { test } from "bun:test";

/** Programs a real-client test runs, and how to get each. */
export interface Peer {
  readonly program: string;
  readonly install: string;
}

export const apt = (program: string, pkg: string = program): Peer => ({
  program,
  install: `apt-get install ${pkg}`,
});

/** `test`, where every peer is on the PATH. A missing one is a failure in CI, and elsewhere a skip that says
 *  how to install it. */
export function needs(...peers: readonly Peer[]): typeof test | typeof test.skip {
  const missing = peers.filter((peer) => Bun.which(peer.program) === null);
  if (missing.length === 0) return test;
  const how = missing.map((peer) => `${peer.program} (${peer.install})`).join(", ");
  if (process.env["CI"] === "true") {
    return ((name: string) =>
      test(name, () => {
        throw new Error(`a peer is missing: ${how}`);
      })) as unknown as typeof test;
  }
  console.warn(`skipped: needs ${how}`);
  return test.skip;
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a client to its end, at most `seconds`. */
export async function run(
  command: readonly string[],
  how: { env?: Record<string, string>; input?: string; cwd?: string; seconds?: number } = {},
): Promise<Ran> {
  const child = Bun.spawn([...command], {
    stdin: how.input === undefined ? "ignore" : new Blob([how.input]),
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, ...how.env },
    ...(how.cwd === undefined ? {} : { cwd: how.cwd }),
    timeout: (how.seconds ?? 60) * 1000,
    killSignal: "SIGKILL",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}
