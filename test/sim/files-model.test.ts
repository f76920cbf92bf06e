/** Random operations, the same on every adapter of Files: each answer and the tree at the end must agree.
 *  The memory tree is the model. HOLDFAST_LONG=1: more and longer runs, and the bucket on SQLite as well. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utf8 } from "../../lib/base/bytes.ts";
import { seededEntropy } from "../../lib/base/entropy.ts";
import { pathText, type Path } from "../../lib/base/path.ts";
import { must, type Result } from "../../lib/base/result.ts";
import { asUnixMs, handClock } from "../../lib/base/time.ts";
import { houseActor } from "../../lib/rules/identity.ts";
import { filesOf } from "../../lib/store/bucket-files.ts";
import { create, edit, fresh, listAll, readFile } from "../../lib/store/files-stage.conformance.ts";
import type { Files, OpenFile, OpenHow } from "../../lib/store/files.ts";
import { memoryFiles } from "../../lib/store/memory-files.ts";
import { memoryObjects } from "../../lib/store/memory-objects.ts";
import type { Objects } from "../../lib/store/objects.ts";
import { openStore } from "../../lib/store/open.ts";
import { posixFiles } from "../../lib/store/posix-files.ts";
import { silentLog } from "../../lib/watch/log.ts";

const long = process.env["HOLDFAST_LONG"] === "1";
const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

interface Subject {
  readonly name: string;
  readonly files: Files;
  readonly handles: (OpenFile | undefined)[];
}

const name = fc.constantFrom("a", "b", "a-1", "a.txt", "\u{1f600}", "%0A");
const path = fc.array(name, { minLength: 0, maxLength: 3 });
const how = fc.constantFrom<OpenHow>(
  create,
  edit,
  fresh,
  { ...edit, truncate: true },
  { ...create, truncate: false },
);

type Op =
  | { readonly do: "makeFolder" | "removeFile" | "removeFolder" | "stat"; readonly at: Path }
  | { readonly do: "put"; readonly at: Path; readonly size: number }
  | { readonly do: "rename"; readonly at: Path; readonly to: Path; readonly replace: boolean }
  | { readonly do: "change"; readonly at: Path; readonly mode: number; readonly ms: number }
  | { readonly do: "grow"; readonly at: Path; readonly by: number }
  | { readonly do: "list"; readonly at: Path; readonly after: string; readonly limit: number }
  | { readonly do: "open"; readonly at: Path; readonly how: OpenHow }
  | { readonly do: "write"; readonly handle: number; readonly offset: number; readonly size: number }
  | { readonly do: "cut"; readonly handle: number; readonly size: number }
  | { readonly do: "read"; readonly handle: number; readonly offset: number }
  | { readonly do: "close" | "discard"; readonly handle: number };

const handle = fc.nat(5);
const size = fc.oneof({ weight: 8, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.constant(300_000) });
const words = <T extends string>(...all: T[]): fc.Arbitrary<T> => fc.constantFrom(...all);
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: words("makeFolder"), at: path }) },
  { weight: 3, arbitrary: fc.record({ do: words("removeFile", "removeFolder", "stat"), at: path }) },
  { weight: 4, arbitrary: fc.record({ do: words("put"), at: path, size }) },
  { weight: 4, arbitrary: fc.record({ do: words("rename"), at: path, to: path, replace: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: words("change"), at: path, mode: fc.nat(0o777), ms: fc.nat(2e12) }),
  },
  { weight: 1, arbitrary: fc.record({ do: words("grow"), at: path, by: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: words("list"),
      at: path,
      after: fc.oneof(fc.constant(""), name),
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: words("open"), at: path, how }) },
  { weight: 3, arbitrary: fc.record({ do: words("write"), handle, offset: fc.nat(400), size }) },
  { weight: 1, arbitrary: fc.record({ do: words("cut"), handle, size: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ do: words("read"), handle, offset: fc.nat(30) }) },
  { weight: 3, arbitrary: fc.record({ do: words("close", "close", "discard"), handle }) },
);

const codeOf = (result: Result<unknown>): string => (result.ok ? "ok" : result.fault.code);

/** Bytes that no other step writes. */
const bytesOf = (step: number, length: number): Uint8Array =>
  utf8(`${step}.`.repeat(Math.ceil(length / 2))).slice(0, length);

async function perform(s: Subject, op: Op, step: number): Promise<unknown> {
  const { files } = s;
  switch (op.do) {
    case "makeFolder":
    case "removeFile":
    case "removeFolder":
      return codeOf(await files[op.do](op.at));
    case "stat":
      return seen(await files.stat(op.at));
    case "put": {
      const file = await files.open(op.at, create);
      if (!file.ok) return file.fault.code;
      must(await file.value.write(0, bytesOf(step, op.size)));
      return codeOf(await file.value.close());
    }
    case "rename":
      return codeOf(await files.rename(op.at, op.to, op.replace));
    case "change": {
      if (op.at.length === 0) return "root";
      return codeOf(await files.change(op.at, { mode: op.mode | 0o600, modifiedAt: asUnixMs(op.ms) }));
    }
    case "grow": {
      const stat = await files.stat(op.at);
      if (!stat.ok || stat.value.kind !== "file") return "no file";
      return codeOf(await files.change(op.at, { size: stat.value.size + op.by }));
    }
    case "list":
      return listFrom(files, op.at, op.after, op.limit);
    default:
      return onHandle(s, op, step);
  }
}

