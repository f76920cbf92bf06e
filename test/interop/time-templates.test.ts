/** Every template starts, in a network of its own, and what was imported from other programs is accepted. */
import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timeTemplates } from "../../cmd/holdfast/time-templates.ts";
import { top } from "../sources.ts";
import { apt, needs, run } from "./peers.ts";
import { startUtcd } from "./utcd.ts";

for (const { name, text } of timeTemplates) {
  needs(apt("unshare", "util-linux"), apt("ip", "iproute2"))(`template ${name} starts`, async () => {
    // Whoever runs the tests keeps their clock: in the flags, which win.
    await using utcd = await startUtcd({
      ownNetwork: true,
      flags: ["--clock-mode", "observe"],
      beforeStart: (data) => writeFile(join(data, "utcd.yaml"), text),
    });
    expect(Object.keys(utcd.ports)).toContain("ntp");
    const tracking = await run([...holdfast, "time", "tracking", "--json", "--data", utcd.data], {
      seconds: 20,
    });
    const { mode } = JSON.parse(tracking.out) as { mode: string };
    expect(mode).toBe(name === "air-gapped" ? "local" : "observe");
  });
}

const holdfast = [process.execPath, "--no-env-file", join(top, "cmd/holdfast/main.ts")];

const foreign: Readonly<Record<string, readonly string[]>> = {
  "chrony.conf": [
    "pool 2.debian.pool.ntp.org iburst",
    "server a.example nts prefer",
    "makestep 1 3",
    "allow 10/8",
    "port 0",
    "local stratum 8",
    "ratelimit interval -4",
    "maxdistance 0.5",
    "refclock SHM 0 refid GPS",
    "clientloglimit 10000000",
  ],
  "ntp.conf": [
    "tinker panic 0 step 0.5",
    "restrict default ignore",
    "restrict 10.0.0.0 mask 255.0.0.0",
    "server 127.127.28.0",
    "fudge 127.127.28.0 refid PPS",
    "pool 0.pool.ntp.org iburst minpoll 3 maxpoll 20",
    "interface listen 127.0.0.1",
  ],
  "utcd.conf": ["[network]", "listen_address = 127.0.0.1", "listen_port = 37", "[time]", "stratum = 2"],
};

test("what is imported is a configuration that the daemon accepts", async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-import-"));
  try {
    for (const [name, lines] of Object.entries(foreign)) {
      const [from, to] = [join(folder, name), join(folder, `${name}.yaml`)];
      await writeFile(from, `${lines.join("\n")}\n`);
      const made = await run([...holdfast, "time", "import", from, "--out", to], { seconds: 20 });
      expect([name, made.code, made.err]).toEqual([name, 0, ""]);
      const check = ["cmd/utcd/main.ts", "--check", "--config", to];
      const checked = await run([process.execPath, "--no-env-file", ...check], { seconds: 20, cwd: top });
      expect([name, checked.code, checked.err]).toEqual([name, 0, expect.stringContaining("is good")]);
      expect((await run([...holdfast, "time", "import", from, "--out", to], { seconds: 20 })).code).not.toBe(
        0,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
