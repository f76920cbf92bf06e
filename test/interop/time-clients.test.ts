/** Real clients take our time: each the way its users run it, none of them allowed to set this machine's
 *  clock. */
import { afterAll, beforeAll, expect } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apt, needs } from "./peers.ts";
import { startUtcd, type Utcd } from "./utcd.ts";

const chronyd = apt("chronyd", "chrony");
const ip = apt("ip", "iproute2");
const python: string = "/usr/bin/python3";

const running: { utcd?: Utcd } = {};
const utcd = (): Utcd => running.utcd!;

beforeAll(async () => {
  running.utcd = await startUtcd({ ownNetwork: true });
});
afterAll(() => running.utcd?.[Symbol.asyncDispose]());

/** Whatever happens, the client may not set the clock. */
const powerless = ["setpriv", "--bounding-set", "-sys_time"];
const near = /-?0?\.0\d/;

for (const host of ["127.0.0.1", "::1"]) {
  needs(chronyd, ip)(`chronyd takes the time over ${host}`, async () => {
    const config = join(utcd().data, "chrony.conf");
    await writeFile(config, `server ${host} iburst\ncmdport 0\npidfile ${config}.pid\n`);
    const ran = await utcd().run(["chronyd", "-Q", "-t", "15", "-u", "root", "-f", config]);
    expect(ran.out + ran.err).toMatch(/System clock wrong by -?0\.00\d+ seconds/);
    expect(ran.code).toBe(0);
  });
}

needs(apt(python, "python3-ntplib"), ip)("ntplib, in versions 1 to 4", async () => {
  const script = [
    "import ntplib",
    "for v in (1, 2, 3, 4):",
    "    r = ntplib.NTPClient().request('127.0.0.1', version=v, timeout=5)",
    "    ours = ntplib.ref_id_to_text(r.ref_id, 2)",
    "    print(r.version, r.mode, r.stratum, abs(r.offset) < 0.5, ours)",
  ];
  const ran = await utcd().run([python, "-c", script.join("\n")]);
  const lines = [1, 2, 3, 4].map((version) => `${version} 4 10 True 127.127.1.1`);
  expect(ran.out.trim().split("\n")).toEqual(lines);
});

needs(apt("ntpdig", "ntpsec-ntpdig"), ip)("ntpdig", async () => {
  const ran = await utcd().run([...powerless, "ntpdig", "-j", "127.0.0.1"]);
  const said = JSON.parse(ran.out) as { stratum: number; offset: number; leap: string };
  expect(said).toMatchObject({ stratum: 10, leap: "no-leap" });
  expect(Math.abs(said.offset)).toBeLessThan(0.05);
});

needs(apt("ntpdate", "ntpsec-ntpdate"), ip)("ntpdate", async () => {
  const ran = await utcd().run([...powerless, "ntpdate", "-q", "127.0.0.1"]);
  expect(ran.out + ran.err).toMatch(near);
  expect(ran.code).toBe(0);
});

needs(apt("rdate"), ip)("rdate over TIME, and as an SNTP client", async () => {
  for (const flags of ["-p", "-pn"]) {
    const before = Date.now();
    const ran = await utcd().run([...powerless, "rdate", flags, "127.0.0.1"], { env: { TZ: "UTC" } });
    expect(ran.code).toBe(0);
    expect(Math.abs(Date.parse(`${ran.out.trim()} UTC`.replace(/UTC UTC$/, "UTC")) - before)).toBeLessThan(
      3000,
    );
  }
});

needs(apt("busybox"), ip)("busybox rdate", async () => {
  const before = Date.now();
  const ran = await utcd().run([...powerless, "busybox", "rdate", "-p", "127.0.0.1"], { env: { TZ: "UTC" } });
  expect(ran.code).toBe(0);
  expect(Math.abs(Date.parse(`${ran.out.trim()} UTC`) - before)).toBeLessThan(3000);
});

needs(apt("tshark"), ip)("tshark dissects what we send without a complaint", async () => {
  const file = join(utcd().data, "wire.pcap");
  const state = { capturing: true };
  const limits = ["-c", "4", "-a", "duration:20"];
  const capture = utcd()
    .run(["tshark", "-i", "lo", "-w", file, ...limits, "-f", "udp port 123"])
    .finally(() => (state.capturing = false));
  const ask = "import ntplib; ntplib.NTPClient().request('127.0.0.1', version=4)";
  while (state.capturing) await utcd().run([python, "-c", ask]);
  await capture;
  const read = await utcd().run(["tshark", "-r", file, "-V", "-Y", "ntp.flags.mode == 4"]);
  expect(read.out).toContain("Peer Clock Stratum: secondary reference (10)");
  expect(read.out).not.toMatch(/malformed|expert info/i);
});
