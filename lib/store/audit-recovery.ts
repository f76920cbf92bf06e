import { existsSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { hex, lossyText, textOf } from "../base/bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { chainStart, readLine, type ChainEnd, type Checkpoint } from "../watch/audit-chain.ts";
import { auditFiles, headName } from "./audit-files.ts";

/** Where a chain goes on after the process before, and what had to be told about how it was found. */
export interface Recovered {
  readonly end: ChainEnd;
  /** "2026-11-21" of the newest file; "" where there is none. */
  readonly date: string;
  /** Facts for an `audit.recover` entry; undefined where all is as it was left. */
  readonly found: Readonly<Record<string, string | number>> | undefined;
}

/** Reads a chain's end. A last line that a crash cut is taken off the file, and told; lines that the head
 *  knows and the file lacks leave a gap in the numbers, so that nobody can take them away unseen. */
export async function recoverChain(folder: string, daemon: string, publicPem: string): Promise<Recovered> {
  const last = (await auditFiles(folder)).findLast((file) => file.daemon === daemon);
  const found: Record<string, string | number> = {};
  let end = chainStart;
  if (last) {
    const tail = await cutTail(join(folder, last.name));
    if (tail.cut.length > 0) {
      found["cutBytes"] = tail.cut.length;
      found["cutSha256"] = hex(sha256(tail.cut));
    }
    const read = endOf(tail.lines, publicPem);
    end = read.end;
    if (read.unreadable > 0) found["unreadableLines"] = read.unreadable;
    if (tail.lines.length === 0) end = await endBefore(folder, daemon, last.name, publicPem);
  }
  const head = await readHead(folder, daemon, publicPem);
  if (head && head.seq > end.seq) {
    found["missingLines"] = head.seq - end.seq;
    end = { seq: head.seq, hash: head.hash };
  }
  return { end, date: last?.date ?? "", found: Object.keys(found).length > 0 ? found : undefined };
}

/** The head's checkpoint, or undefined where there is none or it is not the key's. */
export async function readHead(
  folder: string,
  daemon: string,
  publicPem: string,
): Promise<Checkpoint | undefined> {
  const path = join(folder, headName(daemon));
  if (!existsSync(path)) return undefined;
  const line = readLine((await readFile(path, "utf8")).trimEnd(), publicPem);
  return typeof line !== "string" && "signature" in line && line.daemon === daemon ? line : undefined;
}

/** How much of a file's end is looked at: far more than the longest line. */
const tailBytes = 1 << 18;
const newline = 0x0a;

/** The last whole lines of the file; bytes after them are removed and given back. */
async function cutTail(path: string): Promise<{ lines: string[]; cut: Uint8Array }> {
  const handle = await open(path, "r+");
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - tailBytes);
    const bytes = new Uint8Array(size - from);
    await handle.read(bytes, 0, bytes.length, from);
    const whole = bytes.lastIndexOf(newline) + 1;
    const cut = bytes.slice(whole);
    if (cut.length > 0) {
      await handle.truncate(from + whole);
      await handle.sync();
    }
    const first = from > 0 ? bytes.indexOf(newline) + 1 : 0;
    const text = textOf(bytes.subarray(first, whole)) ?? lossyText(bytes.subarray(first, whole));
    return { lines: text.split("\n").slice(0, -1), cut };
  } finally {
    await handle.close();
  }
}

/** Where a file holds no whole line the chain's end is in the one before it. */
async function endBefore(folder: string, daemon: string, name: string, publicPem: string): Promise<ChainEnd> {
  const before = (await auditFiles(folder)).findLast((file) => file.daemon === daemon && file.name < name);
  if (!before) return chainStart;
  const tail = await cutTail(join(folder, before.name));
  return endOf(tail.lines, publicPem).end;
}

function endOf(lines: readonly string[], publicPem: string): { end: ChainEnd; unreadable: number } {
  for (let i = lines.length - 1; i >= 0; i--) {
    const line = readLine(lines[i]!, publicPem);
    if (typeof line !== "string")
      return { end: { seq: line.seq, hash: line.hash }, unreadable: lines.length - 1 - i };
  }
  return { end: chainStart, unreadable: lines.length };
}
