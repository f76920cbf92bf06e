import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** A system a binary can be built for, and the npm package that carries the runtime for it. */
export interface Target {
  readonly compile: Bun.Build.CompileTarget;
  readonly runtime: string;
  readonly suffix: "" | ".exe";
}

export const targets: Readonly<Record<string, Target>> = {
  "linux-x64": { compile: "bun-linux-x64", runtime: "bun-linux-x64", suffix: "" },
  "linux-arm64": { compile: "bun-linux-arm64", runtime: "bun-linux-aarch64", suffix: "" },
  "linux-x64-musl": { compile: "bun-linux-x64-musl", runtime: "bun-linux-x64-musl", suffix: "" },
  "linux-arm64-musl": { compile: "bun-linux-arm64-musl", runtime: "bun-linux-aarch64-musl", suffix: "" },
  "windows-x64": { compile: "bun-windows-x64", runtime: "bun-windows-x64", suffix: ".exe" },
  "darwin-x64": { compile: "bun-darwin-x64", runtime: "bun-darwin-x64", suffix: "" },
  "darwin-arm64": { compile: "bun-darwin-arm64", runtime: "bun-darwin-aarch64", suffix: "" },
};

/** This machine's name in `targets`, or undefined where there is none. */
export function hostTarget(): string | undefined {
  const name = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  return name in targets ? name : undefined;
}

/** The runtime of another system, fetched once as an npm package of this very version into `cache`. */
export async function foreignRuntime(target: Target, version: string, cache: string): Promise<string> {
  const folder = join(cache, `${target.runtime}-${version}`);
  const executable = join(folder, "bin", `bun${target.suffix}`);
  if (existsSync(executable)) return executable;
  const work = `${folder}.${process.pid}`;
  await mkdir(work, { recursive: true });
  try {
    await run(["npm", "pack", "--silent", `@oven/${target.runtime}@${version}`], work);
    const [tarball] = await Array.fromAsync(new Bun.Glob("*.tgz").scan(work));
    await run(["tar", "-xzf", tarball ?? "", "--strip-components=1"], work);
    await rename(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return executable;
}

async function run(command: string[], cwd: string): Promise<void> {
  const child = Bun.spawn(command, { cwd, stdout: "ignore", stderr: "inherit", stdin: "ignore" });
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed`);
}
