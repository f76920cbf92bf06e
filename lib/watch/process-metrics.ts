import type { MetricsRegistry } from "./metrics-registry.ts";

/** What the process says of itself when it is asked. */
export interface ProcessFacts {
  readonly version: string;
  readonly commit: string;
  readonly daemon: string;
  readonly startedAtSeconds: number;
  cpuSeconds(): number;
  residentBytes(): number;
  openDescriptors(): number;
}

/** Adds `holdfast_build_info` and Prometheus's standard process metrics. */
export function addProcessMetrics(metrics: MetricsRegistry, facts: ProcessFacts): void {
  metrics
    .gauge("holdfast_build_info", "What runs: always 1, the labels tell.", ["daemon", "version", "commit"])
    .set(1, facts.daemon, facts.version, facts.commit);
  metrics.observed("process_start_time_seconds", "When the process began, since 1970.", () => {
    return facts.startedAtSeconds;
  });
  metrics.observed("process_cpu_seconds_total", "Processor time used, user and system.", () => {
    return facts.cpuSeconds();
  });
  metrics.observed("process_resident_memory_bytes", "Memory resident.", () => facts.residentBytes());
  metrics.observed("process_open_fds", "File descriptors open.", () => facts.openDescriptors());
}
