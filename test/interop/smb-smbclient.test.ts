/** Samba's own client, the way people use it, against files in memory. */
import { afterAll, beforeAll, expect } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededEntropy } from "../../lib/base/entropy.ts";
import { trialPassword, trialServer } from "../smb/trial-server.ts";
import { apt, needs, run, type Ran } from "./peers.ts";

const peer = apt("smbclient");
const running: { server?: Awaited<ReturnType<typeof trialServer>>; folder?: string } = {};

beforeAll(async () => {
  running.server = await trialServer();
  running.folder = await mkdtemp(join(tmpdir(), "holdfast-smb-"));
  await writeFile(join(running.folder, "client.conf"), "[global]\nclient min protocol = SMB2_02\n");
  await writeFile(join(running.folder, "data"), seededEntropy(3)(3_000_000));
});
afterAll(async () => {
  await running.server?.[Symbol.asyncDispose]();
  if (running.folder) await rm(running.folder, { recursive: true });
});

function smbclient(share: string, script: string, ...flags: string[]): Promise<Ran> {
  const folder = running.folder!;
  const port = String(running.server!.endpoint.port);
  const who = ["-U", `alice%${trialPassword}`];
  const base = ["smbclient", "-s", join(folder, "client.conf"), `//127.0.0.1/${share}`, "-p", port, ...who];
  return run([...base, ...flags, "-c", script], { cwd: folder, seconds: 30 });
}

async function backAndForth(name: string, ...flags: string[]): Promise<void> {
  const folder = running.folder!;
  const ran = await smbclient(
    "home",
    `put data ${name}; get ${name} back; mkdir d; cd d; put data x; rename x y; ls; del y; cd ..; rmdir d`,
    ...flags,
  );
  expect(ran.out + ran.err).not.toContain("NT_STATUS");
  expect(ran.out).toMatch(/ y +A +3000000 /);
  const [sent, back] = await Promise.all([readFile(join(folder, "data")), readFile(join(folder, "back"))]);
  expect(back.equals(sent)).toBe(true);
}

for (const dialect of ["SMB2_02", "SMB2_10", "SMB3_00", "SMB3_02", "SMB3_11"]) {
  needs(peer)(`${dialect}: put, get, rename, list, remove`, () => backAndForth(`p${dialect}`, "-m", dialect));
}
for (const cipher of ["AES-128-GCM", "AES-256-GCM", "AES-128-CCM", "AES-256-CCM"]) {
  const option = `--option=client smb3 encryption algorithms=${cipher}`;
  needs(peer)(`sealed with ${cipher}`, () => backAndForth(cipher, "--client-protection=encrypt", option));
}
for (const signing of ["HMAC-SHA256", "AES-128-CMAC", "AES-128-GMAC"]) {
  const option = `--option=client smb3 signing algorithms=${signing}`;
  needs(peer)(`signed with ${signing}`, () => backAndForth(signing, "--client-protection=sign", option));
}

needs(peer)("shares are listed", async () => {
  const port = String(running.server!.endpoint.port);
  const ran = await run(["smbclient", "-L", "//127.0.0.1", "-p", port, "-g", "-U", `alice%${trialPassword}`]);
  expect(ran.out).toContain("Disk|home|The trial's files");
  expect(ran.out).toContain("IPC|IPC$|");
});

needs(peer)("names and SIDs are looked up, the house's and Windows's own", async () => {
  const port = String(running.server!.endpoint.port);
  const lookups = "lsaquery; lookupnames alice nobody; lookupsids S-1-5-32-544 S-1-1-0";
  const ran = await run([
    "rpcclient",
    "127.0.0.1",
    "-p",
    port,
    "-U",
    `alice%${trialPassword}`,
    "-c",
    lookups,
  ]);
  expect(ran.out).toContain("Domain Name: HOLDFAST");
  expect(ran.out).toMatch(/alice S-1-5-21-\d+-\d+-\d+-\d+ \(User: 1\)/);
  expect(ran.out).toContain("nobody S-0-0 (UNKNOWN: 8)");
  expect(ran.out).toContain("S-1-5-32-544 BUILTIN\\Administrators (4)");
  expect(ran.out).toContain("S-1-1-0 \\Everyone (5)");
});

needs(peer)("a folder of 1,500 files, listed whole", async () => {
  const made = Array.from({ length: 1500 }, (_, i) => `mkdir many\\n${i}`).join("; ");
  const ran = await smbclient("home", `mkdir many; ${made}; ls many\\*`);
  expect(ran.out.match(/ n\d+ /g)).toHaveLength(1500);
});

needs(peer)("a wrong password, nobody, and a share that is not there are refused", async () => {
  const port = String(running.server!.endpoint.port);
  const wrong = await run(["smbclient", "//127.0.0.1/home", "-p", port, "-U", "alice%wrong", "-c", "ls"]);
  expect(wrong.out).toContain("NT_STATUS_LOGON_FAILURE");
  const nobody = await run(["smbclient", "//127.0.0.1/home", "-p", port, "-N", "-c", "ls"]);
  expect(nobody.out).toContain("NT_STATUS_LOGON_FAILURE");
  expect((await smbclient("other", "ls")).out).toContain("NT_STATUS_BAD_NETWORK_NAME");
});
