/** The native Windows service, under wine: install, start, stop, a start that fails, removal. What it runs
 *  is the trial daemon, which is boot and a listener. Real Windows is not here to try. */
import { afterAll, beforeAll, expect } from "bun:test";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { foreignRuntime, targets } from "../../packaging/targets.ts";
import { needs } from "../interop/peers.ts";
import { top } from "../sources.ts";
import { mingw, wine, windowsAt } from "./wine.ts";

const scenario = [
  "holdfast-utcd.exe service install --config C:\\hf --time-listen 127.0.0.1:0",
  "echo installed: %ERRORLEVEL%",
  "sleep.exe 2000",
  "sc query holdfast-utcd > running.txt",
  "holdfast-utcd.exe status",
  "echo status: %ERRORLEVEL%",
  "holdfast-utcd.exe stop",
  "echo stop: %ERRORLEVEL%",
  "sleep.exe 2000",
  "sc query holdfast-utcd > stopped.txt",
  "echo time: {listne: x} > utcd.yaml",
  "holdfast-utcd.exe start",
  "sleep.exe 2000",
  "sc query holdfast-utcd > failed.txt",
  "del utcd.yaml",
  "holdfast-utcd.exe start",
  "echo again: %ERRORLEVEL%",
  "sleep.exe 2000",
  "sc query holdfast-utcd > running-again.txt",
  "holdfast-utcd.exe service remove",
  "echo removed: %ERRORLEVEL%",
  "sleep.exe 2000",
  "sc query holdfast-utcd > removed.txt",
  "del holdfast-utcd.exe",
];

const place: { folder?: string } = {};
beforeAll(async () => {
  place.folder = await mkdtemp(join(tmpdir(), "holdfast-wine-"));
});
afterAll(() => rm(place.folder!, { recursive: true, force: true }));

async function compile(outfile: string): Promise<void> {
  const executablePath = await foreignRuntime(
    targets["windows-x64"]!,
    Bun.version,
    join(top, ".cache/runtimes"),
  );
  const made = await Bun.build({
    entrypoints: [join(top, "test/house/trial-daemon.ts")],
    root: top,
    format: "esm",
    target: "bun",
    define: { HOLDFAST_VERSION: '"0.0.0"', HOLDFAST_COMMIT: '"trial"', HOLDFAST_DATE: '""' },
    compile: {
      target: "bun-windows-x64",
      outfile,
      autoloadDotenv: false,
      autoloadBunfig: false,
      executablePath,
    },
    throw: false,
  });
  expect(made.logs.map(String)).toEqual([]);
}

needs(wine, mingw)(
  "a service that the manager of Windows starts, asks to stop, and may delete",
  async () => {
    const { folder, batch } = await windowsAt(place.folder!);
    await compile(join(place.folder!, "holdfast-utcd.exe"));
    await copyFile(join(place.folder!, "holdfast-utcd.exe"), join(folder, "holdfast-utcd.exe"));

    const ran = await batch(scenario);
    for (const step of ["installed", "status", "stop", "again", "removed"]) {
      expect(ran.out).toContain(`${step}: 0`);
    }
    const told = (name: string): Promise<string> => readFile(join(folder, `${name}.txt`), "utf8");
    expect(await told("running")).toMatch(/STATE\s+: 4\s+RUNNING/);
    expect(await told("stopped")).toMatch(/STATE\s+: 1\s+STOPPED[\s\S]*SERVICE_EXIT_CODE\s+: 0\b/);
    expect(await told("failed")).toMatch(/WIN32_EXIT_CODE\s+: 1066\b[\s\S]*SERVICE_EXIT_CODE\s+: 78\b/);
    expect(await told("running-again")).toMatch(/STATE\s+: 4\s+RUNNING/);
    expect(await told("removed")).not.toContain("RUNNING");
    expect(existsSync(join(folder, "holdfast-utcd.exe"))).toBe(false);
  },
  300_000,
);
