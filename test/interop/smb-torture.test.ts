/** Samba's own protocol tests, one process and one empty share each. What fails must be known, with its
 *  reason, and what is known to fail must fail. All with HOLDFAST_LONG=1; else one in eight. */
import { afterAll, beforeAll, expect } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trialServer, trialShare } from "../smb/trial-server.ts";
import { apt, needs } from "./peers.ts";
import { readKnownFailures, testsOf, torture } from "./smb-torture.ts";

const peer = apt("smbtorture", "samba-testsuite");
const all = process.env["HOLDFAST_LONG"] === "1";
const sideBySide = 4;

const running: { server?: Awaited<ReturnType<typeof trialServer>>; folder?: string } = {};

beforeAll(async () => {
  const shares = Array.from({ length: 600 }, (_, i) => ({ ...trialShare, name: `s${i}`, hidden: true }));
  running.server = await trialServer({ shares, settings: { requireSigning: false } });
  running.folder = await mkdtemp(join(tmpdir(), "holdfast-torture-"));
});
afterAll(async () => {
  await running.server?.[Symbol.asyncDispose]();
  if (running.folder) await rm(running.folder, { recursive: true, force: true });
});

needs(peer)(
  "smbtorture: what fails is known, what is known fails",
  async () => {
    const known = await readKnownFailures();
    const expected = new Set(Object.values(known.failures).flat());
    const names = (await testsOf(known.suites)).filter((_, i) => all || i % 8 === 0);
    expect(names.length).toBeGreaterThan(20);
    const surprises: string[] = [];
    const port = running.server!.endpoint.port;
    const queue = names.map((name, i) => ({ name, share: `s${i}` }));
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { name, share } = next;
        const seconds = known.seconds[name] ?? 20;
        const { verdict, said } = await torture(name, { port, share, folder: running.folder!, seconds });
        if (verdict === "failed" && !expected.has(name)) surprises.push(`${name} fails: ${said.slice(-400)}`);
        if (verdict === "passed" && expected.has(name))
          surprises.push(`${name} passes: take it off the list`);
      }
    };
    await Promise.all(Array.from({ length: sideBySide }, worker));
    expect(surprises).toEqual([]);
  },
  1_200_000,
);
