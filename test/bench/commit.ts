/** Several processes writing to one catalog at once: how long each commit waits.
 *  `bun test/bench/commit.ts [--processes 4] [--seconds 5] [--workers 8]` */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { must } from "../../lib/base/result.ts";
import { asInstant, asUnixMs } from "../../lib/base/time.ts";
import { houseActor } from "../../lib/rules/identity.ts";
import { openStore } from "../../lib/store/open.ts";
import { silentLog } from "../../lib/watch/log.ts";

const { values } = parseArgs({
  options: {
    processes: { type: "string", default: "4" },
    seconds: { type: "string", default: "5" },
    workers: { type: "string", default: "8" },
    child: { type: "string" },
  },
});
const needs = {
  clock: { now: () => asInstant(performance.now()), wall: () => asUnixMs(Date.now()) },
  entropy: (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count)),
  log: silentLog,
};
const body = new Uint8Array(4096).fill(7);
const put = {
  contentType: undefined,
  headers: {},
  metadata: {},
  tags: {},
  modifiedAt: undefined,
  digests: [],
  expect: () => ({}),
  when: {},
};

async function* chunk(): AsyncGenerator<Uint8Array> {
  yield body.slice();
}

/** Writes for some seconds and prints every wait, and how late the event loop's own timer was. */
async function child(data: string): Promise<void> {
  await using store = await openStore(data, needs);
  const waits: number[] = [];
  let latest = 0;
  let ticked = performance.now();
  const ticker = setInterval(() => {
    latest = Math.max(latest, performance.now() - ticked - 5);
    ticked = performance.now();
  }, 5);
  const until = performance.now() + Number(values.seconds) * 1000;
  let next = 0;
  const one = async (): Promise<void> => {
    while (performance.now() < until) {
      const at = performance.now();
      const name = { bucket: "house", key: `${process.pid}/${next++}` };
      must(await store.objects.put(houseActor, name, { size: body.length, chunks: chunk() }, put));
      waits.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: Number(values.workers) }, one));
  clearInterval(ticker);
  console.log(JSON.stringify({ waits, latest }));
}

async function main(): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
  {
    await using store = await openStore(data, needs);
    must(await store.objects.createBucket(houseActor, { name: "house", tenant: "main", owner: "u1" }));
  }
  const args = [process.execPath, import.meta.path, "--child", data];
  const more = ["--seconds", values.seconds, "--workers", values.workers];
  const children = Array.from({ length: Number(values.processes) }, () =>
    Bun.spawn([...args, ...more], { stdout: "pipe", stderr: "inherit" }),
  );
  for (const [i, running] of children.entries()) {
    const { waits, latest } = JSON.parse(await new Response(running.stdout).text()) as {
      waits: number[];
      latest: number;
    };
    waits.sort((a, b) => a - b);
    const quantile = (q: number): string => waits[Math.floor((waits.length - 1) * q)]!.toFixed(1);
    const rate = Math.round(waits.length / Number(values.seconds));
    console.log(
      `process ${i + 1}: ${String(rate).padStart(6)}/s  p50 ${quantile(0.5)}  p99 ${quantile(0.99)}  ` +
        `max ${quantile(1)} ms  event loop late by at most ${latest.toFixed(1)} ms`,
    );
  }
  await rm(data, { recursive: true });
}

await (values.child === undefined ? main() : child(values.child));
