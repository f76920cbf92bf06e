import { fail, ok, type Result } from "../../lib/base/result.ts";
import { readDuration } from "../../lib/config/quantity.ts";
import type { Call, VerbOption } from "./verb.ts";

/** Which moment of a bucket is meant: `--snapshot NAME` or `--at TIME`. */
export const momentOptions: readonly VerbOption[] = [
  { name: "snapshot", takes: "NAME", doc: "as of that snapshot" },
  { name: "at", takes: "TIME", doc: "as of a time: 2026-11-21T09:00:00Z, or 2h, 7d: so long ago" },
];

/** As the admin API is asked. Faults: invalid. */
export function momentOf(call: Call, now = Date.now()): Result<{ snapshot: string } | { at: string }> {
  const [snapshot, text] = [call.option("snapshot"), call.option("at")];
  if ((snapshot === undefined) === (text === undefined)) {
    return fail("invalid", "say which moment: --snapshot NAME or --at TIME");
  }
  if (snapshot !== undefined) return ok({ snapshot });
  const span = readDuration(text!);
  const at = span === undefined ? Date.parse(text!) : now - span;
  if (Number.isFinite(at) && Math.abs(at) < 8.64e15) return ok({ at: new Date(at).toISOString() });
  return fail("invalid", `--at ${text} is no time`, {
    mend: "write 2026-11-21T09:00:00Z, or 2h for so long ago",
  });
}
