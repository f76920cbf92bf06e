/** What the tests of this folder run: made from this very checkout, once. Whatever dist/ held before may be
 *  of another day, and then tells of nothing. */
import { expect } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../interop/peers.ts";
import { top } from "../sources.ts";

export const dist: string = join(top, "dist");
export const binaries = [
  "holdfast",
  "holdfast-s3d",
  "holdfast-ftpd",
  "holdfast-smbd",
  "holdfast-utcd",
] as const;

/** Builds dist/ where a source is newer than what stands there. */
export async function builtBinaries(): Promise<void> {
  const made = join(dist, "holdfast-utcd"); // the last one built
  if (existsSync(made) && statSync(made).mtimeMs > (await newestSource())) return;
  await rm(dist, { recursive: true, force: true });
  const ran = await run([process.execPath, "packaging/build.ts"], { cwd: top, seconds: 180 });
  expect(ran).toMatchObject({ code: 0 });
}

/** Packages of it in `out`, lightly compressed; `version` rehearses an older one. */
export async function builtPackages(out: string, ...flags: readonly string[]): Promise<void> {
  const words = ["packaging/packages.ts", "--level", "1", "--out", out, ...flags];
  expect(await run([process.execPath, ...words], { cwd: top, seconds: 180 })).toMatchObject({ code: 0 });
}

async function newestSource(): Promise<number> {
  const files = new Bun.Glob("{cmd,lib,packaging}/**/*").scan({ cwd: top });
  const times = (await Array.fromAsync(files)).map((name) => statSync(join(top, name)).mtimeMs);
  return Math.max(...times, statSync(join(top, "package-lock.json")).mtimeMs);
}
