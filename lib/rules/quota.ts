import { fail, ok, type Result } from "../base/result.ts";

/** What may be kept; undefined is no limit. */
export interface Quota {
  readonly bytes?: number | undefined;
  readonly objects?: number | undefined;
}

/** What is kept. */
export interface Usage {
  readonly bytes: number;
  readonly objects: number;
}

/** Whether `usage` may change by `delta`. What shrinks is always allowed. Faults: quota. */
export function fits(quota: Quota, usage: Usage, delta: Usage, whose: string): Result<void> {
  if (quota.bytes !== undefined && delta.bytes > 0 && usage.bytes + delta.bytes > quota.bytes) {
    return fail("quota", `${whose} may keep ${quota.bytes} bytes and keeps ${usage.bytes}`, {
      mend: "delete something, or raise the quota",
    });
  }
  if (quota.objects !== undefined && delta.objects > 0 && usage.objects + delta.objects > quota.objects) {
    return fail("quota", `${whose} may keep ${quota.objects} objects and keeps ${usage.objects}`, {
      mend: "delete something, or raise the quota",
    });
  }
  return ok();
}
