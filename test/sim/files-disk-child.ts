/** What files say on a disk of one mebibyte, then a read-only one, then without descriptors. Told as JSON. */
import { closeSync, mkdirSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { seededEntropy } from "../../lib/base/entropy.ts";
import { must, type Result } from "../../lib/base/result.ts";
import { handClock } from "../../lib/base/time.ts";
import { houseActor } from "../../lib/rules/identity.ts";
import { filesOf } from "../../lib/store/bucket-files.ts";
import type { Files, OpenFile, OpenHow } from "../../lib/store/files.ts";
import { memoryObjects } from "../../lib/store/memory-objects.ts";
import { posixFiles } from "../../lib/store/posix-files.ts";

const disk = process.argv[2]!;
const given = { clock: handClock(), entropy: seededEntropy(1) };
const create: OpenHow = { read: false, write: true, create: "may", truncate: true };
const reading: OpenHow = { read: true, write: false, create: "must", truncate: false };
const said: Record<string, unknown> = {};
const codeOf = (result: Result<unknown>): string => (result.ok ? "ok" : result.fault.code);

mkdirSync(join(disk, "tree"));
mkdirSync(join(disk, "staging"));
const posix = must(posixFiles(join(disk, "tree"), given));
const objects = memoryObjects(given);
must(await objects.createBucket(houseActor, { name: "home", tenant: "t1", owner: "u1" }));
const needs = { ...given, actor: houseActor, staging: join(disk, "staging") };
const bucket = filesOf(objects, "home", "", needs);

async function put(files: Files, name: string, size: number): Promise<string> {
  const file = await files.open([name], create);
  if (!file.ok) return file.fault.code;
  for (let at = 0; at < size; at += 65_536) {
    const written = await file.value.write(at, new Uint8Array(Math.min(65_536, size - at)));
    if (written.ok) continue;
    await file.value.discard();
    return written.fault.code;
  }
  return codeOf(await file.value.close());
}

async function readBack(files: Files, name: string): Promise<number | string> {
  const file = await files.open([name], reading);
  if (!file.ok) return file.fault.code;
  const bytes = await file.value.read(0, 1 << 20);
  await file.value.close();
  return bytes.ok ? bytes.value.length : bytes.fault.code;
}

for (const [name, files] of Object.entries({ posix, bucket })) {
  said[`${name}: before`] = await put(files, "a", 300_000);
  said[`${name}: full`] = await put(files, "a", 2_000_000);
  said[`${name}: old one after full`] = await readBack(files, "a");
  said[`${name}: small one after full`] = await put(files, "b", 1000);
  said[`${name}: left over`] = [readdirSync(join(disk, "tree")), readdirSync(join(disk, "staging"))]
    .flat()
    .sort();
}

const remounted = Bun.spawnSync(["mount", "-o", "remount,ro", disk]);
if (remounted.exitCode === 0) {
  said["posix: read-only"] = await put(posix, "a", 1000);
  said["posix: folder on read-only"] = codeOf(await posix.makeFolder(["d"]));
  said["posix: remove on read-only"] = codeOf(await posix.removeFile(["a"]));
  said["posix: change on read-only"] = codeOf(await posix.change(["a"], { mode: 0o600 }));
  said["bucket: read-only"] = await put(bucket, "a", 300_000);
  said["posix: reading on read-only"] = await readBack(posix, "a");
  said["bucket: reading on read-only"] = await readBack(bucket, "a");
}

const open: OpenFile[] = [];
for (;;) {
  const file = await posix.open(["a"], reading);
  if (!file.ok) {
    said["posix: no descriptors"] = file.fault.code;
    break;
  }
  open.push(file.value);
}
const held: number[] = [];
try {
  for (;;) held.push(openSync("/dev/null", "r"));
} catch {
  said["posix: stat without descriptors"] = codeOf(await posix.stat(["a"]));
  said["posix: list without descriptors"] = codeOf(await posix.list([], "", 10));
}
for (const fd of held) closeSync(fd);
for (const file of open) must(await file.close());
said["posix: when they are back"] = await readBack(posix, "a");
console.log(JSON.stringify(said));
