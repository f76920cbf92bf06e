import { textOf } from "../../base/bytes.ts";
import { remembered } from "../../base/memo.ts";
import { refuse, type Parsed } from "./error.ts";

/** A request target, split and decoded, with what was sent kept for the signature. */
export interface Target {
  /** As sent, Latin-1. */
  readonly rawPath: string;
  /** Percent-decoded, UTF-8; begins with "/". */
  readonly path: string;
  readonly query: Query;
}

/** Query parameters in the order sent. Names are case-sensitive, the first of repeats counts. */
export class Query {
  readonly pairs: readonly (readonly [string, string])[];

  constructor(pairs: readonly (readonly [string, string])[]) {
    this.pairs = pairs;
  }

  /** Looked for one by one: a query has few, and most requests none. */
  get(name: string): string | undefined {
    for (const pair of this.pairs) if (pair[0] === name) return pair[1];
    return undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }
}

const noQuery = new Query([]);
const maxPairs = 200;

/** Reads "/bucket/key?query" or the absolute form. Nothing is normalised: "." and ".." and "//" are bytes
 *  of a key. Refuses what is not UTF-8 once decoded. */
export function readTarget(target: string): Parsed<Target> {
  const origin = /^https?:\/\/[^/?]*/i.exec(target)?.[0] ?? "";
  const whole = target.slice(origin.length);
  const mark = whole.indexOf("?");
  const rawPath = (mark < 0 ? whole : whole.slice(0, mark)) || "/";
  if (!rawPath.startsWith("/")) return refuse("InvalidURI", "Couldn't parse the specified URI.");
  const path = percentDecode(rawPath);
  if (path === undefined) return refuse("InvalidURI", "Couldn't parse the specified URI.");
  if (mark < 0) return { ok: true, value: { rawPath, path, query: noQuery } };
  const query = readQuery(whole.slice(mark + 1));
  if (!query) return refuse("InvalidURI", "Couldn't parse the specified URI.");
  return { ok: true, value: { rawPath, path, query } };
}

function readQuery(raw: string): Query | undefined {
  const pairs: (readonly [string, string])[] = [];
  for (const part of raw.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = formDecode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? "" : formDecode(part.slice(equals + 1));
    if (name === undefined || value === undefined || pairs.length >= maxPairs) return undefined;
    pairs.push([name, value]);
  }
  return new Query(pairs);
}

const formDecode = (raw: string): string | undefined =>
  percentDecode(raw.includes("+") ? raw.replaceAll("+", "%20") : raw);

const plain = /^[\x20-\x7e]*$/;

/** Percent-decoding of Latin-1 text into UTF-8 text; undefined where an escape or the UTF-8 is broken. */
export function percentDecode(raw: string): string | undefined {
  if (plain.test(raw)) return raw.includes("%") ? decoded(raw) : raw;
  const bytes = new Uint8Array(raw.length);
  let size = 0;
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    if (code !== 0x25) {
      bytes[size++] = code;
      continue;
    }
    const pair = raw.slice(i + 1, i + 3);
    if (!/^[0-9a-fA-F]{2}$/.test(pair)) return undefined;
    bytes[size++] = Number.parseInt(pair, 16);
    i += 2;
  }
  return textOf(bytes.subarray(0, size));
}

/** Of ASCII, where the language's own decoding says the same. */
function decoded(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}

const unreserved = /^[A-Za-z0-9_.~-]*$/;
const unreservedPath = /^[A-Za-z0-9_.~/-]*$/;

/** Percent-encoding of everything but RFC 3986's unreserved characters: SigV4's and `encoding-type=url`'s. */
export function percentEncode(text: string): string {
  return unreserved.test(text) ? text : encoded(text);
}

const encoded = remembered((text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
);

/** The same with "/" left as it is: paths, and keys in listings. */
export const percentEncodePath = (text: string): string =>
  unreservedPath.test(text) ? text : percentEncode(text).replaceAll("%2F", "/");
