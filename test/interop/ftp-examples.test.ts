// The example configurations of packaging/examples: each starts the daemon, and its three forms say the same.
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { top } from "../sources.ts";
import { FtpCaller } from "./ftp-caller.ts";
import { startFtpd } from "./ftpd.ts";

const folder = join(top, "packaging/examples");
const names = readdirSync(folder).filter((name) => name.startsWith("ftpd-"));
const listens = ["ftp", "ftps", "sftp", "admin"].flatMap((door) => [`--${door}-listen`, "127.0.0.1:0"]);

test("scan: nothing is bad in production; carelessness is, and doctor tells it", async () => {
  const scan = (...flags: readonly string[]): { code: number; out: string } => {
    const main = [
      process.execPath,
      "--no-env-file",
      join(top, "cmd/ftpd/main.ts"),
      "scan",
      "--data",
      "/nowhere",
    ];
    const ran = Bun.spawnSync([...main, ...flags]);
    return { code: ran.exitCode, out: ran.stdout.toString() };
  };
  const sound = scan("--config", join(folder, "ftpd-production.yaml"));
  expect(sound).toMatchObject({ code: 0 });
  expect(sound.out).toContain("nothing moves in clear");
  const careless = scan("--config", "/nowhere", "--ftp-tls", "off", "--guard-proxies", "0.0.0.0/0");
  expect(careless.code).not.toBe(0);
  expect(careless.out).toContain("mend: set ftp.tls to required");
  await using house = await startFtpd("--ftp-tls", "off");
  expect((await house.holdfast("doctor")).out).toContain("set ftp.tls to required");
}, 30_000);

for (const kind of ["simple", "advanced", "production"]) {
  test(`${kind}, in YAML, JSON and INI`, async () => {
    const said: unknown[] = [];
    for (const form of ["yaml", "json", "ini"]) {
      const name = `ftpd-${kind}.${form}`;
      expect(names).toContain(name);
      await using house = await startFtpd("--config", join(folder, name), ...listens, "--guard-proxies", "");
      using caller = await new FtpCaller(house.ports["ftp"]!).greeted();
      expect([name, await caller.code("NOOP")]).toEqual([name, 200]);
      const told = (await house.admin("GET", "/configuration")) as Record<string, unknown>;
      const alike = JSON.stringify({ ...told, data: "" }, (key, value: unknown) =>
        key === "listen" ? "" : value,
      );
      said.push(JSON.parse(alike.replaceAll(name, kind)));
    }
    expect(said[1]).toEqual(said[0]);
    expect(said[2]).toEqual(said[0]);
  }, 30_000);
}
