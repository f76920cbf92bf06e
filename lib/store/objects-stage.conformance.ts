import { expect, test } from "bun:test";
import { concat, lossyText, utf8 } from "../base/bytes.ts";
import { seededEntropy, type Entropy } from "../base/entropy.ts";
import type { FaultCode } from "../base/fault.ts";
import { must, type Result } from "../base/result.ts";
import { asUnixMs, handClock, type Clock } from "../base/time.ts";
import { houseActor } from "../rules/identity.ts";
import type { Digests, Source } from "./content.ts";
import type { Bucket, NewBucket, NewObject, ObjectName, Objects, ObjectVersion } from "./objects.ts";

/** Opens an empty store; called once a test. Disposing it removes whatever it left behind. */
export type OpenObjects = (given: {
  clock: Clock;
  entropy: Entropy;
}) => Promise<{ readonly objects: Objects } & AsyncDisposable>;

/** What every test of the suite is given. */
export interface Stage {
  readonly objects: Objects;
  readonly clock: ReturnType<typeof handClock>;
}

export const actor = houseActor;
export const at = (key: string): ObjectName => ({ bucket: "house", key });

/** A test on a store of its own. */
export function checker(open: OpenObjects): (what: string, run: (s: Stage) => Promise<void>) => void {
  return (what, run) =>
    test(what, async () => {
      const clock = handClock();
      await using opened = await open({ clock, entropy: seededEntropy(what.length + 1) });
      await run({ objects: opened.objects, clock });
    });
}

export async function makeBucket(s: Stage, more: Partial<NewBucket> = {}): Promise<Bucket> {
  const ask = { name: "house", tenant: "t1", owner: "u1", ...more };
  return must(await s.objects.createBucket(actor, ask));
}

export function source(...chunks: (string | Uint8Array)[]): Source {
  const bytes = chunks.map((chunk) => (typeof chunk === "string" ? utf8(chunk) : chunk));
  return { size: bytes.reduce((sum, chunk) => sum + chunk.length, 0), chunks: stream(bytes) };
}

/** The chunks one by one, each after a turn of the event loop, so that writers meet. */
export async function* stream(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Bun.sleep(0);
    yield chunk.slice();
  }
}

export async function* brokenStream(): AsyncGenerator<Uint8Array> {
  yield utf8("half");
  await Bun.sleep(0);
  throw new Error("the sender is gone");
}

export function newObject(more: Partial<NewObject> = {}): NewObject {
  const plain = { contentType: undefined, headers: {}, metadata: {}, tags: {}, modifiedAt: undefined };
  return { ...plain, digests: [], expect: (): Digests => ({}), when: {}, ...more };
}

export const tryPut = (
  s: Stage,
  key: string,
  text: string,
  more: Partial<NewObject> = {},
): Promise<Result<ObjectVersion>> => s.objects.put(actor, at(key), source(text), newObject(more));

/** Puts, and lets the clock go on, so that versions have an order to be told apart by. */
export async function put(
  s: Stage,
  key: string,
  text: string,
  more: Partial<NewObject> = {},
): Promise<ObjectVersion> {
  s.clock.advance(5);
  return must(await tryPut(s, key, text, more));
}

/** The content as text, or the fault's code. */
export async function read(s: Stage, key: string, version?: string): Promise<string> {
  const got = await s.objects.get(at(key), version);
  if (!got.ok) return `fault ${got.fault.code}`;
  const { content } = got.value;
  const parts: Uint8Array[] = [];
  for await (const chunk of content.read(0, content.size)) parts.push(chunk.slice());
  await content.close();
  return lossyText(concat(parts));
}

export async function remove(s: Stage, key: string, version?: string): Promise<void> {
  s.clock.advance(5);
  must(await s.objects.remove(actor, at(key), version));
}

export function expectFault(result: Result<unknown>, ...codes: FaultCode[]): void {
  expect(result.ok ? "ok" : result.fault.code).toBeOneOf(codes);
}

/** Every page of a listing, at most `limit` rows each: keys, and "prefix/" for what is rolled up. */
export async function listAll(s: Stage, limit: number, prefix = "", delimiter = ""): Promise<string[]> {
  const found: string[] = [];
  let after = "";
  for (;;) {
    const page = must(await s.objects.list({ bucket: "house", prefix, delimiter, after, limit }));
    const rows = [...page.objects.map(({ key }) => key), ...page.prefixes.map((text) => `${text}…`)];
    expect(rows.length).toBeLessThanOrEqual(limit);
    if (page.next !== undefined) expect(rows.length).toBe(limit);
    found.push(...rows);
    if (page.next === undefined) return found;
    after = page.next;
  }
}

/** Every page of the versions: "key@version", a "!" for a delete marker, "prefix/…". */
export async function versionsAll(s: Stage, limit: number, prefix = "", delimiter = ""): Promise<string[]> {
  const found: string[] = [];
  let [after, afterVersion] = ["", ""];
  for (;;) {
    const ask = { bucket: "house", prefix, delimiter, after, afterVersion, limit };
    const page = must(await s.objects.listVersions(ask));
    const rows = page.versions.map((v) => `${v.key}@${v.version}${v.deleteMarker ? "!" : ""}`);
    rows.push(...page.prefixes.map((text) => `${text}…`));
    expect(rows.length).toBeLessThanOrEqual(limit);
    found.push(...rows);
    if (page.next === undefined) return found;
    [after, afterVersion] = [page.next.key, page.next.version];
  }
}

export const later = (s: Stage, ms: number): ReturnType<typeof asUnixMs> => asUnixMs(s.clock.wall() + ms);
