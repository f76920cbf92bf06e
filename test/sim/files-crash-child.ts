/** Writes files of all kinds into a bucket until it is killed; says which are closed. */
import { randomBytes } from "node:crypto";
import { must } from "../../lib/base/result.ts";
import { asInstant, asUnixMs } from "../../lib/base/time.ts";
import { houseActor } from "../../lib/rules/identity.ts";
import { filesOf } from "../../lib/store/bucket-files.ts";
import { openStore } from "../../lib/store/open.ts";
import { silentLog } from "../../lib/watch/log.ts";
import { contentOf } from "./files-crash-words.ts";

const [data, round] = process.argv.slice(2);
const clock = { now: () => asInstant(performance.now()), wall: () => asUnixMs(Date.now()) };
const entropy = (count: number): Uint8Array => new Uint8Array(randomBytes(count));
const { objects, staging, pool } = await openStore(data!, { clock, entropy, log: silentLog });
const files = filesOf(objects, "home", "", { actor: houseActor, staging, pool, clock, entropy });

async function writeOne(name: string, step: number): Promise<void> {
  const content = contentOf(name);
  const file = must(await files.open([name], { read: false, write: true, create: "may", truncate: true }));
  const order = Array.from({ length: Math.ceil(content.length / 50_000) }, (_, i) => i * 50_000);
  if (step % 3 === 1) order.reverse();
  for (const at of order) must(await file.write(at, content.slice(at, at + 50_000)));
  if (step % 4 === 3) must(await file.flush());
  must(await file.close());
  process.stdout.write(`${name}\n`);
}

for (let step = 0; ; step++) {
  await Promise.all([writeOne(`${round}-${step}-a`, step), writeOne(`${round}-${step}-b`, step + 1)]);
}
