/** Roughtime end to end: our server, our own chained client, and roughenough's where it is installed. */
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { top } from "../sources.ts";
import { run } from "./peers.ts";
import { startUtcd, type Utcd } from "./utcd.ts";

function keyOf(utcd: Utcd): string {
  return /"publicKey":"([^"]+)"/.exec(utcd.said())![1]!;
}
const prove = (...words: string[]) =>
  run([process.execPath, "--no-env-file", join(top, "cmd/holdfast/main.ts"), "time", "prove", ...words], {
    seconds: 30,
  });

test("a chain over two servers agrees; under a wrong key nothing is believed; the key is kept", async () => {
  await using first = await startUtcd();
  await using second = await startUtcd();
  const server = (utcd: Utcd): string => `127.0.0.1:${utcd.ports["roughtime"]},${keyOf(utcd)}`;
  const both = ["--server", server(first), "--server", server(second)];
  const ran = await prove(...both, "--json");
  expect(ran).toMatchObject({ code: 0 });
  const { times, contradiction } = JSON.parse(ran.out) as {
    times: { midpoint: number; radius: number }[];
    contradiction: unknown;
  };
  expect([times.length, contradiction]).toEqual([4, null]);
  for (const { midpoint } of times) expect(Math.abs(midpoint - Date.now() / 1000)).toBeLessThan(60);
  const wrongKey = await prove("--server", `127.0.0.1:${first.ports["roughtime"]},${keyOf(second)}`);
  expect(wrongKey.code).not.toBe(0);
  const kept = await readFile(join(first.data, "roughtime.key"), "latin1");
  await using again = await startUtcd({ data: first.data });
  expect(await readFile(join(again.data, "roughtime.key"), "latin1")).toBe(kept);
  expect(keyOf(again)).toBe(keyOf(first));
});

// Not a Debian package, and minutes to build: a skip where it is absent, also in CI.
const roughenough = Bun.which("roughenough_client");
test.if(roughenough !== null)("roughenough's client verifies version 1 and the last draft's", async () => {
  await using utcd = await startUtcd();
  const at = ["127.0.0.1", String(utcd.ports["roughtime"]), "-k", keyOf(utcd), "--epoch"];
  for (const protocol of ["1", "19", "both"]) {
    const ran = await run([roughenough!, ...at, "-P", protocol], { seconds: 20 });
    const said = /\b(1\d{9})\b/.exec(ran.out + ran.err)?.[1];
    expect([protocol, Math.abs(Number(said) - Date.now() / 1000) < 60]).toEqual([protocol, true]);
  }
});
