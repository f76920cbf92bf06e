import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { hex } from "../base/bytes.ts";
import { seededEntropy } from "../base/entropy.ts";
import { must } from "../base/result.ts";
import { handClock } from "../base/time.ts";
import { encryptionDocument } from "../rules/encryption.ts";
import { houseActor } from "../rules/identity.ts";
import { ownThread } from "./blobs/sink-pool.ts";
import { systemFiles } from "./blobs/file-ops.ts";
import { workerPool } from "./blobs/worker-pool.ts";
import { filesOf } from "./bucket-files.ts";
import { digestsOf } from "./digests.ts";
import { create, p, pattern, readWhole, reading } from "./files-stage.conformance.ts";
import type { Files } from "./files.ts";
import { filesConformance } from "./files.conformance.ts";
import { openStore, type Store } from "./open.ts";

interface Opened extends AsyncDisposable {
  readonly files: Files;
  readonly store: Store;
  readonly data: string;
}

/** A bucket of the real store, whose drafts flow through its own hashing. */
async function open(hashing = ownThread(systemFiles), documents = {}): Promise<Opened> {
  const data = await mkdtemp(join(tmpdir(), "holdfast-store-"));
  const given = { clock: handClock(), entropy: seededEntropy(3) };
  const log = { info() {}, warn() {} };
  const store = await openStore(data, { ...given, log, pool: hashing });
  must(await store.objects.createBucket(houseActor, { name: "home", tenant: "t1", owner: "u1" }));
  must(await store.objects.changeBucket(houseActor, "home", { documents }));
  const { staging, pool } = store;
  const files = filesOf(store.objects, "home", "", { ...given, actor: houseActor, staging, pool });
  return {
    files,
    store,
    data,
    async [Symbol.asyncDispose]() {
      expect(await readdir(staging)).toEqual([]);
      await store[Symbol.asyncDispose]();
      await rm(data, { recursive: true });
    },
  };
}

filesConformance("files of the store", () => open());
const sealed = { [encryptionDocument]: JSON.stringify({ kind: "house" }) };
/** In a sealed bucket, where drafts are sealed too. */
filesConformance("files of the store, sealed", () => open(ownThread(systemFiles), sealed));
/** With the threads that hash, as the daemons have them. */
filesConformance("files of the store, hashed in threads", () => open(workerPool(1)));

test("what came in order becomes a blob as it lies, hashed once", async () => {
  await using opened = await open();
  const { files, store, data } = opened;
  const whole = pattern(1_000_000);
  const file = must(await files.open(p("/f"), create));
  for (let at = 0; at < whole.length; at += 50_000) must(await file.write(at, whole.slice(at, at + 50_000)));
  const [draft] = await readdir(store.staging);
  must(await file.close());
  const { etag } = must(await store.objects.head({ bucket: "home", key: "f" }));
  expect(etag).toBe(hex(digestsOf(["md5"], whole).md5!));
  expect(await readdir(join(data, "blobs", draft!.slice(-2)))).toEqual([draft!]);
  const back = must(await files.open(p("/f"), reading));
  expect(Buffer.compare(await readWhole(back), whole)).toBe(0);
  must(await back.close());
});

test("what was flushed in the middle and went on is hashed anew", async () => {
  await using opened = await open();
  const { files, store } = opened;
  const whole = pattern(900_000);
  const file = must(await files.open(p("/f"), { ...create, read: true }));
  must(await file.write(0, whole.slice(0, 500_000)));
  must(await file.flush());
  expect(must(await file.read(499_990, 100))).toEqual(whole.slice(499_990, 500_000));
  must(await file.write(500_000, whole.slice(500_000)));
  must(await file.close());
  const { etag } = must(await store.objects.head({ bucket: "home", key: "f" }));
  expect(etag).toBe(hex(digestsOf(["md5"], whole).md5!));
});

test("a draft that came in order and is dropped, or loses its base, leaves nothing", async () => {
  await using opened = await open();
  const { files, store } = opened;
  for (const end of ["discard", "close"] as const) {
    const file = must(await files.open(p("/f"), create));
    must(await file.write(0, pattern(400_000)));
    must(
      await files.open(p("/f"), create).then((other) =>
        must(other)
          .close()
          .then(() => other),
      ),
    );
    if (end === "close") expect((await file.close()).ok).toBe(false);
    else await file.discard();
    must(await files.removeFile(p("/f")));
  }
  expect(must(await store.objects.usage("home"))).toEqual({ bytes: 0, objects: 0 });
});

test("of a file that is being written into a sealed bucket nothing is on disk, in any order", async () => {
  await using opened = await open(ownThread(systemFiles), sealed);
  const { files, data } = opened;
  const text = "a plain word that must not be seen\n".repeat(20_000);
  const whole = new TextEncoder().encode(text);
  const file = must(await files.open(p("/f"), create));
  const starts = Array.from({ length: Math.ceil(whole.length / 10_000) }, (_, i) => i * 10_000);
  for (const at of starts.sort((a, b) => (a % 7) - (b % 7))) {
    must(await file.write(at, whole.slice(at, at + 10_000)));
  }
  must(await file.flush());
  const seen = async (): Promise<string[]> => {
    const entries = await readdir(data, { recursive: true, withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const bodies = await Promise.all(names.map(async (name) => [name, await Bun.file(name).text()] as const));
    return bodies.filter(([, body]) => body.includes("must not be seen")).map(([name]) => name);
  };
  expect(await seen()).toEqual([]);
  must(await file.close());
  expect(await seen()).toEqual([]);
  const again = must(await files.open(p("/f"), reading));
  expect(new TextDecoder().decode(await readWhole(again))).toBe(text);
  must(await again.close());
});
