/** Writes until it is killed: `bun crash-child.ts DATA NAME SEED`. Tells on standard output, without any
 *  buffer, what it begins ("> id kind bucket key size") and what was acknowledged ("< id version"). */
import { writeSync } from "node:fs";
import { must } from "../../lib/base/result.ts";
import { asInstant, asUnixMs } from "../../lib/base/time.ts";
import { houseActor } from "../../lib/rules/identity.ts";
import { openStore } from "../../lib/store/open.ts";
import { silentLog } from "../../lib/watch/log.ts";
import { bodyOf, newObject, partSizes, random, type Kind } from "./crash-words.ts";

const [data, name, seed] = process.argv.slice(2) as [string, string, string];
const clock = { now: () => asInstant(performance.now()), wall: () => asUnixMs(Date.now()) };
const entropy = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
const { objects } = await openStore(data, { clock, entropy, log: silentLog });
const by = houseActor;
const tell = (line: string): void => void writeSync(1, `${line}\n`);

function source(bytes: Uint8Array) {
  return {
    size: bytes.length,
    chunks: (async function* () {
      for (let at = 0; at < bytes.length; at += 40_000) yield bytes.slice(at, at + 40_000);
    })(),
  };
}

async function perform(kind: Kind, id: string, bucket: string, key: string, size: number): Promise<string> {
  const at = { bucket, key };
  if (kind === "put") return must(await objects.put(by, at, source(bodyOf(id, size)), newObject)).version;
  if (kind === "delete") return must(await objects.remove(by, at)).version ?? "";
  const upload = must(await objects.createUpload(by, at, { ...newObject, digestsOf: "object" }));
  const body = bodyOf(id, size);
  const parts = [];
  let from = 0;
  for (const [i, length] of partSizes(size).entries()) {
    const bytes = source(body.slice(from, from + length));
    const part = must(await objects.putPart(by, at, upload.id, i + 1, bytes, newObject));
    parts.push({ number: i + 1, etag: part.etag, digests: {} });
    from += length;
  }
  if (kind === "abort") {
    must(await objects.abortUpload(by, at, upload.id));
    return "";
  }
  return must(await objects.completeUpload(by, at, upload.id, { parts, when: {}, minPartBytes: 1 })).version;
}

/** Each worker has keys of its own, so that what a key holds is known but for the one step under way. */
async function work(worker: number): Promise<never> {
  const next = random(`${seed} ${name} ${worker}`);
  for (let step = 0; ; step++) {
    const id = `${name}-${seed}-${worker}-${step}`;
    const bucket = next(2) === 0 ? "plain" : "kept";
    const key = `${name}/${worker}/${next(4)}`;
    const kind = (["put", "put", "put", "put", "delete", "upload", "upload", "abort"] as const)[next(8)]!;
    const size = kind === "put" && next(3) > 0 ? next(30_000) : 66_000 + next(200_000);
    tell(`> ${id} ${kind} ${bucket} ${key} ${size}`);
    tell(`< ${id} ${await perform(kind, id, bucket, key, size)}`);
  }
}

tell("ready");
await Promise.all([0, 1, 2, 3, 4].map(work));
