/** The service in a Debian that was booted: installed, reloaded, hung, killed, misconfigured, removed. */
import { beforeAll, expect, test } from "bun:test";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { needs } from "../interop/peers.ts";
import { builtBinaries, dist } from "./built.ts";
import { bootedSays, debianRoot, debootstrap, mayBoot, nspawn } from "./debian.ts";

if (mayBoot) beforeAll(builtBinaries, 200_000);
const booted = mayBoot ? needs(debootstrap, nspawn) : test.skip;

async function scenario(): Promise<ReadonlyMap<string, string>> {
  const root = await debianRoot();
  try {
    await copyFile(join(dist, "holdfast-utcd"), join(root, "usr/local/bin/holdfast-utcd"));
    return await bootedSays(root, "booted-service.sh");
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

booted(
  "a service by its own verbs",
  async () => {
    const said = await scenario();
    const told = (name: string): string => said.get(name) ?? "it said nothing";
    expect([told("installed"), told("active"), told("status")]).toEqual(["0", "active", "0"]);
    expect(told("user")).toBe("holdfast");
    expect(told("data")).toBe("holdfast 700 holdfast 600");
    expect(told("listens")).toMatch(/ntp=":: 123".* daytime=":: 13"/);
    expect(told("secrets")).toBe("0");
    expect(told("reload")).toBe("0");
    expect(told("reloaded")).toContain("changed=log.level");
    expect(told("reload-bad")).not.toBe("0");
    expect(told("after-bad")).toBe("active");
    expect(told("after-hang")).toBe("active 1");
    expect(told("after-crash")).toBe("active 2");
    expect(told("bad-start")).toBe("failed 78 0");
    expect(told("start")).toBe("0");
    expect(told("stop")).toMatch(/^0 \d{1,4} ms$/);
    expect(told("stopped")).toBe("69");
    expect(told("removed")).toBe("0");
    expect(told("left")).toBe("0 inactive");
    expect(told("kept")).toBe("/var/lib/holdfast/catalog.db");
  },
  600_000,
);
