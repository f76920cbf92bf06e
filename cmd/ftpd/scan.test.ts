import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "../../lib/config/load.ts";
import { diskSource } from "../config-source.ts";
import { sections, type FtpdConfig } from "./config.ts";
import { scanFtpd } from "./scan.ts";

async function configOf(...flags: readonly [string, string, unknown][]): Promise<FtpdConfig> {
  const loaded = await load(
    {
      daemon: "ftpd",
      sections,
      foreign: [],
      from: { folder: "/nowhere" },
      flags: [],
      ports: "privileged",
    } as never,
    diskSource(),
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.fault));
  const config = structuredClone(loaded.value.config) as unknown as Record<string, Record<string, unknown>>;
  for (const [section, key, value] of flags) config[section]![key] = value;
  return config as unknown as FtpdConfig;
}

const everybody = [{ ip: new Uint8Array(4), bits: 0 }];
const troubles = (config: FtpdConfig, data = "/nowhere"): string[] =>
  scanFtpd(config, data, Date.now())
    .filter(({ state }) => state !== "good")
    .map(({ state, about, mend }) => `${state} ${about}: ${mend?.split(" ").slice(0, 3).join(" ")}`);

test("what comes unset needs a look, and is not bad", async () => {
  const found = troubles(await configOf());
  expect(found.filter((line) => line.startsWith("bad"))).toEqual([]);
  expect(found).toContain("look FTP: set ftp.tls to");
  expect(found).toContain("look certificate: set ftp.certificate and");
});

test("each unsafe setting is told, with its mend", async () => {
  const rows: readonly [[string, string, unknown], string][] = [
    [["ftp", "tls", "off"], "bad FTP: set ftp.tls to"],
    [["ftp", "sessionReuse", "off"], "look FTP: set ftp.sessionReuse to"],
    [["ftp", "clearControl", true], "look FTP: set ftp.clearControl to"],
    [["ftp", "siteToSite", true], "look data: set ftp.siteToSite to"],
    [["ftp", "dataNetworks", everybody], "bad data: narrow ftp.dataNetworks"],
    [["guard", "proxies", everybody], "bad balancers: name the balancers"],
    [["guard", "banThreshold", 1000], "look guessing: set guard.banThreshold to"],
    [
      ["guard", "banExempt", [{ ip: Uint8Array.of(10, 0, 0, 0), bits: 8 }]],
      "look guessing: narrow guard.banExempt",
    ],
    [["ftp", "passiveAddress", "192.168.1.4"], "bad passive ports: set ftp.passiveAddress to"],
    [["ftp", "passiveLast", 49_160], "look passive ports: widen ftp.passiveFirst to"],
    [["ftp", "connections", 1_000_000], "look capacity: raise the limit"],
  ];
  for (const [setting, line] of rows)
    expect([line, troubles(await configOf(setting))]).toEqual([line, expect.arrayContaining([line])]);
});

test("keys that others may read or write", async () => {
  const data = mkdtempSync(join(tmpdir(), "holdfast-scan-"));
  mkdirSync(join(data, "ssh/authorized"), { recursive: true });
  writeFileSync(join(data, "ssh/host-ed25519"), "", { mode: 0o644 });
  writeFileSync(join(data, "ssh/authorized/ann"), "", { mode: 0o600 });
  expect(troubles(await configOf(), data).filter((line) => line.includes("SSH")).length).toBe(1);
  rmSync(data, { recursive: true });
});
