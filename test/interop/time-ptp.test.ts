/** PTP with linuxptp over a virtual cable: once we are the master, once the slave. Each end in a network of
 *  its
 *  own; nobody sets a clock. */
import { afterAll, beforeAll, expect } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { top } from "../sources.ts";
import { apt, needs, run } from "./peers.ts";
import { startUtcd, type Utcd } from "./utcd.ts";

const peers = [apt("ptp4l", "linuxptp"), apt("ip", "iproute2"), apt("unshare", "util-linux")];
const cable: { far?: Bun.Subprocess; folder?: string } = {};

/** A process that only holds a network of its own. */
function holdNetwork(): Bun.Subprocess {
  const wait = "ip link set lo up && exec sleep 120";
  return Bun.spawn(["unshare", "-n", "sh", "-c", wait], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
}

beforeAll(async () => {
  if (!Bun.which("ptp4l")) return;
  cable.folder = await mkdtemp(join(tmpdir(), "holdfast-ptp-"));
  cable.far = holdNetwork();
  await Bun.sleep(200);
});
afterAll(async () => {
  cable.far?.kill("SIGKILL");
  if (cable.folder) await rm(cable.folder, { recursive: true, force: true });
});

/** Joins the daemon's network and the far one: hf0 here, hf1 there. */
const cabling = [
  "ip link set lo up",
  'ip link add hf0 type veth peer name hf1 netns "$0"',
  "ip addr add 10.99.0.1/24 dev hf0",
  "ip link set hf0 up",
  'nsenter -t "$0" -n sh -c "ip addr add 10.99.0.2/24 dev hf1; ip link set hf1 up"',
  'exec "$@"',
];
const joined = ["unshare", "-n", "sh", "-c", cabling.join(" && ")];

async function start(role: "master" | "slave", ...more: string[]): Promise<Utcd> {
  const flags = ["--clock-mode", "observe", "--ptp-role", role, "--ptp-device", "hf0", ...more];
  const under = [...joined, String(cable.far!.pid)];
  return await startUtcd({ under, flags });
}

interface Ptp4l {
  readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly said: () => string;
}

function ptp4l(...more: string[]): Ptp4l {
  const reach = ["nsenter", "-t", String(cable.far!.pid), "-n"];
  const own = join(cable.folder!, `ptp4l-${crypto.randomUUID().slice(0, 8)}`);
  const flags = ["-i", "hf1", "-S", "-4", "-E", "-m", "--free_running", "1", "--uds_address", own];
  const child = Bun.spawn([...reach, "ptp4l", ...flags, ...more], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 60_000,
  });
  let said = "";
  void (async () => {
    for await (const chunk of child.stdout) said += Buffer.from(chunk).toString("utf8");
  })();
  return { child, said: () => said };
}

needs(...peers)("ptp4l follows us to within its stamps", async () => {
  await using utcd = await start("master", "--ptp-priority1", "10", "--ntp-local-stratum", "1");
  const slave = ptp4l("--slaveOnly", "1");
  try {
    const offsets = (): number[] =>
      [...slave.said().matchAll(/master offset\s+(-?\d+) s\d.*path delay\s+(\d+)/g)].map(([, ns]) =>
        Number(ns),
      );
    for (let i = 0; i < 100 && offsets().length < 5; i++) await Bun.sleep(200);
    const seen = offsets().slice(1).map(Math.abs);
    expect([slave.said(), seen.length > 2]).toEqual([expect.stringContaining("UNCALIBRATED"), true]);
    // Both read the same clock: what is left is the stamps' noise.
    expect(seen.toSorted((a, b) => a - b)[seen.length >> 1]!).toBeLessThan(50_000);
    expect(utcd.ports["ptp"]).toBe(319);
  } finally {
    slave.child.kill("SIGTERM");
    await slave.child.exited;
  }
});

interface Source {
  readonly name: string;
  readonly state: string;
  readonly offset: number;
  readonly delay: number;
  readonly why: string;
}

async function sourcesWhen(utcd: Utcd, wanted: (source: Source) => boolean): Promise<Source> {
  const main = join(top, "cmd/holdfast/main.ts");
  const ask = [process.execPath, "--no-env-file", main, "time", "sources", "--json", "--data", utcd.data];
  for (let i = 0; ; i++) {
    const [source] = JSON.parse((await run(ask, { seconds: 20 })).out || "[]") as Source[];
    if (source && (wanted(source) || i === 40)) return source;
    await Bun.sleep(400);
  }
}

needs(...peers)("we follow ptp4l", async () => {
  const config = join(cable.folder!, "master.cfg");
  await writeFile(config, "[global]\nclockClass 6\npriority1 50\nlogAnnounceInterval 0\n");
  await using utcd = await start("slave", "--ptp-alone");
  const master = ptp4l("-f", config);
  try {
    const source = await sourcesWhen(utcd, ({ state }) => state === "selected");
    expect(source).toMatchObject({ name: "ptp hf0", state: "selected", authentication: "none (PTP)" });
    expect(Math.abs(source.offset)).toBeLessThan(100e-6);
    expect(source.delay).toBeLessThan(1e-3);
  } finally {
    master.child.kill("SIGTERM");
    await master.child.exited;
  }
});
