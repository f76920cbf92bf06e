import { limits } from "../base/limits.ts";
import { checkRetention } from "../rules/retention.ts";
import { utf8 } from "../base/bytes.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { UnixMs } from "../base/time.ts";
import type { MemoryBucket, Stored } from "./memory-bucket.ts";
import type { MoveHow } from "./objects.ts";

/** Moves current versions to other keys, all or none. Older versions stay under their old names, below a
 *  delete marker. Faults: not-found, exists, retained, bad-name, invalid (a folder into itself). */
export function moveKeys(
  bucket: MemoryBucket,
  from: string,
  to: string,
  how: MoveHow,
  at: UnixMs,
): Result<void> {
  const moving = how.folder
    ? bucket.keys.filter((key) => key.startsWith(from)).flatMap((key) => bucket.live(key) ?? [])
    : [bucket.live(from)].filter((one) => one !== undefined);
  if (moving.length === 0) return fail("not-found", "there is nothing to move", { where: from });
  if (from === to) return ok();
  if (how.folder && to.startsWith(from)) return fail("invalid", "a folder cannot move into itself");
  const steps = moving.map((stored) => ({ stored, key: to + stored.row.key.slice(from.length) }));
  const held = refusal(bucket, steps, to, how, at);
  if (!held.ok) return held;
  for (const { stored, key } of steps) {
    const old = stored.row.key;
    bucket.take(stored);
    if (bucket.of(old).length > 0) bucket.mark(old, at, true);
    bucket.settle(key, stored);
  }
  return ok();
}

interface Step {
  readonly stored: Stored;
  readonly key: string;
}

/** Everything that stands against it, looked at before the first step. */
function refusal(
  bucket: MemoryBucket,
  steps: readonly Step[],
  to: string,
  how: MoveHow,
  at: UnixMs,
): Result<void> {
  const taken = how.folder
    ? bucket.keys.some((key) => key.startsWith(to) && (key !== to || !how.replace) && bucket.live(key))
    : !how.replace && bucket.live(to);
  if (taken) return fail("exists", "the name is taken", { where: to });
  for (const { stored, key } of steps) {
    if (utf8(key).length > limits.keyBytes)
      return fail("bad-name", "the new key is too long", { where: key });
    const replaced = bucket.replaced(key);
    for (const lock of [stored.row.lock, ...(replaced ? [replaced.row.lock] : [])]) {
      const free = checkRetention(lock, at);
      if (!free.ok) return free;
    }
  }
  return ok();
}
