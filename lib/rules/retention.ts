import { fail, ok, type Result } from "../base/result.ts";
import { asUnixMs, type UnixMs } from "../base/time.ts";

/** Object lock of one version. */
export interface Lock {
  readonly mode: "none" | "governance" | "compliance";
  readonly until: UnixMs | undefined;
  readonly legalHold: boolean;
}

export const unlocked: Lock = { mode: "none", until: undefined, legalHold: false };

/** What a bucket with object lock gives to new versions; kept as JSON under `lockDocument`. */
export interface DefaultRetention {
  readonly mode: "governance" | "compliance";
  readonly days?: number;
  readonly years?: number;
}

/** The bucket document whose presence means that object lock is on: `{}` or a `DefaultRetention`. */
export const lockDocument = "object-lock";

export function readDefaultRetention(document: string | undefined): DefaultRetention | undefined {
  if (document === undefined) return undefined;
  const read = JSON.parse(document) as Partial<DefaultRetention>;
  return read.mode === undefined ? undefined : (read as DefaultRetention);
}

const dayMs = 86_400_000;

/** The lock of a version made at `at` for which its writer asked none. */
export function defaultLock(document: string | undefined, at: UnixMs): Lock {
  const retention = readDefaultRetention(document);
  if (!retention) return unlocked;
  const { mode, days, years } = retention;
  return { mode, until: asUnixMs(at + (days ?? (years ?? 0) * 365) * dayMs), legalHold: false };
}

/** The lock a new version begins with: what its writer asked, over the bucket's default. */
export function lockAtBirth(asked: Lock, document: string | undefined, at: UnixMs): Lock {
  if (asked.mode !== "none") return asked;
  return { ...defaultLock(document, at), legalHold: asked.legalHold };
}

/** Whether a version may be removed or replaced. A legal hold and COMPLIANCE yield to nobody; GOVERNANCE to
 *  whoever may bypass it and says so. Faults: retained. */
export function checkRetention(lock: Lock, at: UnixMs, bypass = false): Result<void> {
  if (lock.legalHold) return fail("retained", "a legal hold is on this version");
  if (lock.mode === "none" || lock.until === undefined || at >= lock.until) return ok();
  if (lock.mode === "governance" && bypass) return ok();
  return fail("retained", `this version is kept until ${new Date(lock.until).toISOString()}`);
}

export interface LockChange {
  /** Null takes it away. */
  readonly retention?: { readonly mode: "governance" | "compliance"; readonly until: UnixMs } | null;
  readonly legalHold?: boolean;
  /** GOVERNANCE may be shortened. */
  readonly bypass: boolean;
}

/** The lock after a change. COMPLIANCE only lengthens; GOVERNANCE shortens or ends with `bypass` alone.
 *  Faults: retained, invalid (a date that is past). */
export function changedLock(lock: Lock, change: LockChange, at: UnixMs): Result<Lock> {
  const legalHold = change.legalHold ?? lock.legalHold;
  if (change.retention === undefined) return ok({ ...lock, legalHold });
  const { mode = "none", until } = change.retention ?? {};
  if (until !== undefined && until <= at)
    return fail("invalid", "The retain until date must be in the future!");
  const holds = lock.mode !== "none" && lock.until !== undefined && at < lock.until;
  const weaker =
    until === undefined || until < (lock.until ?? 0) || (lock.mode === "compliance" && mode !== "compliance");
  const bent =
    lock.mode === "governance" && mode === "compliance" && until !== undefined && until >= (lock.until ?? 0);
  if (holds && weaker && !bent && !(lock.mode === "governance" && change.bypass)) {
    return fail("retained", "the retention of this version cannot be shortened");
  }
  return ok({ mode, until, legalHold });
}

/** What keeps a bucket's change from being made; undefined: nothing. Versioning never goes back to off, and
 *  under object lock is not suspended; object lock never goes off. */
export function bucketChangeRefusal(
  now: { readonly versioning: string; readonly locked: boolean },
  change: { readonly versioning?: string; readonly documents?: Readonly<Record<string, string | null>> },
): string | undefined {
  const next = change.versioning;
  if (next === "off" && now.versioning !== "off") return "versioning can be suspended, not switched off";
  const lock = change.documents?.[lockDocument];
  if (now.locked && lock === null) return "object lock cannot be switched off";
  const locked = now.locked || typeof lock === "string";
  if (locked && (next ?? now.versioning) !== "enabled") return "object lock needs versioning";
  return undefined;
}
