import { base64, fromBase64, hex, utf8 } from "../base/bytes.ts";
import { isSigned, keyFingerprint, signed, type SigningKey } from "../crypto/ed25519.ts";
import { sha256 } from "../crypto/hash.ts";
import { principalName } from "../rules/identity.ts";
import type { AuditEntry } from "../rules/audit.ts";

/** The audit trail of one daemon is a list of JSON lines. Each holds the hash of the one before and its own,
 *  so that a change, a gap or another order anywhere shows; some are checkpoints, signed with the house's
 *  audit key, so that the list cannot be made anew by who has not the key. A line is canonical: one text for
 *  one meaning, so that not even a space can be changed unseen.
 *
 *      {"seq":7,"at":"…Z","daemon":"s3d","verb":"user.add",…,"prev":"<hash 6>","hash":"<hash 7>"}
 *      {"seq":8,"at":"…Z","daemon":"s3d","verb":"checkpoint","key":"…","prev":…,"hash":…,"signature":"…"} */
export interface ChainEnd {
  /** Of the last line; 0 before the first. */
  readonly seq: number;
  /** Of the last line, hexadecimal; zeros before the first. */
  readonly hash: string;
}

export const chainStart: ChainEnd = { seq: 0, hash: "0".repeat(64) };

/** What a line says, as it stands in the file. */
export interface AuditLine {
  readonly seq: number;
  readonly at: string;
  readonly daemon: string;
  readonly verb: string;
  readonly who: string;
  /** User id; "" where it is no user. */
  readonly user: string;
  readonly door: string;
  readonly address: string;
  readonly request: string;
  readonly target: string;
  readonly outcome: string;
  readonly detail: Readonly<Record<string, string | number>>;
  readonly prev: string;
  readonly hash: string;
}

export interface Checkpoint {
  readonly seq: number;
  readonly at: string;
  readonly daemon: string;
  readonly verb: "checkpoint";
  /** The key's fingerprint. */
  readonly key: string;
  readonly prev: string;
  readonly hash: string;
  /** Base64 Ed25519 over `checkpointWords` and the hash's text. */
  readonly signature: string;
}

/** A text longer than this is cut, with "…" at its end. */
const textLimit = 2048;
const checkpointWords = "holdfast audit checkpoint ";

/** The line that follows `end` and says `entry`, and where the chain then ends. */
export function entryLine(daemon: string, entry: AuditEntry, end: ChainEnd): { line: string; end: ChainEnd } {
  const { principal, door, address, request } = entry.actor;
  const body = {
    seq: end.seq + 1,
    at: new Date(entry.at).toISOString(),
    daemon,
    verb: entry.verb,
    who: principalName(principal),
    user: principal.kind === "user" ? principal.user.id : "",
    door,
    address,
    request: cut(request),
    target: cut(entry.target),
    outcome: entry.outcome,
    detail: sortedDetail(entry.detail),
    prev: end.hash,
  };
  const text = JSON.stringify(body);
  const hash = hex(sha256(utf8(text)));
  return { line: `${text.slice(0, -1)},"hash":"${hash}"}`, end: { seq: body.seq, hash } };
}

/** The signed line that seals everything up to `end`. `atMs` is Unix time. */
export function checkpointLine(
  daemon: string,
  atMs: number,
  end: ChainEnd,
  key: SigningKey,
): { line: string; end: ChainEnd } {
  const body = {
    seq: end.seq + 1,
    at: new Date(atMs).toISOString(),
    daemon,
    verb: "checkpoint",
    key: keyFingerprint(key.publicPem),
    prev: end.hash,
  };
  const hash = hashOf(body);
  const signature = base64(signed(key, utf8(checkpointWords + hash)));
  return { line: JSON.stringify({ ...body, hash, signature }), end: { seq: body.seq, hash } };
}

/** The line read, or what is wrong with it by itself. Its place in the chain is `followsOn`'s matter. */
export function readLine(text: string, publicPem: string): AuditLine | Checkpoint | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "it is not JSON";
  }
  if (!isChained(value)) return "it is no line of an audit trail";
  const { hash, signature, ...body } = value;
  if (hashOf(body) !== hash) return "it is not what was written: its hash differs";
  const sealed = signature === undefined ? { ...body, hash } : { ...body, hash, signature };
  if (JSON.stringify(sealed) !== text) return "it is not written as it was: spaces or order differ";
  if ((value.verb === "checkpoint") !== (signature !== undefined)) return "it is half a checkpoint";
  if (signature !== undefined) {
    const bytes = fromBase64(signature);
    if (!bytes || !isSigned(publicPem, utf8(checkpointWords + hash), bytes))
      return "its signature is not the audit key's";
  }
  return value as unknown as AuditLine | Checkpoint;
}

/** Why `line` cannot stand after `end`, or undefined where it can. */
export function breakBetween(end: ChainEnd, line: AuditLine | Checkpoint): string | undefined {
  if (line.seq === end.seq + 1 && line.prev === end.hash) return undefined;
  if (line.seq > end.seq + 1) return `lines ${end.seq + 1} to ${line.seq - 1} are missing before it`;
  return line.seq <= end.seq
    ? `line ${line.seq} comes after line ${end.seq}`
    : "the line before it is not the one it followed";
}

interface Chained {
  readonly seq: number;
  readonly daemon: string;
  readonly verb: string;
  readonly prev: string;
  readonly hash: string;
  readonly signature?: string;
}

function isChained(value: unknown): value is Chained {
  if (typeof value !== "object" || value === null) return false;
  const { seq, daemon, verb, prev, hash, signature } = value as Record<string, unknown>;
  const texts = [daemon, verb, prev, hash].every((text) => typeof text === "string");
  const signs = signature === undefined || typeof signature === "string";
  return texts && signs && Number.isSafeInteger(seq);
}

const hashOf = (body: object): string => hex(sha256(utf8(JSON.stringify(body))));

const cut = (text: string): string =>
  text.length <= textLimit ? text.toWellFormed() : `${text.slice(0, textLimit - 1).toWellFormed()}…`;

function sortedDetail(detail: AuditEntry["detail"]): Record<string, string | number> {
  const names = Object.keys(detail).sort();
  return Object.fromEntries(
    names.map((name) => {
      const value = detail[name]!;
      return [name, typeof value === "string" ? cut(value) : value];
    }),
  );
}
