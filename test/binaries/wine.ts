/** A Windows of its own, as far as wine goes. Real Windows is not here to try. */
import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run, type Ran } from "../interop/peers.ts";

export const wine = { program: "wine", install: "apt-get install wine wine64" };
export const mingw = {
  program: "x86_64-w64-mingw32-gcc",
  install: "apt-get install gcc-mingw-w64-x86-64-win32",
};

/** Debian's wine lacks the one function that the runtime asks of this library. */
const randomness = `#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE p, SIZE_T n) { return SystemFunction036(p, (ULONG)n); }
`;
const sleeper = `#include <windows.h>
#include <stdlib.h>
int main(int c, char **v) { Sleep(c > 1 ? atoi(v[1]) : 1000); return 0; }
`;

export interface Windows {
  /** C:\\hf, with sleep.exe in it. */
  readonly folder: string;
  /** Where C:\\ is. */
  readonly drive: string;
  /** Runs lines as one batch file in C:\\hf: services die with the last program of the user. */
  readonly batch: (lines: readonly string[]) => Promise<Ran>;
}

/** Makes a new prefix in `place`. */
export async function windowsAt(place: string): Promise<Windows> {
  const prefix = await mkdtemp(join(place, "prefix-"));
  const env = { WINEPREFIX: prefix, WINEDEBUG: "-all", WINEDLLOVERRIDES: "mscoree,mshtml=" };
  const wineRun = (...words: string[]) => run(["wine", ...words], { env, seconds: 200 });
  await wineRun("wineboot", "-i");
  while (!existsSync(join(prefix, "system.reg"))) await Bun.sleep(100);
  await wineRun("reg", "add", "HKCU\\Software\\Wine", "/v", "Version", "/d", "win10", "/f");
  const drive = join(prefix, "drive_c");
  const folder = join(drive, "hf");
  await mkdir(folder);
  await compileC(randomness, join(drive, "windows/system32/bcryptprimitives.dll"), "-shared");
  await compileC(sleeper, join(folder, "sleep.exe"));
  return {
    folder,
    drive,
    async batch(lines) {
      const text = ["@echo off", "cd /d C:\\hf", ...lines, ""].join("\r\n");
      await writeFile(join(folder, "scenario.bat"), text);
      return await wineRun("cmd", "/c", "C:\\hf\\scenario.bat");
    },
  };
}

async function compileC(text: string, out: string, ...flags: string[]): Promise<void> {
  const source = `${out}.c`;
  await writeFile(source, text);
  expect(await run([mingw.program, ...flags, "-o", out, source])).toMatchObject({ code: 0 });
}
