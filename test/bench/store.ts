/** The store alone: durable 4 KiB puts, point reads, listings. `bun test/bench/store.ts [--keys N]`
 *  Prints one line a measure; nothing is compared, see results.md for that. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { must } from "../../lib/base/result.ts";
import { asInstant, asUnixMs } from "../../lib/base/time.ts";
import { openStore, type Store } from "../../lib/store/open.ts";
import type { NewObject } from "../../lib/store/objects.ts";
import { houseActor } from "../../lib/rules/identity.ts";
import { silentLog } from "../../lib/watch/log.ts";

const { values } = parseArgs({
  options: { keys: { type: "string", default: "100000" }, seconds: { type: "string", default: "3" } },
});
const keys = Number(values.keys);
const seconds = Number(values.seconds);
const clock = { now: () => asInstant(performance.now()), wall: () => asUnixMs(Date.now()) };
const entropy = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));

const newObject: NewObject = {
  contentType: "application/octet-stream",
  headers: {},
  metadata: {},
  tags: {},
  modifiedAt: undefined,
  digests: ["crc64nvme"],
  expect: () => ({}),
  when: {},
};

function sourceOf(bytes: Uint8Array) {
  return {
    size: bytes.length,
    chunks: (async function* () {
      yield bytes.slice();
    })(),
  };
}

const keyOf = (i: number): string => `dir${i % 100}/${String(i).padStart(9, "0")}`;

async function loop(name: string, workers: number, run: (i: number) => Promise<void>): Promise<void> {
  const waits: number[] = [];
  const until = performance.now() + seconds * 1000;
  let next = 0;
  const cpu = process.cpuUsage();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (performance.now() < until) {
        const at = performance.now();
        await run(next++);
        waits.push(performance.now() - at);
      }
    }),
  );
  const took = (performance.now() - started) / 1000;
  waits.sort((a, b) => a - b);
  const quantile = (q: number): string => waits[Math.floor((waits.length - 1) * q)]!.toFixed(2);
  const used = process.cpuUsage(cpu);
  const rate = Math.round(waits.length / took);
  console.log(
    `${name.padEnd(34)} ${String(rate).padStart(7)}/s  p50 ${quantile(0.5)} p99 ${quantile(0.99)} ` +
      `max ${quantile(1)} ms  cpu ${((used.user + used.system) / 1e6 / took).toFixed(2)}`,
  );
}

async function fill(store: Store, from: number, to: number): Promise<void> {
  const body = new Uint8Array(100);
  for (let at = from; at < to; at += 256) {
    const batch = Array.from({ length: Math.min(256, to - at) }, (_, i) =>
      store.objects.put(houseActor, { bucket: "house", key: keyOf(at + i) }, sourceOf(body), newObject),
    );
    (await Promise.all(batch)).forEach(must);
  }
}

const data = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
const store = await openStore(data, { clock, entropy, log: silentLog });
const { objects } = store;
try {
  must(await objects.createBucket(houseActor, { name: "house", tenant: "main", owner: "u1" }));
  must(await objects.createBucket(houseActor, { name: "puts", tenant: "main", owner: "u1" }));
  const body = entropy(4096);
  const put = async (key: string): Promise<void> => {
    must(await objects.put(houseActor, { bucket: "puts", key }, sourceOf(body), newObject));
  };
  for (const workers of [1, 16, 32, 64]) {
    await loop(`put 4 KiB, new keys, c=${workers}`, workers, (i) => put(`${workers}/${i}`));
  }
  await loop("put 4 KiB, overwriting 1,000, c=32", 32, (i) => put(`o/${i % 1000}`));
  await loop("get 4 KiB, c=16", 16, async (i) => {
    const got = must(await objects.get({ bucket: "puts", key: `o/${i % 1000}` }));
    await got.content.close();
  });
  await loop("head, c=16", 16, async (i) => {
    must(await objects.head({ bucket: "puts", key: `o/${i % 1000}` }));
  });
  const started = performance.now();
  await fill(store, 0, keys);
  console.log(`filled ${keys} keys at ${Math.round((keys / (performance.now() - started)) * 1000)}/s`);
  await loop(`head of ${keys}, scattered, c=16`, 16, async (i) => {
    must(await objects.head({ bucket: "house", key: keyOf((i * 7919) % keys) }));
  });
  const ask = { bucket: "house", delimiter: "", limit: 1000 };
  await loop(`list 1,000 of ${keys}`, 1, async (i) => {
    const page = must(await objects.list({ ...ask, prefix: "", after: keyOf((i * 7919) % keys) }));
    if (page.objects.length === 0) throw new Error("empty page");
  });
  await loop(`list 100 folders of ${keys}`, 1, async () => {
    must(await objects.list({ ...ask, prefix: "", delimiter: "/", after: "" }));
  });
  await loop("remove, c=32", 32, async (i) => {
    must(await objects.remove(houseActor, { bucket: "puts", key: `32/${i}` }));
  });
} finally {
  await store[Symbol.asyncDispose]();
  await rm(data, { recursive: true });
}
