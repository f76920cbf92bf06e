import { existsSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { concat, textOf } from "../base/bytes.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { keyFingerprint } from "../crypto/ed25519.ts";
import {
  breakBetween,
  chainStart,
  readLine,
  type AuditLine,
  type ChainEnd,
  type Checkpoint,
} from "../watch/audit-chain.ts";
import { auditFiles, headedDaemons, headName, publicKeyName, type AuditFile } from "./audit-files.ts";
import { readHead } from "./audit-recovery.ts";

/** What proving a trail found. A trail is whole where no chain has findings. */
export interface AuditProof {
  /** Fingerprint of the key that the checkpoints were proved with: compare it with one kept elsewhere. */
  readonly key: string;
  readonly chains: readonly ChainProof[];
}

export interface ChainProof {
  readonly daemon: string;
  readonly files: number;
  readonly lines: number;
  readonly checkpoints: number;
  /** Up to this line a signature vouches; what follows is chained, and not yet sealed. */
  readonly sealedTo: number;
  readonly firstAt: string;
  readonly lastAt: string;
  /** The first hundred. */
  readonly findings: readonly AuditFinding[];
}

export interface AuditFinding {
  /** "s3d-2026-11-21.jsonl:17". */
  readonly where: string;
  readonly what: string;
}

const findingLimit = 100;
/** Longer lines are none of ours. */
const lineBytes = 1 << 16;

/** Proves every chain in `folder` offline, with its public key or `publicPem` kept elsewhere.
 *  Any changed bit, missing, added or moved line, and any missing file is found, also at the end, as far as
 *  the last checkpoint. Who holds the private key can make another trail: keep its fingerprint elsewhere.
 *  Faults: not-found (no trail, no key), io. */
export async function proveAudit(folder: string, publicPem?: string): Promise<Result<AuditProof>> {
  try {
    const path = join(folder, publicKeyName);
    if (publicPem === undefined && !existsSync(path))
      return fail("not-found", "there is no audit key to prove with", {
        where: path,
        mend: "name the audit folder, or give the key with --key FILE",
      });
    const key = publicPem ?? (await readFile(path, "utf8"));
    const files = await auditFiles(folder);
    const daemons = new Set([...files.map(({ daemon }) => daemon), ...(await headedDaemons(folder))]);
    const chains: ChainProof[] = [];
    for (const daemon of [...daemons].sort())
      chains.push(
        await proveChain(
          folder,
          daemon,
          files.filter((file) => file.daemon === daemon),
          key,
        ),
      );
    return ok({ key: keyFingerprint(key), chains });
  } catch (error) {
    return fail("io", `the audit trail cannot be read: ${(error as Error).message}`, { where: folder });
  }
}

/** What reading a part of a chain found, with its lines handed to `take` in order. */
export interface PartProof extends ChainProof {
  /** Fingerprint of the key. */
  readonly key: string;
}

/** Reads and proves one chain from the file of the UTC day `since` ("2026-11-21") on: what a signature seals
 *  is
 *  proved back to the part's first line. Faults: not-found (no key), io. */
export async function proveChainSince(
  folder: string,
  daemon: string,
  since: string,
  take: (line: AuditLine | Checkpoint) => void,
  publicPem?: string,
): Promise<Result<PartProof>> {
  try {
    const path = join(folder, publicKeyName);
    if (publicPem === undefined && !existsSync(path))
      return fail("not-found", "there is no audit key to prove with", { where: path });
    const key = publicPem ?? (await readFile(path, "utf8"));
    const files = (await auditFiles(folder)).filter((file) => file.daemon === daemon);
    // The file before may hold the first lines of the day, where the clock was set back.
    const first = Math.max(0, files.findIndex(({ date }) => date >= since) - 1);
    const part = files.some(({ date }) => date >= since) ? files.slice(first) : files.slice(-1);
    const proof = await proveChain(folder, daemon, part, key, { isPart: part.length < files.length, take });
    return ok({ ...proof, key: keyFingerprint(key) });
  } catch (error) {
    return fail("io", `the audit trail cannot be read: ${(error as Error).message}`, { where: folder });
  }
}

interface Reading {
  /** Lines before the first are not looked at. */
  readonly isPart: boolean;
  readonly take: (line: AuditLine | Checkpoint) => void;
}

interface Walk {
  end: ChainEnd;
  lines: number;
  checkpoints: number;
  sealedTo: number;
  firstAt: string;
  lastAt: string;
  readonly findings: AuditFinding[];
  /** Hashes at the seqs that the head may name. */
  headHash: string | undefined;
  /** The first line may be any: what came before is in files that are not read. */
  anyStart: boolean;
  readonly take: (line: AuditLine | Checkpoint) => void;
}

async function proveChain(
  folder: string,
  daemon: string,
  files: readonly AuditFile[],
  publicPem: string,
  reading?: Reading,
): Promise<ChainProof> {
  const head = await readHead(folder, daemon, publicPem);
  const walk: Walk = {
    end: chainStart,
    lines: 0,
    checkpoints: 0,
    sealedTo: 0,
    firstAt: "",
    lastAt: "",
    findings: [],
    headHash: undefined,
    anyStart: reading?.isPart === true,
    take: reading?.take ?? (() => {}),
  };
  for (const file of files)
    for await (const { number, bytes, whole } of linesOf(join(folder, file.name))) {
      const what = step(walk, daemon, publicPem, head?.seq ?? 0, whole ? bytes : undefined);
      if (what !== undefined) note(walk, `${file.name}:${number}`, what);
    }
  const where = headName(daemon);
  if (!head) {
    if (walk.checkpoints > 0 || files.length === 0)
      note(walk, where, "the newest checkpoint's copy is missing or not the key's");
  } else if (head.seq > walk.end.seq)
    note(walk, where, `lines ${walk.end.seq + 1} to ${head.seq} are missing at the end`);
  else if (head.hash !== walk.headHash) note(walk, where, `line ${head.seq} is not the one it was`);
  const { lines, checkpoints, sealedTo, firstAt, lastAt, findings } = walk;
  return { daemon, files: files.length, lines, checkpoints, sealedTo, firstAt, lastAt, findings };
}

/** Takes one line in; what is wrong with it, or undefined. After a finding the chain goes on from there. */
function step(
  walk: Walk,
  daemon: string,
  publicPem: string,
  headSeq: number,
  bytes: Uint8Array | undefined,
): string | undefined {
  walk.lines++;
  if (bytes === undefined) return "the last line is cut off";
  const text = textOf(bytes);
  if (text === undefined) return "it is not UTF-8";
  const line = readLine(text, publicPem);
  if (typeof line === "string") return line;
  const broken = walk.anyStart ? undefined : breakBetween(walk.end, line);
  walk.anyStart = false;
  walk.take(line);
  walk.end = { seq: line.seq, hash: line.hash };
  walk.firstAt ||= line.at;
  walk.lastAt = line.at;
  if (line.seq === headSeq) walk.headHash = line.hash;
  if (line.verb === "checkpoint") {
    walk.checkpoints++;
    walk.sealedTo = line.seq;
  }
  return line.daemon === daemon ? broken : `it is of another daemon: ${line.daemon}`;
}

function note(walk: Walk, where: string, what: string): void {
  if (walk.findings.length < findingLimit) walk.findings.push({ where, what });
}

/** The file's lines as bytes, without their ends; `whole` is false for one without an end, or too long. */
async function* linesOf(path: string): AsyncIterable<{ number: number; bytes: Uint8Array; whole: boolean }> {
  const handle = await open(path, "r");
  try {
    let held: Uint8Array = new Uint8Array(0);
    let number = 0;
    const buffer = new Uint8Array(1 << 18);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      held = concat([held, buffer.subarray(0, bytesRead)]);
      let from = 0;
      for (let at = held.indexOf(0x0a); at >= 0; at = held.indexOf(0x0a, from)) {
        yield { number: ++number, bytes: held.subarray(from, at), whole: true };
        from = at + 1;
      }
      held = held.slice(from);
      if (held.length > lineBytes) break;
    }
    if (held.length > 0) yield { number: number + 1, bytes: held, whole: false };
  } finally {
    await handle.close();
  }
}
