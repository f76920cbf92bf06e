import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ChildPlan } from "../../lib/host/children.ts";
import { binaryOf, daemonNames } from "../daemons.ts";
import { build } from "../version.ts";

/** The daemons that there are: `cmd/<name>/main.ts` in the source, binaries beside ours when compiled. */
export function findDaemons(): ChildPlan[] {
  return build().compiled ? siblings(dirname(process.execPath)) : sources(join(import.meta.dir, ".."));
}

function sources(cmd: string): ChildPlan[] {
  const found = daemonNames.map((name) => ({ name, main: join(cmd, name, "main.ts") }));
  return found
    .filter(({ main }) => existsSync(main))
    .map(({ name, main }) => ({ name, command: [process.execPath, "--no-env-file", main] }));
}

function siblings(folder: string): ChildPlan[] {
  const suffix = process.platform === "win32" ? ".exe" : "";
  const found = daemonNames.map((name) => ({ name, binary: join(folder, binaryOf(name) + suffix) }));
  return found
    .filter(({ binary }) => existsSync(binary))
    .map(({ name, binary }) => ({ name, command: [binary] }));
}
