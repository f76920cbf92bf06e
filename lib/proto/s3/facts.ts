import { refuse, type Parsed } from "./error.ts";
import { percentDecode, type Query } from "./target.ts";

/** What a writer says about an object, beside its bytes. */
export interface SentFacts {
  readonly contentType: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
}

const kept = [
  "cache-control",
  "content-disposition",
  "content-language",
  "expires",
  "x-amz-website-redirect-location",
] as const;

const metaPrefix = "x-amz-meta-";
const metaBytes = 2048;

/** Reads Content-Type, the headers given back as sent, and `x-amz-meta-*` (2 KB in all). */
export function readFacts(headers: ReadonlyMap<string, string>): Parsed<SentFacts> {
  const found: Record<string, string> = {};
  for (const name of kept) {
    const value = headers.get(name);
    if (value !== undefined) found[name] = value;
  }
  const encoding = withoutAwsChunked(headers.get("content-encoding"));
  if (encoding !== undefined) found["content-encoding"] = encoding;
  const metadata: Record<string, string> = {};
  let size = 0;
  for (const [name, value] of headers) {
    if (!name.startsWith(metaPrefix)) continue;
    const short = name.slice(metaPrefix.length);
    size += short.length + value.length;
    Object.defineProperty(metadata, short, { value, enumerable: true });
  }
  if (size > metaBytes) {
    return refuse("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", {
      extra: { Size: String(size), MaxSizeAllowed: String(metaBytes) },
    });
  }
  return { ok: true, value: { contentType: headers.get("content-type"), headers: found, metadata } };
}

/** `aws-chunked` speaks of the transfer and is not kept. */
function withoutAwsChunked(encoding: string | undefined): string | undefined {
  const rest = encoding
    ?.split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "" && part.toLowerCase() !== "aws-chunked");
  return rest === undefined || rest.length === 0 ? undefined : rest.join(",");
}

/** Reads COPY or REPLACE; absent is COPY. */
export function readDirective(
  headers: ReadonlyMap<string, string>,
  name: "x-amz-metadata-directive" | "x-amz-tagging-directive",
): Parsed<"COPY" | "REPLACE"> {
  const text = headers.get(name) ?? "COPY";
  if (text === "COPY" || text === "REPLACE") return { ok: true, value: text };
  return refuse("InvalidArgument", `Unknown ${name}.`, {
    extra: { ArgumentName: name, ArgumentValue: text },
  });
}

export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly version: string | undefined;
}

/** Reads `x-amz-copy-source`: "[/]bucket/key[?versionId=v]", percent-encoded. The version is split off first,
 *  since a key may hold "?". */
export function readCopySource(text: string): Parsed<CopySource> {
  const mark = text.lastIndexOf("?versionId=");
  const version = mark < 0 ? undefined : percentDecode(text.slice(mark + 11));
  const path = percentDecode(mark < 0 ? text : text.slice(0, mark))?.replace(/^\//, "");
  const slash = path?.indexOf("/") ?? -1;
  if (path === undefined || slash <= 0 || slash === path.length - 1 || version === "") {
    return refuse(
      "InvalidArgument",
      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
      {
        extra: { ArgumentName: "x-amz-copy-source", ArgumentValue: text },
      },
    );
  }
  return { ok: true, value: { bucket: path.slice(0, slash), key: path.slice(slash + 1), version } };
}

const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Reads `x-amz-tagging`: "a=b&c=d", URL-encoded; at most ten, unique. */
export function readTaggingHeader(text: string | undefined): Parsed<Readonly<Record<string, string>>> {
  const tags: [string, string][] = [];
  for (const part of (text ?? "").split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const raw = equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
    const [key, value] = raw.map((t) => percentDecode(t.replaceAll("+", "%20")));
    if (key === undefined || value === undefined)
      return refuse("InvalidArgument", "The header 'x-amz-tagging' is malformed.");
    tags.push([key, value]);
  }
  return checkTags(tags, 10);
}

/** Keys of 1–128 characters, values to 256, unique, none beginning "aws:". */
export function checkTags(
  tags: readonly (readonly [string, string])[],
  most: number,
): Parsed<Readonly<Record<string, string>>> {
  if (tags.length > most) {
    return refuse(most === 10 ? "BadRequest" : "InvalidTag", `Object tags cannot be greater than ${most}`);
  }
  for (const [key, value] of tags) {
    const bad = key === "" || key.length > 128 || !tagText.test(key) || key.startsWith("aws:");
    if (bad) return refuse("InvalidTag", "The TagKey you have provided is invalid");
    if (value.length > 256 || !tagText.test(value)) {
      return refuse("InvalidTag", "The TagValue you have provided is invalid");
    }
  }
  if (new Set(tags.map(([key]) => key)).size !== tags.length) {
    return refuse("InvalidTag", "Cannot provide multiple Tags with the same key");
  }
  return { ok: true, value: Object.fromEntries(tags) };
}

/** Overrides of an answer's headers: `response-content-type=…` and so on. Refuses what no header can hold. */
export function readOverrides(query: Query): Parsed<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const [name, value] of query.pairs) {
    if (!name.startsWith("response-")) continue;
    const header = name.slice(9);
    if (!overridable.has(header)) continue;
    if (!/^[\x20-\x7e\xa0-\xff\t]*$/.test(value)) {
      return refuse("InvalidArgument", `${name} is not a header value.`, { extra: { ArgumentName: name } });
    }
    found[header] = value;
  }
  return { ok: true, value: found };
}

const overridable: ReadonlySet<string> = new Set([
  "content-type",
  "content-language",
  "expires",
  "cache-control",
  "content-disposition",
  "content-encoding",
]);
