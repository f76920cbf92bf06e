import type { Path } from "../../base/path.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Files, OpenFile } from "../../store/files.ts";

const stepBytes = 1 << 20;

/** Copies a file within a view; the copy is seen when it is whole. Faults: open's and write's. */
export function copyFile(files: Files, from: Path, to: Path): Promise<Result<void>> {
  if (samePath(from, to)) return Promise.resolve(fail("invalid", "a file cannot be copied onto itself"));
  return gather(files, to, true, [from]);
}

/** Adds the parts to the end of `whole`, then removes them. */
export async function combineFiles(files: Files, whole: Path, parts: readonly Path[]): Promise<Result<void>> {
  if (parts.some((part) => samePath(part, whole))) return fail("invalid", "a part cannot be the whole");
  const gathered = await gather(files, whole, false, parts);
  if (!gathered.ok) return gathered;
  for (const part of parts) {
    const removed = await files.removeFile(part);
    if (!removed.ok) return removed;
  }
  return ok();
}

const samePath = (a: Path, b: Path): boolean => a.length === b.length && a.every((name, i) => name === b[i]);

async function gather(
  files: Files,
  to: Path,
  truncate: boolean,
  sources: readonly Path[],
): Promise<Result<void>> {
  const opened = await files.open(to, { read: false, write: true, create: "may", truncate });
  if (!opened.ok) return opened;
  const target = opened.value;
  const moved = await fill(files, target, truncate, sources);
  if (moved.ok) return await target.close();
  await target.discard();
  return moved;
}

async function fill(
  files: Files,
  target: OpenFile,
  fromStart: boolean,
  sources: readonly Path[],
): Promise<Result<void>> {
  const found = fromStart ? ok({ size: 0 }) : await target.stat();
  if (!found.ok) return found;
  let at = found.value.size;
  for (const path of sources) {
    const opened = await files.open(path, { read: true, write: false, create: "must", truncate: false });
    if (!opened.ok) return opened;
    const poured = await pour(opened.value, target, at);
    await opened.value.discard();
    if (!poured.ok) return poured;
    at = poured.value;
  }
  return ok();
}

/** Gives where the target now ends. */
async function pour(source: OpenFile, target: OpenFile, from: number): Promise<Result<number>> {
  for (let at = 0; ;) {
    const got = await source.read(at, stepBytes);
    if (!got.ok) return got;
    const { length } = got.value;
    if (length === 0) return ok(from + at);
    const written = await target.write(from + at, got.value);
    if (!written.ok) return written;
    at += length;
  }
}
