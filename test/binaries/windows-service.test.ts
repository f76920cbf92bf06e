/** The native Windows service, under wine: install, start, stop, a start that fails, removal. What it runs
 *  is the trial daemon, which is boot and a listener. Real Windows is not here to try. */
import { afterAll, beforeAll, expect } from "bun:test";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { foreignRuntime, targets } from "../../packaging/targets.ts";
import { needs, run } from "../interop/peers.ts";
import { top } from "../sources.ts";

const wine = { program: "wine", install: "apt-get install wine wine64" };
const mingw = { program: "x86_64-w64-mingw32-gcc", install: "apt-get install gcc-mingw-w64-x86-64-win32" };

/** Debian's wine lacks the one function that the runtime asks of this library. */
const randomness = `#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE p, SIZE_T n) { return SystemFunction036(p, (ULONG)n); }
`;
const sleeper = `#include <windows.h>
#include <stdlib.h>
int main(int c, char **v) { Sleep(c > 1 ? atoi(v[1]) : 1000); return 0; }
`;

/** One scenario is one batch file: wine's services die with the last program of the user. */
const scenario = [
  "@echo off",
  "cd /d C:\\hf",
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
  "",
].join("\n");

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

async function compileC(text: string, out: string, ...flags: string[]): Promise<void> {
  const source = `${out}.c`;
  await writeFile(source, text);
  expect(await run([mingw.program, ...flags, "-o", out, source])).toMatchObject({ code: 0 });
}

needs(wine, mingw)(
  "a service that the manager of Windows starts, asks to stop, and may delete",
  async () => {
    const prefix = join(place.folder!, "prefix");
    const env = { WINEPREFIX: prefix, WINEDEBUG: "-all", WINEDLLOVERRIDES: "mscoree,mshtml=" };
    const wineRun = (...words: string[]) => run(["wine", ...words], { env, seconds: 120 });
    await wineRun("wineboot", "-i");
    while (!existsSync(join(prefix, "system.reg"))) await Bun.sleep(100);
    await wineRun("reg", "add", "HKCU\\Software\\Wine", "/v", "Version", "/d", "win10", "/f");
    const folder = join(prefix, "drive_c/hf");
    await mkdir(folder);
    const library = join(prefix, "drive_c/windows/system32/bcryptprimitives.dll");
    await compileC(randomness, library, "-shared");
    await compileC(sleeper, join(folder, "sleep.exe"));
    await compile(join(place.folder!, "holdfast-utcd.exe"));
    await copyFile(join(place.folder!, "holdfast-utcd.exe"), join(folder, "holdfast-utcd.exe"));
    await writeFile(join(folder, "scenario.bat"), scenario);

    const ran = await wineRun("cmd", "/c", "C:\\hf\\scenario.bat");
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
