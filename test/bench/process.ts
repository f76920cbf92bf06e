/** What a process and its children have used so far (Linux /proc). */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

export interface ProcessUse {
  /** User and system time, in seconds. */
  readonly cpuSeconds: number;
  /** Largest resident set any of them has had, added up, in bytes. */
  readonly peakBytes: number;
}

const ticksPerSecond = 100; // USER_HZ: 100 on every Linux that Bun runs on

export function useOf(pids: readonly number[]): ProcessUse {
  const all = [...new Set(pids.flatMap(withChildren))];
  return {
    cpuSeconds: all.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    peakBytes: all.reduce((sum, pid) => sum + statusBytes(pid, "VmHWM"), 0),
  };
}

export const residentBytes = (pid: number): number => statusBytes(pid, "VmRSS");

function withChildren(pid: number): number[] {
  const children = tryRead(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean).map(Number);
  return [pid, ...children.flatMap(withChildren)];
}

/** Of one process, its ended children included. */
export function cpuSeconds(pid: number): number {
  const fields = tryRead(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
  const ticks = fields.slice(11, 15).map(Number); // utime stime cutime cstime: its ended children's too
  return ticks.reduce((sum, each) => sum + each, 0) / ticksPerSecond;
}

function statusBytes(pid: number, name: string): number {
  const row = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(tryRead(`/proc/${pid}/status`));
  return Number(row?.[1] ?? 0) * 1024;
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended
  }
}

/** The processor's name and the number of cores, for the record. */
export function machine(): string {
  const name = /^model name\s*: (.*)$/m.exec(tryRead("/proc/cpuinfo"))?.[1] ?? process.arch;
  return `${name.trim()}, ${availableParallelism()} cores`;
}
