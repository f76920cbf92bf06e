import { open } from "node:fs/promises";
import { join } from "node:path";
import { concat, textOf } from "../base/bytes.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { auditFiles, type AuditFile } from "./audit-files.ts";
import type { Page } from "./content.ts";

/** The chains that have files: the daemons' names in order. */
export async function auditChains(folder: string): Promise<string[]> {
  return [...new Set((await auditFiles(folder)).map(({ daemon }) => daemon))];
}

/** A chain's lines as they are kept, newest first, checkpoints included. `after` is "" or a page's `next`
 *  ("<file>:<offset>"). What is read is not proved. Faults: invalid (`after`), io. */
export async function auditPage(
  folder: string,
  daemon: string,
  after: string,
  limit: number,
): Promise<Result<Page<string>>> {
  const files = (await auditFiles(folder)).filter((file) => file.daemon === daemon).reverse();
  const start = after === "" ? { at: 0, offset: undefined } : placeOf(files, after);
  if (!start) return fail("invalid", "the cursor is not one of ours", { where: "cursor" });
  const rows: string[] = [];
  let { offset } = start;
  for (const file of files.slice(start.at)) {
    for await (const { text, begins } of linesBackward(join(folder, file.name), offset)) {
      rows.push(text);
      if (rows.length === limit) return ok({ rows, next: `${file.name}:${begins}` });
    }
    offset = undefined;
  }
  return ok({ rows, next: undefined });
}

function placeOf(files: readonly AuditFile[], after: string): { at: number; offset: number } | undefined {
  const [, name, digits] = /^([a-z0-9.-]{1,64}):(\d{1,15})$/.exec(after) ?? [];
  const at = files.findIndex((file) => file.name === name);
  return at < 0 ? undefined : { at, offset: Number(digits) };
}

const chunkBytes = 1 << 16;

/** Whole lines that end at or before `from`, last first, with the offset where each begins. */
async function* linesBackward(
  path: string,
  from: number | undefined,
): AsyncIterable<{ text: string; begins: number }> {
  const handle = await open(path, "r");
  try {
    let at = Math.min(from ?? Infinity, (await handle.stat()).size);
    let held: Uint8Array = new Uint8Array(0);
    while (at > 0) {
      const begin = Math.max(0, at - chunkBytes);
      const chunk = new Uint8Array(at - begin);
      await handle.read(chunk, 0, chunk.length, begin);
      held = concat([chunk, held]);
      at = begin;
      // `held` begins at `at`: give every line of it whose beginning is in it.
      for (;;) {
        const ends = held.lastIndexOf(0x0a);
        const before = ends <= 0 ? -1 : held.lastIndexOf(0x0a, ends - 1);
        if (ends < 0 || (before < 0 && at > 0)) break;
        const text = textOf(held.subarray(before + 1, ends));
        if (text !== undefined && text !== "") yield { text, begins: at + before + 1 };
        held = held.subarray(0, before + 1);
        if (before < 0) break;
      }
    }
  } finally {
    await handle.close();
  }
}
