/** Our own client asks chronyd for the time: plain, with a key, and with NTS. It observes, and sets no
 *  clock. */
import { afterAll, beforeAll, expect } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { houseCertificate } from "../../lib/host/house-ca.ts";
import { top } from "../sources.ts";
import { freePort } from "./chronyd.ts";
import { apt, needs, run } from "./peers.ts";
import { startUtcd, type Utcd } from "./utcd.ts";

const chronyd = apt("chronyd", "chrony");
const peer: { child?: Bun.Subprocess; folder?: string; port?: number; ntsPort?: number } = {};

beforeAll(async () => {
  if (!Bun.which("chronyd")) return;
  const folder = (peer.folder = await mkdtemp(join(tmpdir(), "holdfast-chrony-")));
  peer.port = await freePort();
  peer.ntsPort = await freePort();
  await mkdir(join(folder, "run"));
  await chmod(join(folder, "run"), 0o750);
  const { key, cert, ca } = await houseCertificate(folder, ["127.0.0.3"]);
  await writeFile(join(folder, "key.pem"), key, { mode: 0o600 });
  await writeFile(join(folder, "cert.pem"), cert);
  await writeFile(join(folder, "ca.pem"), ca);
  await writeFile(join(folder, "keys"), "4 SHA256 HEX:101112131415161718191a1b1c1d1e1f\n", { mode: 0o600 });
  const lines = [
    `port ${peer.port}`,
    "local stratum 3",
    "allow 127.0.0.0/8",
    `keyfile ${join(folder, "keys")}`,
    `ntsserverkey ${join(folder, "key.pem")}`,
    `ntsservercert ${join(folder, "cert.pem")}`,
    `ntsport ${peer.ntsPort}`,
    "cmdport 0",
    `bindcmdaddress ${join(folder, "run/c.sock")}`,
    `pidfile ${join(folder, "run/pid")}`,
  ];
  await writeFile(join(folder, "chrony.conf"), `${lines.join("\n")}\n`);
  peer.child = Bun.spawn(["chronyd", "-x", "-d", "-u", "root", "-f", join(folder, "chrony.conf")], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    timeout: 120_000,
  });
});
afterAll(async () => {
  peer.child?.kill("SIGTERM");
  await peer.child?.exited;
  if (peer.folder) await rm(peer.folder, { recursive: true, force: true });
});

interface Source {
  readonly state: string;
  readonly why: string;
  readonly stratum: number;
  readonly authentication: string;
  readonly answered: number;
  readonly offset: number;
  readonly interleaved: boolean;
}

async function holdfast<T>(utcd: Utcd, ...words: string[]): Promise<T> {
  const main = join(top, "cmd/holdfast/main.ts");
  const command = [process.execPath, "--no-env-file", main, "time", ...words, "--json", "--data", utcd.data];
  const ran = await run(command, { seconds: 20 });
  return JSON.parse(ran.out || "null") as T;
}

const observing = ["--clock-mode", "observe", "--clock-min-poll", "0", "--clock-max-poll", "1"];

/** Starts a daemon that asks these servers, and waits until one of them is selected, at most 20 s. */
async function follow(servers: string, more: string[] = []): Promise<{ utcd: Utcd; sources: Source[] }> {
  const utcd = await startUtcd({ flags: [...observing, "--clock-servers", servers, ...more] });
  for (let i = 0; i < 40; i++) {
    const sources = await holdfast<Source[]>(utcd, "sources");
    if (sources?.some(({ state }) => state === "selected") || i === 39) return { utcd, sources };
    await Bun.sleep(500);
  }
  throw new Error("unreachable");
}

needs(chronyd)("plain: selected, near, and served on at the next stratum", async () => {
  const { utcd, sources } = await follow(`127.0.0.1 port ${peer.port}`);
  await using _ = utcd;
  expect(sources[0]).toMatchObject({ state: "selected", stratum: 3, authentication: "none" });
  expect(Math.abs(sources[0]!.offset)).toBeLessThan(0.001);
  await Bun.sleep(1200);
  const tracking = await holdfast<{ synchronised: boolean; stratum: number; bound: number }>(
    utcd,
    "tracking",
  );
  expect(tracking).toMatchObject({ mode: "observe", synchronised: true, stratum: 4, source: "127.0.0.1" });
  expect(tracking.bound).toBeLessThan(0.05);
});

needs(chronyd)("with a key; a key that the server lacks is not answered, and said so", async () => {
  const keys = join(peer.folder!, "ours");
  await writeFile(keys, "4 SHA256 HEX:101112131415161718191a1b1c1d1e1f\n9 MD5 nosuchkey\n", { mode: 0o600 });
  const servers = `127.0.0.1 port ${peer.port} key 4,127.0.0.2 port ${peer.port} key 9`;
  const { utcd, sources } = await follow(servers, ["--ntp-key-file", keys]);
  await using _ = utcd;
  expect(sources[0]).toMatchObject({ state: "selected", authentication: "symmetric key 4" });
  expect(sources[1]).toMatchObject({ answered: 0 });
});

needs(chronyd)("with NTS, under a private authority", async () => {
  const ca = join(peer.folder!, "ca.pem");
  const servers = `127.0.0.3 port ${peer.port} nts ntsport ${peer.ntsPort}`;
  const { utcd, sources } = await follow(servers, ["--clock-nts-ca", ca]);
  await using _ = utcd;
  expect(sources[0]).toMatchObject({ state: "selected", stratum: 3 });
  expect(sources[0]!.authentication).toMatch(/^NTS, [78] cookies$/); // one may be under way
});

needs(chronyd)("with NTS, but an authority that did not sign the server's certificate: never", async () => {
  const servers = `127.0.0.3 port ${peer.port} nts ntsport ${peer.ntsPort}`;
  await using utcd = await startUtcd({ flags: [...observing, "--clock-servers", servers] });
  await Bun.sleep(2500);
  const [source] = await holdfast<Source[]>(utcd, "sources");
  expect(source).toMatchObject({ state: "waiting", answered: 0, authentication: "NTS, no keys yet" });
  expect(utcd.said()).toMatch(/certificate is not accepted|certificate/);
});

needs(chronyd)("interleaved: chronyd's true transmit stamps, and near all the same", async () => {
  const { utcd, sources } = await follow(`127.0.0.1 port ${peer.port} xleave`);
  await using _ = utcd;
  expect(sources[0]).toMatchObject({ state: "selected", interleaved: true });
  expect(Math.abs(sources[0]!.offset)).toBeLessThan(0.001);
});
