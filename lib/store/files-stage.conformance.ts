import { expect, test } from "bun:test";
import { concat, lossyText, utf8 } from "../base/bytes.ts";
import type { FaultCode } from "../base/fault.ts";
import { parsePath, type Path } from "../base/path.ts";
import { must, type Result } from "../base/result.ts";
import type { DirEntry, Files, OpenFile, OpenHow } from "./files.ts";

/** Opens an empty tree; called once a test. Disposing it removes whatever it left behind. */
export type OpenFiles = () => Promise<{ readonly files: Files } & AsyncDisposable>;

/** What an adapter keeps beyond a plain tree. */
export interface FilesTraits {
  /** A file that was replaced while it was open for writing is kept as a version: no conflict is told. */
  readonly keepsVersions?: boolean;
}

export const create: OpenHow = { read: false, write: true, create: "may", truncate: true };
export const fresh: OpenHow = { read: true, write: true, create: "new", truncate: false };
export const edit: OpenHow = { read: true, write: true, create: "must", truncate: false };
export const reading: OpenHow = { read: true, write: false, create: "must", truncate: false };

/** "/a/b" as a path. */
export const p = (text: string): Path => must(parsePath(text));

export type FilesCheck = (what: string, run: (files: Files) => Promise<void>) => void;

export function filesChecker(open: OpenFiles): FilesCheck {
  return (what, run) =>
    test(what, async () => {
      await using opened = await open();
      await run(opened.files);
    });
}

export function expectFault(result: Result<unknown>, ...codes: FaultCode[]): void {
  expect(result.ok ? "ok" : result.fault.code).toBeOneOf(codes);
}

export async function writeFile(files: Files, path: string, content: string | Uint8Array): Promise<void> {
  const file = must(await files.open(p(path), create));
  must(await file.write(0, typeof content === "string" ? utf8(content) : content.slice()));
  must(await file.close());
}

/** The content as text, or the fault's code. */
export async function readFile(files: Files, path: string): Promise<string> {
  const opened = await files.open(p(path), reading);
  if (!opened.ok) return `fault ${opened.fault.code}`;
  const bytes = await readWhole(opened.value);
  must(await opened.value.close());
  return lossyText(bytes);
}

/** From the start to the end, in steps that fit nothing. */
export async function readWhole(file: OpenFile, step = 60_007): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let at = 0; ;) {
    const chunk = must(await file.read(at, step));
    expect(chunk.length).toBeLessThanOrEqual(step);
    if (chunk.length === 0) return concat(parts);
    parts.push(chunk.slice());
    at += chunk.length;
  }
}

export async function listAll(files: Files, path: string, limit: number): Promise<DirEntry[]> {
  const found: DirEntry[] = [];
  let after = "";
  for (;;) {
    const page = must(await files.list(p(path), after, limit));
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    found.push(...page.rows);
    if (page.next === undefined) return found;
    expect(page.rows.length).toBeGreaterThan(0);
    after = page.next;
  }
}

export const names = async (files: Files, path: string, limit = 1000): Promise<string[]> =>
  (await listAll(files, path, limit)).map(({ name }) => name);

/** Bytes that differ from place to place. */
export const pattern = (size: number, seed = 7): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (i * seed + (i >> 9)) & 255);
