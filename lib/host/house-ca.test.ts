import { afterAll, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer } from "node:tls";
import type { AddressInfo } from "node:net";
import { houseCertificate } from "./house-ca.ts";

const folders: string[] = [];
function newData(): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-ca-"));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const day = 86_400_000;

test("the certificate names this host and is signed by the house", async () => {
  const { cert, ca } = await houseCertificate(newData(), ["files.example.org", "192.0.2.7"]);
  const leaf = new X509Certificate(cert);
  for (const name of ["localhost", "files.example.org", hostname()]) expect(leaf.checkHost(name)).toBe(name);
  for (const address of ["127.0.0.1", "::1", "192.0.2.7"]) expect(leaf.checkIP(address)).toBeDefined();
  expect(leaf.verify(new X509Certificate(ca).publicKey)).toBe(true);
  expect(leaf.ca).toBe(false);
});

test("a client that trusts the house's CA completes a handshake", async () => {
  const { key, cert, ca } = await houseCertificate(newData());
  const server = createServer({ key, cert }, (socket) => socket.end("hello"));
  server.listen(0, "127.0.0.1");
  await new Promise((yes) => server.once("listening", yes));
  const said = await new Promise<string>((yes, no) => {
    const client = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", ca });
    client.on("data", (bytes) => yes(bytes.toString()));
    client.on("error", no);
  });
  server.close();
  expect(said).toBe("hello");
});

test("it is kept, and made anew only near its end or for new names", async () => {
  const data = newData();
  const now = Date.now();
  const first = await houseCertificate(data, [], now);
  expect(await houseCertificate(data, [], now + 300 * day)).toEqual(first);
  const renewed = await houseCertificate(data, [], now + 380 * day);
  expect(renewed.cert).not.toBe(first.cert);
  expect(renewed.ca).toBe(first.ca);
  const later = await houseCertificate(data, [], now + 19 * 365 * day);
  expect(later.ca).not.toBe(first.ca);
});

test("many askers at once agree on one authority", async () => {
  const data = newData();
  const all = await Promise.all(Array.from({ length: 8 }, () => houseCertificate(data)));
  expect(new Set(all.map((one) => one.ca)).size).toBe(1);
  const authority = new X509Certificate(all[0]!.ca);
  for (const one of all) expect(new X509Certificate(one.cert).verify(authority.publicKey)).toBe(true);
  expect(readdirSync(join(data, "ca")).filter((name) => /\.\d+\.[0-9a-f]+$/.test(name))).toEqual([]);
});

test("keys are the owner's alone, and an opened or damaged file is refused", async () => {
  const data = newData();
  await houseCertificate(data);
  const folder = join(data, "ca");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const keys = readdirSync(folder).filter((name) => name.endsWith(".pem"));
  expect(keys.length).toBe(2);
  for (const name of keys) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  chmodSync(join(folder, "root.pem"), 0o644);
  expect(houseCertificate(data)).rejects.toThrow("chmod 600");
  chmodSync(join(folder, "root.pem"), 0o600);
  writeFileSync(join(folder, "root.pem"), "nothing");
  expect(houseCertificate(data)).rejects.toThrow("remove it");
});
