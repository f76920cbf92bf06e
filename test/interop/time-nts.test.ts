/** chronyd as an NTS client of ours, under the house's own CA; and TLS clients that are not what they should
 *  be. */
import { expect } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { apt, needs } from "./peers.ts";
import { server, startChronyd, until } from "./chronyd.ts";
import { startUtcd } from "./utcd.ts";

const chrony = [apt("chronyd", "chrony"), apt("chronyc", "chrony")];

needs(...chrony)("chronyd gets keys and authenticated time, and cookies enough", async () => {
  await using utcd = await startUtcd({ flags: ["--ntp-rate-interval", "0s"] });
  const trust = `ntstrustedcerts ${join(utcd.data, "ca/house-ca.crt")}`;
  const nts = `nts ntsport ${utcd.ports["ntske"]}`;
  await using chronyd = await startChronyd(utcd.data, [server(utcd, nts), trust, "nosystemcert"]);
  const good = await until(chronyd, "ntpdata", /Total good RX\s+: ([6-9]|\d\d)/);
  expect(good).toMatch(/Authenticated\s+: Yes/);
  expect(good).toMatch(/NTP tests\s+: 111 111 1111/);
  const fields = (await chronyd.ask("-c", "authdata")).trim().split(",");
  const [, mode, keyId, type, length, , attempts, naks, cookies, cookieLength] = fields;
  expect([mode, type, length, attempts, naks, cookies, cookieLength]).toEqual([
    "NTS",
    "15",
    "256",
    "0",
    "0",
    "8",
    "104",
  ]);
  expect(Number(keyId)).toBe(1);
});

needs(...chrony)("cookies outlive a restart of ours", async () => {
  await using first = await startUtcd();
  const secret = await readFile(join(first.data, "nts-cookie.secret"), "utf8");
  expect(secret).toMatch(/^\d+ [0-9a-f]{64}\n$/);
  await using second = await startUtcd({ data: first.data });
  expect(await readFile(join(second.data, "nts-cookie.secret"), "utf8")).toBe(secret);
});

needs(apt("chronyd", "chrony"))(
  "a client without ALPN, with TLS 1.2, or that never asks gets nothing",
  async () => {
    await using utcd = await startUtcd();
    const ca = await readFile(join(utcd.data, "ca/house-ca.crt"), "utf8");
    const ask = (more: ConnectionOptions, send?: Uint8Array): Promise<string> =>
      new Promise((yes) => {
        const socket: TLSSocket = connect({
          host: "127.0.0.1",
          port: utcd.ports["ntske"]!,
          ca,
          ALPNProtocols: ["ntske/1"],
          ...more,
        });
        const heard: Buffer[] = [];
        socket.on("secureConnect", () => send && socket.write(send));
        socket.on("data", (bytes: Buffer) => heard.push(bytes));
        socket.on("error", () => {});
        socket.on("close", () => yes(Buffer.concat(heard).toString("hex")));
      });
    const good = Uint8Array.from([0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15, 0x80, 0, 0, 0]);
    expect(await ask({}, good)).toStartWith("80010002000080040002000f");
    expect(await ask({ ALPNProtocols: [] }, good)).toBe("");
    expect(await ask({ ALPNProtocols: ["http/1.1"] }, good)).toBe("");
    expect(await ask({ maxVersion: "TLSv1.2" }, good)).toBe("");
    const began = performance.now();
    expect(await ask({}, good.subarray(0, 5))).toBe("");
    expect(performance.now() - began).toBeLessThan(6000);
    await writeFile(join(utcd.data, "done"), "");
  },
);
