import { afterEach, beforeEach, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utf8 } from "../../base/bytes.ts";
import { seededEntropy } from "../../base/entropy.ts";
import { fail, must, ok, type Result } from "../../base/result.ts";
import { handClock } from "../../base/time.ts";
import { encryptionDocument, type EncryptionAsk } from "../../rules/encryption.ts";
import { houseActor } from "../../rules/identity.ts";
import { silentLog } from "../../watch/log.ts";
import type { KeyContext, KeyService } from "../keys.ts";
import type { NewObject } from "../objects.ts";
import { openStore, type Store } from "../open.ts";

const by = houseActor;
const never = new AbortController().signal;
const word = "a plain word that must not be seen";
const place: { data: string; store: Store } = {} as never;

const open = (keyService?: KeyService): Promise<Store> =>
  openStore(place.data, { clock: handClock(), entropy: seededEntropy(1), log: silentLog, keyService });

beforeEach(async () => {
  place.data = await mkdtemp(join(tmpdir(), "holdfast-keys-"));
  place.store = await open();
  must(await place.store.objects.createBucket(by, { name: "house", tenant: "main", owner: "u" }));
});
afterEach(async () => {
  await place.store[Symbol.asyncDispose]();
  await rm(place.data, { recursive: true, force: true });
});

async function put(
  key: string,
  encryption: EncryptionAsk | undefined,
  text = word,
  times = 1,
): Promise<void> {
  const bytes = utf8(text.repeat(times));
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(bytes.slice());
  }
  const ask: NewObject = {
    contentType: undefined,
    headers: {},
    metadata: {},
    tags: {},
    modifiedAt: undefined,
    digests: [],
    expect: () => ({}),
    when: {},
    encryption,
  };
  const body = { size: bytes.length, chunks: chunks() };
  must(await place.store.objects.put(by, { bucket: "house", key }, body, ask));
}

async function read(key: string, customerKey?: Uint8Array): Promise<Result<string>> {
  const got = await place.store.objects.get({ bucket: "house", key }, undefined, { customerKey });
  if (!got.ok) return got;
  let text = "";
  for await (const chunk of got.value.content.read(0, got.value.content.size)) {
    text += new TextDecoder().decode(chunk);
  }
  await got.value.content.close();
  return ok(text);
}

const under = (key?: string): EncryptionAsk => ({ kind: "key", key, context: undefined, bucketKey: false });

