import { readHttpDate } from "./dates.ts";
import { refuse, type Parsed } from "./error.ts";

/** ETags without quotes, or any. */
export type EtagList = readonly string[] | "any";

/** Reads `"a", W/"b", *` and the bare form some clients send. */
export function readEtags(text: string): EtagList {
  const found: string[] = [];
  for (const part of text.split(",").slice(0, 100)) {
    const etag = part
      .trim()
      .replace(/^W\//, "")
      .replace(/^"(.*)"$/, "$1");
    if (etag === "*") return "any";
    if (etag !== "") found.push(etag);
  }
  return found;
}

/** Conditions of a read, or of a copy's source. */
export interface ReadConditions {
  readonly ifMatch: EtagList | undefined;
  readonly ifNoneMatch: EtagList | undefined;
  /** Milliseconds since 1970. */
  readonly ifModifiedSince: number | undefined;
  readonly ifUnmodifiedSince: number | undefined;
}

/** `prefix` is "" for a read and "x-amz-copy-source-" for a copy's source. */
export function readConditions(
  headers: ReadonlyMap<string, string>,
  prefix: string,
): ReadConditions | undefined {
  const text = (name: string): string | undefined => headers.get(prefix + name);
  const match = text("if-match");
  const none = text("if-none-match");
  const since = text("if-modified-since");
  const unmodified = text("if-unmodified-since");
  if (match === undefined && none === undefined && since === undefined && unmodified === undefined)
    return undefined;
  return {
    ifMatch: match === undefined ? undefined : readEtags(match),
    ifNoneMatch: none === undefined ? undefined : readEtags(none),
    ifModifiedSince: since === undefined ? undefined : readHttpDate(since),
    ifUnmodifiedSince: unmodified === undefined ? undefined : readHttpDate(unmodified),
  };
}

const has = (list: EtagList, etag: string): boolean => list === "any" || list.includes(etag);

/** RFC 9110 §13.2.2: the ETag beats the date. Dates compare in whole seconds. */
export function judge(
  when: ReadConditions | undefined,
  etag: string,
  modifiedMs: number,
): "go" | "not-modified" | "failed" {
  if (!when) return "go";
  const modified = Math.floor(modifiedMs / 1000) * 1000;
  if (when.ifMatch !== undefined) {
    if (!has(when.ifMatch, etag)) return "failed";
  } else if (when.ifUnmodifiedSince !== undefined && modified > when.ifUnmodifiedSince) return "failed";
  if (when.ifNoneMatch !== undefined) return has(when.ifNoneMatch, etag) ? "not-modified" : "go";
  return when.ifModifiedSince !== undefined && modified <= when.ifModifiedSince ? "not-modified" : "go";
}

/** Conditions of a write, decided where it commits. */
export interface WriteConditions {
  readonly ifMatch?: EtagList;
  readonly ifNoneMatch?: "any";
}

export function readWriteConditions(headers: ReadonlyMap<string, string>): Parsed<WriteConditions> {
  const match = headers.get("if-match");
  const none = headers.get("if-none-match");
  if (none !== undefined && none.trim() !== "*") {
    return refuse("NotImplemented", "If-None-Match of a write can only be *.");
  }
  const value: WriteConditions = {
    ...(match === undefined ? {} : { ifMatch: readEtags(match) }),
    ...(none === undefined ? {} : { ifNoneMatch: "any" as const }),
  };
  return { ok: true, value };
}