/** All names after one, in pages of at most `limit`. */
async function listFrom(files: Files, at: Path, after: string, limit: number): Promise<unknown> {
  const found: string[] = [];
  for (let from: string | undefined = after; from !== undefined;) {
    const page: Awaited<ReturnType<Files["list"]>> = await files.list(at, from, limit);
    if (!page.ok) return page.fault.code;
    expect(page.value.rows.length).toBeLessThanOrEqual(limit);
    found.push(...page.value.rows.map((row) => row.name));
    from = page.value.next;
  }
  return found;
}

async function onHandle(
  s: Subject,
  op: Extract<Op, { handle: number } | { do: "open" }>,
  step: number,
): Promise<unknown> {
  if (op.do === "open") {
    const file = await s.files.open(op.at, op.how);
    s.handles.push(file.ok ? file.value : undefined);
    return codeOf(file);
  }
  const file = s.handles[op.handle];
  if (!file) return "no handle";
  switch (op.do) {
    case "write":
      return codeOf(await file.write(op.offset, bytesOf(step, op.size)));
    case "cut":
      return codeOf(await file.change({ size: op.size }));
    case "read": {
      const bytes = await file.read(op.offset, 50);
      return bytes.ok ? Buffer.from(bytes.value).toString("latin1") : bytes.fault.code;
    }
    case "discard":
      await file.discard();
      return "ok";
    case "close":
      break;
  }
  return codeOf(await file.close());
}

function seen(result: Awaited<ReturnType<Files["stat"]>>): unknown {
  if (!result.ok) return result.fault.code;
  return { kind: result.value.kind, size: result.value.size };
}

async function snapshot(files: Files, at: Path): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const { name, kind, size, mode } of await listAll(files, pathText(at), 2)) {
    const here = [...at, name];
    found[pathText(here)] = [kind, size, mode, kind === "file" ? await readFile(files, pathText(here)) : ""];
    if (kind === "folder") Object.assign(found, await snapshot(files, here));
  }
  return found;
}

async function bucketFiles(objects: Objects, staging: string): Promise<Files> {
  must(await objects.createBucket(houseActor, { name: "home", tenant: "t1", owner: "u1" }));
  const needs = { actor: houseActor, staging, clock: handClock(), entropy: seededEntropy(2) };
  return filesOf(objects, "home", "team/x/", needs);
}

test(`every adapter of Files answers alike (HOLDFAST_SEED=${seed})`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-model-"));
  let run = 0;
  const property = fc.asyncProperty(fc.array(op, { maxLength: long ? 80 : 40, size: "max" }), async (ops) => {
    const here = await mkdtemp(join(folder, `${run++}-`));
    await using undo = new AsyncDisposableStack();
    undo.defer(() => rm(here, { recursive: true }));
    const given = { clock: handClock(), entropy: seededEntropy(1) };
    const posix = undo.use(must(posixFiles(await mkdtemp(join(here, "posix-")), given)));
    const staging = await mkdtemp(join(here, "staging-"));
    const bucket = await bucketFiles(memoryObjects(given), staging);
    const all: Subject[] = [
      { name: "memory", files: memoryFiles(given), handles: [] },
      { name: "bucket", files: bucket, handles: [] },
      { name: "posix", files: posix, handles: [] },
    ];
    if (long && run % 10 === 0) {
      const store = undo.use(await openStore(join(here, "store"), { ...given, log: silentLog }));
      all.push({ name: "sqlite", files: await bucketFiles(store.objects, store.staging), handles: [] });
    }
    for (const [step, one] of ops.entries()) {
      const [model, ...others] = await Promise.all(all.map((s) => perform(s, one, step)));
      others.forEach((answer, i) => {
        expect({ step, op: one, by: all[i + 1]!.name, answer }).toEqual({
          step,
          op: one,
          by: all[i + 1]!.name,
          answer: model,
        });
      });
    }
    for (const s of all) for (const file of s.handles) await file?.discard();
    const [model, ...others] = await Promise.all(all.map((s) => snapshot(s.files, [])));
    others.forEach((tree, i) =>
      expect({ by: all[i + 1]!.name, tree }).toEqual({ by: all[i + 1]!.name, tree: model! }),
    );
  });
  try {
    await fc.assert(property, { numRuns: long ? 600 : 20, seed });
  } finally {
    await rm(folder, { recursive: true });
  }
}, 600_000);
