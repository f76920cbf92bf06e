/** chronyd as a running client that may not touch the clock: keys and the interleaved mode, as it reports
 *  them. */
import { expect } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { server, startChronyd, until } from "./chronyd.ts";
import { apt, needs } from "./peers.ts";
import { startUtcd } from "./utcd.ts";

const chrony = [apt("chronyd", "chrony"), apt("chronyc", "chrony")];

/** Keys of every kind that both sides know. */
const keys = [
  "1 MD5 HEX:8e1d2f3a4b5c6d7e8f90a1b2c3d4e5f6",
  "2 SHA1 HEX:000102030405060708090a0b0c0d0e0f10111213",
  "3 SHA256 HEX:101112131415161718191a1b1c1d1e1f",
  "4 SHA512 ASCII:correcthorsebatterystaple",
  "5 AES128 HEX:202122232425262728292a2b2c2d2e2f",
  "6 AES256 HEX:303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
];

const unlimited = ["--ntp-rate-interval", "0s"];

needs(...chrony)(
  "chronyd accepts our replies under each kind of key, and none under a key we lack",
  async () => {
    await using utcd = await startUtcd({ flags: unlimited });
    const ours = join(utcd.data, "ours.keys");
    await writeFile(ours, keys.join("\n"), { mode: 0o600 });
    await using keyed = await startUtcd({ flags: [...unlimited, "--ntp-key-file", ours] });
    for (const line of keys) {
      const id = line.split(" ")[0]!;
      await using chronyd = await startChronyd(utcd.data, [server(keyed, `key ${id}`), `keyfile ${ours}`]);
      const said = await until(chronyd, "ntpdata", /Total good RX\s+: [1-9]/);
      expect([line, said]).toEqual([line, expect.stringMatching(/Authenticated\s+: Yes/)]);
      expect(said).toMatch(/NTP tests\s+: 111 111 1111/);
    }
    await using stranger = await startChronyd(utcd.data, [server(utcd, "key 3"), `keyfile ${ours}`]);
    await Bun.sleep(1500);
    const said = await stranger.ask("ntpdata");
    expect(said).toMatch(/Total TX\s+: [1-9]/);
    expect(said).toMatch(/Total RX\s+: 0/);
  },
);

needs(...chrony)("chronyd gets interleaved replies with the kernel's transmit stamps", async () => {
  await using utcd = await startUtcd({ flags: unlimited });
  await using chronyd = await startChronyd(utcd.data, [server(utcd, "xleave")]);
  const whole = /NTP tests\s+: 111 111 1111\s+Interleaved\s+: Yes/;
  const said = await until(chronyd, "ntpdata", whole);
  expect(said).toMatch(whole);
  const offset = Number(/^Offset\s+: ([-+][\d.]+)/m.exec(said)?.[1]);
  expect(Math.abs(offset)).toBeLessThan(0.005);
});