/** Every byte of the data directory. */
async function disk(): Promise<Buffer> {
  const names = await readdir(place.data, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Buffer.concat(await Promise.all(files.map((file) => readFile(file))));
}

test("nothing of a sealed object is on disk, small or large, whoever seals it", async () => {
  const customer = new Uint8Array(32).fill(9);
  for (const [name, ask] of [
    ["house", { kind: "house" }],
    ["key", under()],
    ["customer", { kind: "customer", key: customer }],
  ] as const) {
    await put(`${name}-small`, ask);
    await put(`${name}-large`, ask, word, 10_000);
    expect(must(await read(`${name}-large`, customer))).toBe(word.repeat(10_000));
    expect(must(await read(`${name}-small`, customer))).toBe(word);
  }
  const all = await disk();
  expect(all.includes(word)).toBe(false);
  expect(all.includes(customer)).toBe(false);
  await put("plain", undefined);
  expect((await disk()).includes(word)).toBe(true);
});

test("a rotation seals anew, is carried out in the background, and shows how far it has come", async () => {
  const { keyRing } = place.store;
  const { id } = must(await keyRing.addKey(by, "main", "payroll"));
  for (let i = 0; i < 5; i++) await put(`k${i}`, under("alias/payroll"));
  must(await keyRing.rotateKey(by, "main", "payroll"));
  expect(must(await keyRing.key("main", id))).toMatchObject({ version: 2, seals: 5, pending: 5 });
  await put("new", under(`arn:aws:kms:us-east-1:main:key/${id}`));
  expect(must(await keyRing.key("main", id))).toMatchObject({ seals: 6, pending: 5 });
  expect(must(await keyRing.rewrap(never))).toBe(5);
  expect(must(await keyRing.key("main", id))).toMatchObject({ seals: 6, pending: 0 });
  expect(must(await keyRing.rewrap(never))).toBe(0);
  for (const key of ["k0", "k4", "new"]) expect(must(await read(key))).toBe(word);
  await put("h", { kind: "house" });
  must(await keyRing.rotateKey(by, "main", "house"));
  expect(must(await keyRing.rewrap(never))).toBe(1);
  expect(must(await read("h"))).toBe(word);
});

test("a disabled key opens nothing from then on, in every process; a retired one only opens", async () => {
  const { keyRing } = place.store;
  must(await keyRing.addKey(by, "main", "k"));
  await put("a", under("k"));
  await using other = await open();
  must(await read("a"));
  must(await other.keyRing.setKeyState(by, "main", "k", "disabled"));
  expect(await read("a")).toMatchObject({ ok: false, fault: { code: "denied", where: "kms-key-disabled" } });
  must(await keyRing.setKeyState(by, "main", "k", "retired"));
  expect(must(await read("a"))).toBe(word);
  const refused = await put("b", under("k")).then(
    () => "stored",
    () => "refused",
  );
  expect(refused).toBe("refused");
  expect(await keyRing.removeKey(by, "main", "k")).toMatchObject({ fault: { code: "conflict" } });
  must(await place.store.objects.remove(by, { bucket: "house", key: "a" }));
  must(await keyRing.removeKey(by, "main", "k"));
  expect(await keyRing.key("main", "k")).toMatchObject({ fault: { code: "not-found" } });
});

test("a key is its tenant's alone, the house's own everybody's and only rotated", async () => {
  const { keyRing } = place.store;
  const { id } = must(await keyRing.addKey(by, "main", "k"));
  expect(await keyRing.key("other", id)).toMatchObject({ fault: { code: "not-found" } });
  expect(await keyRing.addKey(by, "main", "k")).toMatchObject({ fault: { code: "exists" } });
  expect(await keyRing.addKey(by, "main", "a b")).toMatchObject({ fault: { code: "bad-name" } });
  await put("h", { kind: "house" });
  const state = await keyRing.setKeyState(by, "main", "house", "disabled");
  expect(state).toMatchObject({ fault: { code: "invalid" } });
  expect((await keyRing.keys("other")).map((key) => key.id)).toEqual(["house"]);
});

test("a copy is sealed as its own bucket says, and shares the bytes where that is the same", async () => {
  const { objects } = place.store;
  must(await objects.createBucket(by, { name: "sealed", tenant: "main", owner: "u" }));
  const documents = { [encryptionDocument]: JSON.stringify({ kind: "house" }) };
  must(await objects.changeBucket(by, "sealed", { documents }));
  await put("plain", undefined, "openly said", 20_000);
  const from = { bucket: "house", key: "plain", version: undefined };
  const rest = { facts: undefined, when: {}, digests: [] };
  const made = must(await objects.copy(by, { from, to: { bucket: "sealed", key: "c" }, ...rest }));
  expect(made.encryption).toEqual({ kind: "house" });
  expect(made.etag).toBe(must(await objects.head(from)).etag);
  const again = { bucket: "sealed", key: "c", version: undefined };
  must(await objects.copy(by, { from: again, to: { bucket: "sealed", key: "d" }, ...rest }));
  must(await objects.remove(by, { bucket: "house", key: "plain" }));
  must(await objects.remove(by, { bucket: "sealed", key: "c" }));
  const got = must(await objects.get({ bucket: "sealed", key: "d" }));
  expect(got.content.size).toBe(11 * 20_000);
  await got.content.close();
  const read = new Database(join(place.data, "catalog.db"), { readonly: true });
  expect(read.query("SELECT count(*) AS n FROM blobs").get()).toEqual({ n: 1 });
  expect(read.query("SELECT count(*) AS n FROM blob_keys").get()).toEqual({ n: 1 });
  read.close();
});

/** A key service in memory that binds to the context and counts what it is asked. */
function service(): KeyService & { asked: number; down: boolean } {
  const kept = new Map<string, { plain: Uint8Array; context: string }>();
  const entropy = seededEntropy(77);
  return {
    asked: 0,
    down: false,
    async newDataKey(key, context: KeyContext) {
      this.asked++;
      if (this.down) return fail("unavailable", "away");
      const [plain, sealed] = [entropy(32), entropy(60)];
      kept.set(sealed.toBase64(), { plain, context: JSON.stringify(context) });
      return ok({ plain, sealed, key: key ?? "arn:aws:kms:x:1:key/default" });
    },
    async open(sealed, context) {
      this.asked++;
      if (this.down) return fail("unavailable", "away");
      const found = kept.get(sealed.toBase64());
      const same = found && Object.keys(JSON.parse(found.context)).length === Object.keys(context).length;
      return same ? ok(found.plain) : fail("denied", "another context");
    },
  };
}

test("a key service seals instead of the ring, and with bucket keys is asked seldom", async () => {
  await place.store[Symbol.asyncDispose]();
  const kms = service();
  place.store = await open(kms);
  const context = { team: "a" };
  await put("one", { kind: "key", key: undefined, context, bucketKey: false });
  expect(must(await place.store.objects.head({ bucket: "house", key: "one" })).encryption).toEqual({
    kind: "key",
    key: "arn:aws:kms:x:1:key/default",
    context,
    bucketKey: false,
  });
  expect(must(await read("one"))).toBe(word);
  kms.asked = 0;
  for (let i = 0; i < 5; i++) {
    await put(`b${i}`, { kind: "key", key: "k", context: undefined, bucketKey: true });
    expect(must(await read(`b${i}`))).toBe(word);
  }
  expect(kms.asked).toBe(2);
  kms.down = true;
  expect(await read("one")).toMatchObject({ fault: { code: "unavailable" } });
  expect((await disk()).includes(word)).toBe(false);
});
