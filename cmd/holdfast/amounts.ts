import { fail, ok, type Result } from "../../lib/base/result.ts";
import { readDuration, readSize } from "../../lib/config/quantity.ts";

/** "--expires 30d" or "--expires 2027-01-31" as a moment; "never" and absent: null. Faults: invalid. */
export function expiryOf(text: string | undefined, now = Date.now()): Result<string | null> {
  if (text === undefined || text === "never") return ok(null);
  const span = readDuration(text);
  const at = span === undefined ? Date.parse(text) : now + span;
  if (Number.isFinite(at) && at < 8.64e15) return ok(new Date(at).toISOString());
  return fail("invalid", `--expires ${text} is no moment`, { mend: "write 30d, 12h, 2027-01-31 or never" });
}

/** "10GiB"; "none" is no limit. Faults: invalid. */
export function quotaOf(text: string): Result<number | null> {
  if (text === "none") return ok(null);
  const size = readSize(text);
  return size === undefined
    ? fail("invalid", `${text} is no size`, { mend: "write 500MB, 10GiB or none" })
    : ok(size);
}

/** "bucket" or "bucket/folder/" as a user's home; "none" is null. */
export function homeOf(text: string): { bucket: string; prefix: string } | null {
  if (text === "none") return null;
  const [bucket = "", ...rest] = text.replace(/^\/+/, "").split("/");
  const prefix = rest.filter((part) => part !== "").join("/");
  return { bucket, prefix: prefix === "" ? "" : `${prefix}/` };
}

/** "2026-11-21 00:34:10" in UTC, or "never". */
export const whenText = (moment: string | null): string =>
  moment === null ? "never" : moment.slice(0, 19).replace("T", " ");
