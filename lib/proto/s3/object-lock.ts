import { maybe, tag, xmlDocument } from "../../wire/xml-text.ts";
import type { XmlElement } from "../../wire/xml.ts";
import { readIsoDate } from "./dates.ts";
import { refuse, type Parsed } from "./error.ts";
import { namespace } from "./listing.ts";
import { childOf, countIn, malformedXml, wordIn } from "./xml-walk.ts";

export type LockMode = "governance" | "compliance";

export interface LockRule {
  readonly mode: LockMode;
  readonly days?: number;
  readonly years?: number;
}

const modeOf = (text: string | undefined): LockMode | undefined =>
  text === "GOVERNANCE" ? "governance" : text === "COMPLIANCE" ? "compliance" : undefined;

/** Reads `<ObjectLockConfiguration>`; undefined: on, without a default. */
export function readLockConfiguration(root: XmlElement): Parsed<LockRule | undefined> {
  if (root.name !== "ObjectLockConfiguration" || wordIn(root, "ObjectLockEnabled") !== "Enabled")
    return malformedXml();
  const rule = childOf(root, "Rule");
  if (!rule) return { ok: true, value: undefined };
  const retention = childOf(rule, "DefaultRetention");
  const mode = retention && modeOf(wordIn(retention, "Mode"));
  if (!retention || !mode) return malformedXml();
  const [days, years] = [wordIn(retention, "Days"), wordIn(retention, "Years")];
  if ((days === undefined) === (years === undefined)) return malformedXml();
  const count = days === undefined ? countIn(years, 1, 100) : countIn(days, 1, 36_500);
  if (count === undefined)
    return refuse("InvalidArgument", "Default retention period must be a positive integer value.");
  return { ok: true, value: days === undefined ? { mode, years: count } : { mode, days: count } };
}

export const lockConfigurationXml = (rule: LockRule | undefined): string =>
  xmlDocument(
    `ObjectLockConfiguration ${namespace}`,
    tag("ObjectLockEnabled", "Enabled"),
    rule &&
      tag(
        "Rule",
        tag(
          "DefaultRetention",
          tag("Mode", rule.mode.toUpperCase()),
          maybe("Days", rule.days),
          maybe("Years", rule.years),
        ),
      ),
  );

export interface WrittenRetention {
  readonly mode: LockMode;
  readonly until: number;
}

/** Reads `<Retention>`; an empty one (null) takes the retention away. */
export function readRetention(root: XmlElement): Parsed<WrittenRetention | null> {
  if (root.name !== "Retention") return malformedXml();
  const mode = wordIn(root, "Mode");
  const date = wordIn(root, "RetainUntilDate");
  if (mode === undefined && date === undefined) return { ok: true, value: null };
  return retentionOf(mode, date);
}

function retentionOf(mode: string | undefined, date: string | undefined): Parsed<WrittenRetention> {
  const read = modeOf(mode);
  const until = date === undefined ? undefined : readIsoDate(date);
  return read && until !== undefined ? { ok: true, value: { mode: read, until } } : malformedXml();
}

export const retentionXml = (mode: LockMode, until: number): string =>
  xmlDocument(
    `Retention ${namespace}`,
    tag("Mode", mode.toUpperCase()),
    tag("RetainUntilDate", new Date(until).toISOString()),
  );

/** Reads `<LegalHold><Status>`. */
export function readLegalHold(root: XmlElement): Parsed<boolean> {
  const status = root.name === "LegalHold" ? wordIn(root, "Status") : undefined;
  return status === "ON" || status === "OFF" ? { ok: true, value: status === "ON" } : malformedXml();
}

export const legalHoldXml = (on: boolean): string =>
  xmlDocument(`LegalHold ${namespace}`, tag("Status", on ? "ON" : "OFF"));

/** What `x-amz-object-lock-…` headers ask for a new object. */
export interface AskedLock {
  readonly retention: WrittenRetention | undefined;
  readonly legalHold: boolean;
}

/** Undefined: nothing is asked. */
export function readLockHeaders(headers: ReadonlyMap<string, string>): Parsed<AskedLock | undefined> {
  const mode = headers.get("x-amz-object-lock-mode");
  const date = headers.get("x-amz-object-lock-retain-until-date");
  const hold = headers.get("x-amz-object-lock-legal-hold");
  if (mode === undefined && date === undefined && hold === undefined) return { ok: true, value: undefined };
  if (hold !== undefined && hold !== "ON" && hold !== "OFF") {
    return refuse("InvalidArgument", "Legal Hold must be either of 'ON' or 'OFF'");
  }
  if (mode === undefined && date === undefined) {
    return { ok: true, value: { retention: undefined, legalHold: hold === "ON" } };
  }
  if (mode === undefined || date === undefined) {
    return refuse(
      "InvalidArgument",
      "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
    );
  }
  const retention = retentionOf(mode, date);
  if (!retention.ok) return refuse("InvalidArgument", "Unknown wormMode directive or retain until date.");
  return { ok: true, value: { retention: retention.value, legalHold: hold === "ON" } };
}

/** What GET and HEAD say of a version's lock. */
export function lockHeaders(lock: {
  readonly mode: "none" | LockMode;
  readonly until: number | undefined;
  readonly legalHold: boolean;
}): Record<string, string> {
  const headers: Record<string, string> = {};
  if (lock.mode !== "none" && lock.until !== undefined) {
    headers["x-amz-object-lock-mode"] = lock.mode.toUpperCase();
    headers["x-amz-object-lock-retain-until-date"] = new Date(lock.until).toISOString();
  }
  if (lock.legalHold) headers["x-amz-object-lock-legal-hold"] = "ON";
  return headers;
}
