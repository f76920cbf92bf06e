/** What systemd's own judge says of our units. */
import { afterAll, beforeAll, expect } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { daemonServices, type DaemonService } from "../../cmd/daemon-services.ts";
import { systemdUnit } from "../../lib/host/service/systemd-unit.ts";
import { apt, needs, run } from "./peers.ts";

const judge = apt("systemd-analyze", "systemd");
const place: { folder?: string } = {};

const unitOf = (daemon: DaemonService): string =>
  systemdUnit({ ...daemon, command: [`/usr/bin/holdfast-${daemon.name}`], writable: ["/srv/a b"] });

beforeAll(async () => {
  place.folder = await mkdtemp(join(tmpdir(), "holdfast-units-"));
  for (const daemon of daemonServices) {
    await writeFile(join(place.folder, `holdfast-${daemon.name}.service`), unitOf(daemon));
  }
});
afterAll(() => rm(place.folder!, { recursive: true }));

needs(judge)("every unit's exposure is at most 2.0", async () => {
  for (const { name } of daemonServices) {
    const unit = join(place.folder!, `holdfast-${name}.service`);
    const ran = await run(["systemd-analyze", "security", "--offline=true", "--threshold=20", unit]);
    expect([name, ran.code, ran.out.trim().split("\n").at(-1)]).toEqual([name, 0, expect.any(String)]);
  }
});

needs(judge)("every line of every unit is known to systemd", async () => {
  for (const { name } of daemonServices) {
    const ran = await run(["systemd-analyze", "verify", join(place.folder!, `holdfast-${name}.service`)]);
    const complaints = ran.err
      .split("\n")
      .filter((line) => /unknown|fail(?:ed)? to parse|ignoring/i.test(line));
    expect([name, complaints]).toEqual([name, []]);
  }
});
