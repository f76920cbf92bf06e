import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { recordedFile } from "../../packaging/compatibility.ts";

/** Programs of the tests, as people name them; others are not recorded. */
const names: Readonly<Record<string, string>> = {
  aws: "aws cli",
  python3: "boto3",
  rclone: "rclone",
  restic: "restic",
  s3cmd: "s3cmd",
};

export const recording = process.env["HOLDFAST_RECORD"] !== undefined;

/** How often each operation succeeded so far, by the daemon's own count. */
export async function succeeded(data: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const answer = await fetch("http://house/metrics", { unix: join(data, "run/s3d.sock") });
  const line = /^holdfast_s3_requests_total\{operation="(\w+)",status="[23]\d\d"\} (\d+)/gm;
  for (const [, operation, count] of (await answer.text()).matchAll(line)) {
    found.set(operation!, (found.get(operation!) ?? 0) + Number(count));
  }
  return found;
}

/** Adds what a client has done between the two counts to packaging/s3-clients.json. */
export function record(program: string, before: Map<string, number>, after: Map<string, number>): void {
  const client = names[program];
  if (client === undefined) return;
  const all = JSON.parse(readFileSync(recordedFile, "utf8")) as Record<string, string[]>;
  for (const [operation, count] of after) {
    if (count <= (before.get(operation) ?? 0) || operation === "none") continue;
    all[operation] = [...new Set([...(all[operation] ?? []), client])].sort();
  }
  const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(recordedFile, `${JSON.stringify(sorted, undefined, 2)}\n`);
}
