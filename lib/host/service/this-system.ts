import { existsSync } from "node:fs";
import { launchd } from "./launchd.ts";
import type { ServiceManager } from "./service-manager.ts";
import { systemd } from "./systemd.ts";
import { windows } from "./windows.ts";

/** The manager that keeps this system's services; undefined in a container or on a system we do not know. */
export function serviceManager(): ServiceManager | undefined {
  if (process.platform === "darwin") return launchd;
  if (process.platform === "win32") return windows;
  return existsSync("/run/systemd/system") ? systemd : undefined; // sd_booted(3)
}
