import type { DigestName, Digests } from "../content.ts";
import type { ObjectFacts } from "../objects.ts";
import { asUnixMs } from "../../base/time.ts";
import type { Encryption } from "../../rules/encryption.ts";

/** What is said of a version beside the columns, as one short JSON text; NULL where nothing is. */
export interface Said extends ObjectFacts {
  readonly digests: Digests;
  readonly digestsOf: "object" | "parts";
  /** Sizes of the parts. */
  readonly parts: readonly number[];
  readonly encryption?: Encryption | undefined;
}

interface Written {
  t?: string;
  h?: Readonly<Record<string, string>>;
  m?: Readonly<Record<string, string>>;
  g?: Readonly<Record<string, string>>;
  at?: number;
  /** Digests by name, base64. */
  d?: Record<string, string>;
  /** The digests are of the parts' digests. */
  o?: 1;
  /** Runs of parts of one size: count, size. */
  p?: [number, number][];
  /** How it is sealed; 1: under the house's own key. */
  e?: 1 | Exclude<Encryption, { kind: "house" }>;
}

const houseSeal: Encryption = { kind: "house" };
const none: Readonly<Record<string, string>> = Object.freeze({});
const filled = (record: Readonly<Record<string, string>>): boolean => Object.keys(record).length > 0;

export function writeSaid(said: Said): string | null {
  const out: Written = {};
  if (said.contentType !== undefined) out.t = said.contentType;
  if (filled(said.headers)) out.h = said.headers;
  if (filled(said.metadata)) out.m = said.metadata;
  if (filled(said.tags)) out.g = said.tags;
  if (said.modifiedAt !== undefined) out.at = said.modifiedAt;
  const digests = writeDigests(said.digests);
  if (digests) out.d = digests;
  if (said.digestsOf === "parts") out.o = 1;
  if (said.parts.length > 0) out.p = runsOf(said.parts);
  if (said.encryption) out.e = said.encryption.kind === "house" ? 1 : said.encryption;
  const text = JSON.stringify(out);
  return text === "{}" ? null : text;
}

export function readSaid(text: string | null): Said {
  const from = text === null ? {} : (JSON.parse(text) as Written);
  return {
    ...(from.e && { encryption: from.e === 1 ? houseSeal : from.e }),
    contentType: from.t,
    headers: from.h ?? none,
    metadata: from.m ?? none,
    tags: from.g ?? none,
    modifiedAt: from.at === undefined ? undefined : asUnixMs(from.at),
    digests: from.d ? readDigests(from.d) : {},
    digestsOf: from.o ? "parts" : "object",
    parts: from.p ? from.p.flatMap(([count, size]) => Array.from({ length: count }, () => size)) : [],
  };
}

function writeDigests(digests: Digests): Record<string, string> | undefined {
  const rows = Object.entries(digests).map(([name, bytes]) => [name, bytes.toBase64()] as const);
  return rows.length > 0 ? Object.fromEntries(rows) : undefined;
}

function readDigests(from: Record<string, string>): Digests {
  return Object.fromEntries(Object.entries(from).map(([name, text]) => [name, Uint8Array.fromBase64(text)]));
}

export const digestsText = (digests: Digests): string | null => {
  const out = writeDigests(digests);
  return out ? JSON.stringify(out) : null;
};

export const digestsFrom = (text: string | null): Digests =>
  text === null ? {} : readDigests(JSON.parse(text) as Record<string, string>);

export const namesFrom = (text: string): DigestName[] =>
  text === "" ? [] : (text.split(",") as DigestName[]);

function runsOf(sizes: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const size of sizes) {
    const last = runs.at(-1);
    if (last?.[1] === size) last[0]++;
    else runs.push([1, size]);
  }
  return runs;
}
