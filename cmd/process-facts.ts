import { readdirSync } from "node:fs";
import type { ProcessFacts } from "../lib/watch/process-metrics.ts";
import type { Build } from "./version.ts";

/** What this process says of itself in its metrics. */
export function processFacts(daemon: string, build: Build): ProcessFacts {
  return {
    daemon,
    version: build.version,
    commit: build.commit,
    startedAtSeconds: performance.timeOrigin / 1000,
    cpuSeconds() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    residentBytes: () => process.memoryUsage.rss(),
    openDescriptors,
  };
}

/** On Linux; 0 where nobody can tell. */
function openDescriptors(): number {
  try {
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return 0;
  }
}
