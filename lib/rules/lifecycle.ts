import type { UnixMs } from "../base/time.ts";

/** One rule of a bucket's lifecycle. */
export interface LifecycleRule {
  readonly id: string;
  readonly enabled: boolean;
  readonly prefix: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Only objects larger than this, in bytes. */
  readonly over: number | undefined;
  readonly under: number | undefined;
  readonly expireDays: number | undefined;
  /** Midnight UTC. */
  readonly expireAt: number | undefined;
  /** Remove delete markers that stand alone. */
  readonly dropMarkers: boolean;
  readonly noncurrentDays: number | undefined;
  /** So many superseded versions are kept whatever their age. */
  readonly noncurrentKeep: number | undefined;
  readonly abortDays: number | undefined;
}

/** What a rule looks at: one version of a key. */
export interface Subject {
  readonly key: string;
  readonly size: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly latest: boolean;
  readonly deleteMarker: boolean;
  /** The key has no other version. */
  readonly alone: boolean;
  /** When a newer version took its place; undefined where it is the latest. */
  readonly supersededAt: number | undefined;
  /** Superseded versions newer than this one. */
  readonly newerNoncurrent: number;
}

export const dayMs = 86_400_000;

/** `days` after a moment, rounded up to the following midnight UTC. `day` is a day's length, for tests. */
export function dueAfter(from: number, days: number, day = dayMs): number {
  return Math.ceil((from + days * day) / day) * day;
}

/** "expire": remove as a client would, which leaves a marker where versions are kept; "remove": this version
 *  for good. The first rule that wants something has it; permanent removal comes first. */
export function lifecycleVerdict(
  rules: readonly LifecycleRule[],
  subject: Subject,
  at: UnixMs,
  day = dayMs,
): "keep" | "expire" | "remove" {
  const fitting = rules.filter((rule) => rule.enabled && fits(rule, subject));
  if (!subject.latest) {
    return fitting.some((rule) => noncurrentIsDue(rule, subject, at, day)) ? "remove" : "keep";
  }
  if (subject.deleteMarker) {
    const lone =
      subject.alone && fitting.some((rule) => rule.dropMarkers || expiryIsDue(rule, subject, at, day));
    return lone ? "remove" : "keep";
  }
  return fitting.some((rule) => expiryIsDue(rule, subject, at, day)) ? "expire" : "keep";
}

function fits(rule: LifecycleRule, { key, size, tags, deleteMarker }: Subject): boolean {
  if (!key.startsWith(rule.prefix)) return false;
  const narrow = rule.over !== undefined || rule.under !== undefined || Object.keys(rule.tags).length > 0;
  if (deleteMarker) return !narrow;
  if (rule.over !== undefined && size <= rule.over) return false;
  if (rule.under !== undefined && size >= rule.under) return false;
  return Object.entries(rule.tags).every(
    ([name, value]) => Object.hasOwn(tags, name) && tags[name] === value,
  );
}

function expiryIsDue(rule: LifecycleRule, { createdAt }: Subject, at: number, day: number): boolean {
  if (rule.expireAt !== undefined) return at >= rule.expireAt;
  return rule.expireDays !== undefined && at >= dueAfter(createdAt, rule.expireDays, day);
}

function noncurrentIsDue(rule: LifecycleRule, subject: Subject, at: number, day: number): boolean {
  if (rule.noncurrentDays === undefined || subject.supersededAt === undefined) return false;
  if (subject.newerNoncurrent < (rule.noncurrentKeep ?? 0)) return false;
  return at >= dueAfter(subject.supersededAt, rule.noncurrentDays, day);
}

/** Whether an unfinished upload is to be aborted. */
export function uploadIsDue(
  rules: readonly LifecycleRule[],
  key: string,
  createdAt: number,
  at: UnixMs,
  day = dayMs,
): boolean {
  return rules.some(
    ({ enabled, prefix, abortDays }) =>
      enabled &&
      key.startsWith(prefix) &&
      abortDays !== undefined &&
      at >= dueAfter(createdAt, abortDays, day),
  );
}

/** When a current object will expire, and by which rule: the earliest. For `x-amz-expiration`. */
export function expiryOf(
  rules: readonly LifecycleRule[],
  subject: Subject,
): { readonly at: number; readonly rule: string } | undefined {
  const all = rules
    .filter((rule) => rule.enabled && fits(rule, subject))
    .flatMap((rule) => {
      if (rule.expireAt !== undefined) return [{ at: rule.expireAt, rule: rule.id }];
      return rule.expireDays === undefined
        ? []
        : [{ at: dueAfter(subject.createdAt, rule.expireDays), rule: rule.id }];
    });
  return all.sort((a, b) => a.at - b.at)[0];
}
