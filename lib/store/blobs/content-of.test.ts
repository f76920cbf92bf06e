import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concat } from "../../base/bytes.ts";
import type { Content } from "../content.ts";
import { contentOfFile, contentOfPieces, contentOfRow } from "./content-of.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-content-"));
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);
const path = join(folder, "file");
writeFileSync(path, bytes);
const file = (): Content => contentOfFile(openSync(path, "r"), bytes.length, path);

async function read(content: Content, start: number, end: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of content.read(start, end)) parts.push(part);
  return concat(parts);
}

async function stretches(content: Content, start: number, end: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of content.stretches!(start, end)) {
    if (!("fd" in part)) {
      parts.push(part);
      continue;
    }
    const into = new Uint8Array(part.end - part.start);
    readSync(part.fd, into, 0, into.length, part.start);
    parts.push(into);
  }
  return concat(parts);
}

const kinds: Record<string, () => Content> = {
  "a row": () => contentOfRow(bytes),
  "a file": file,
  "pieces of both": () =>
    contentOfPieces(
      [
        { size: 300, open: () => contentOfRow(bytes.subarray(0, 300)) },
        { size: 1000, open: file },
        { size: 5, open: () => contentOfRow(bytes.subarray(0, 5)) },
      ],
      1305,
      () => {},
    ),
};
for (const [what, open] of Object.entries(kinds)) {
  test(`${what}: read and stretches give the same bytes, anywhere`, async () => {
    const content = open();
    const whole = await read(content, 0, content.size);
    expect(whole.length).toBe(content.size);
    for (const [start, end] of [
      [0, content.size],
      [0, 0],
      [1, content.size - 1],
      [299, 301],
      [500, 501],
    ] as const) {
      expect(await read(content, start, end)).toEqual(whole.slice(start, end));
      expect(await stretches(content, start, end)).toEqual(whole.slice(start, end));
    }
    await content.close();
  });
}
