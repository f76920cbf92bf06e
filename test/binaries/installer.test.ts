/** The MSI under wine: installed, the service runs and answers, upgraded with data and configuration kept,
 *  removed with nothing of ours left but those. Of one daemon, because each is 120 MB. */
import { afterAll, beforeAll, expect } from "bun:test";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apt, needs, run } from "../interop/peers.ts";
import { top } from "../sources.ts";
import { builtPackages } from "./built.ts";
import { mingw, wine, windowsAt } from "./wine.ts";

const wixl = apt("wixl");
const msibuild = apt("msibuild", "msitools");
const place: { folder?: string } = {};
beforeAll(async () => {
  place.folder = await mkdtemp(join(tmpdir(), "holdfast-msi-"));
});
afterAll(() => rm(place.folder!, { recursive: true, force: true }));

const installed = '"C:\\Program Files\\Holdfast\\';
const settings = '"C:\\ProgramData\\Holdfast\\config\\holdfast.yaml"';

/** A service answers some time after the manager says that it runs. */
const untilReady = (label: string): string[] => [
  `for /L %%i in (1,1,30) do ${installed}holdfast.exe" status --quiet && goto ${label} || sleep.exe 1000`,
  `:${label}`,
];

const scenario = [
  "msiexec /i first.msi /qn",
  "echo installed: %ERRORLEVEL%",
  ...untilReady("ready"),
  "sc query holdfast-utcd > running.txt",
  `${installed}holdfast.exe" status > status.txt 2>&1`,
  "echo status: %ERRORLEVEL%",
  "type status.txt",
  `echo log: {level: debug} > ${settings}`,
  "msiexec /i second.msi /qn",
  "echo upgraded: %ERRORLEVEL%",
  ...untilReady("ready-again"),
  "sc query holdfast-utcd > running-again.txt",
  `type ${settings} > settings.txt`,
  `${installed}holdfast.exe" user list > users.txt 2>&1`,
  "msiexec /x second.msi /qn",
  "echo removed: %ERRORLEVEL%",
  "sleep.exe 1000",
  "sc query holdfast-utcd > removed.txt",
];

needs(
  wine,
  mingw,
  wixl,
  msibuild,
)(
  "an installer that puts a service there, keeps it current, and takes it away",
  async () => {
    const bin = join(place.folder!, "bin");
    const words = [
      "packaging/build.ts",
      "--target",
      "windows-x64",
      "--out",
      bin,
      "holdfast",
      "holdfast-utcd",
    ];
    expect(await run([process.execPath, ...words], { cwd: top, seconds: 200 })).toMatchObject({ code: 0 });
    const { folder, drive, batch } = await windowsAt(place.folder!);
    for (const [name, version] of [
      ["first", "1.0.0"],
      ["second", "1.1.0"],
    ] as const) {
      const out = join(place.folder!, name);
      const how = ["--target", "windows-x64", "--from", join(bin, "windows-x64"), "--version", version];
      await builtPackages(out, ...how);
      await copyFile(join(out, `holdfast-${version}-x64.msi`), join(folder, `${name}.msi`));
    }
    const ran = await batch(scenario);
    for (const step of ["installed", "status", "upgraded", "removed"]) {
      expect(ran.out).toContain(`${step}: 0`);
    }
    const told = (name: string): Promise<string> => readFile(join(folder, `${name}.txt`), "utf8");
    expect(await told("running")).toMatch(/STATE\s+: 4\s+RUNNING/);
    expect(await told("status")).toMatch(/utcd\s+ready/);
    expect(await told("running-again")).toMatch(/STATE\s+: 4\s+RUNNING/);
    expect(await told("settings")).toContain("level: debug");
    expect(await told("users")).toContain("admin");
    expect(await told("removed")).not.toContain("RUNNING");
    // Wine's installer deletes nothing that runs, and a service's process outlives its last word by moments:
    // holdfast-utcd.exe may stay there, where Windows's own would take it at the next start.
    expect(existsSync(join(drive, "Program Files/Holdfast/holdfast.exe"))).toBe(false);
    expect(existsSync(join(drive, "ProgramData/Holdfast/data/catalog.db"))).toBe(true);
    expect(existsSync(join(drive, "ProgramData/Holdfast/config/holdfast.yaml"))).toBe(true);
  },
  500_000,
);
