import { compareUtf8 } from "../base/bytes.ts";
import { ok, type Result } from "../base/result.ts";
import type { BucketTree, Spot } from "./bucket-tree.ts";
import { statOfFile, statOfFolder } from "./bucket-tree.ts";
import type { Page } from "./content.ts";
import type { DirEntry } from "./files.ts";
import type { Bucket, ObjectVersion } from "./objects.ts";
import { namesOfSegment, readName, type NamePart } from "./tree-names.ts";

/** One row before it has its name. */
interface Row {
  /** Its segment, whole; it stands in the order of these. */
  readonly segment: string;
  /** Undefined: a folder. */
  readonly file: ObjectVersion | undefined;
}

/** A page of a folder's names, in byte order of what the names stand for.
 *
 *  Keys come from the catalog in their own byte order, where the folder `a/` stands after `a-1` and `a.txt`,
 *  though its name `a` stands before theirs. So a page may miss a folder whose keys come later. It can only
 *  be one whose name is the beginning of the page's last key, and those few are looked for by themselves. */
export async function listFolder(
  tree: BucketTree,
  spot: Spot,
  after: string,
  limit: number,
): Promise<Result<Page<DirEntry>>> {
  const facts = await tree.facts();
  if (!facts.ok) return facts;
  const reader = new FolderReader(tree, spot, facts.value);
  const from = after === "" ? undefined : readName(after);
  if (from && !from.ok) return from;
  return reader.page(from?.value, limit);
}

class FolderReader {
  readonly #tree: BucketTree;
  readonly #base: string;
  /** What of a segment the folder's own path holds already. */
  readonly #start: string;
  readonly #facts: Bucket;

  constructor(tree: BucketTree, spot: Spot, facts: Bucket) {
    this.#tree = tree;
    this.#base = spot.folder;
    this.#start = spot.start === undefined ? "" : spot.start.slice(spot.folder.length);
    this.#facts = facts;
  }

  async page(from: NamePart | undefined, limit: number): Promise<Result<Page<DirEntry>>> {
    const prefix = this.#base + this.#start;
    const first = from?.as === "more" ? await this.#firstLong(from.text, undefined) : ok(undefined);
    if (!first.ok) return first;
    const after: NamePart | undefined = first.value === undefined ? from : { text: first.value, as: "plain" };
    let cursor = prefix + (after?.text ?? ""); // past the folder's own mark
    for (;;) {
      const ask = { bucket: this.#tree.bucket, prefix, delimiter: "/", after: cursor, limit };
      const page = await this.#tree.objects.list(ask);
      if (!page.ok) return page;
      const { objects, prefixes, next } = page.value;
      const rows: Row[] = [
        ...objects.map((file) => ({ segment: file.key.slice(this.#base.length), file })),
        ...prefixes.map((text) => ({ segment: text.slice(this.#base.length, -1), file: undefined })),
      ];
      if (next !== undefined) {
        const late = await this.#lateFolders(next, rows);
        if (!late.ok) return late;
        rows.push(...late.value);
      }
      const named = await this.#named(rows, after);
      if (!named.ok) return named;
      if (named.value.length > 0 || next === undefined) {
        return this.#rows(named.value, limit, next !== undefined);
      }
      cursor = next;
    }
  }

  /** Folders whose names begin the last key's and whose keys come after it. */
  async #lateFolders(last: string, rows: readonly Row[]): Promise<Result<Row[]>> {
    const segment = last.slice(this.#base.length).replace(/\/$/, "");
    const known = new Set(rows.flatMap((row) => (row.file ? [] : [row.segment])));
    const beginnings: string[] = [];
    for (let end = this.#start.length; end <= segment.length; end++) {
      const low = end === segment.length || segment.charCodeAt(end) < 0x2f;
      if (low && !known.has(segment.slice(0, end))) beginnings.push(segment.slice(0, end));
    }
    const found: Row[] = [];
    for (const beginning of beginnings) {
      const prefix = `${this.#base}${beginning}/`;
      const ask = { bucket: this.#tree.bucket, prefix, delimiter: "", after: "", limit: 1 };
      const page = await this.#tree.objects.list(ask);
      if (!page.ok) return page;
      if (page.value.objects.length > 0) found.push({ segment: beginning, file: undefined });
    }
    return ok(found);
  }

  /** Rows that are shown here and come after `after`, in order, each with its name. */
  async #named(rows: readonly Row[], after: NamePart | undefined): Promise<Result<Named[]>> {
    const folders = new Set(rows.flatMap((row) => (row.file ? [] : [row.segment])));
    const named: Named[] = [];
    for (const row of rows) {
      if (row.segment === "" && row.file) continue; // the folder's own mark
      const beside = row.file !== undefined && folders.has(row.segment);
      const rest = this.#within(row.segment);
      if (rest === undefined) continue;
      const [name, ...more] = namesOfSegment(rest, beside);
      named.push({ row, name: name!, rest, beside, long: more.length > 0 });
    }
    named.sort((a, b) => compareUtf8(a.rest, b.rest) || Number(b.beside) - Number(a.beside));
    const seen = new Set<string>();
    const shown: Named[] = [];
    for (const one of named) {
      if (after && !isAfter(one, after)) continue;
      if (one.long) {
        if (seen.has(one.name)) continue;
        seen.add(one.name);
        const earlier = await this.#toldBefore(one, after);
        if (!earlier.ok) return earlier;
        if (earlier.value) continue;
      }
      shown.push(one);
    }
    return ok(shown);
  }

  /** What of a segment is left to name in this folder; undefined where it is shown elsewhere: a segment that
   *  needs no cutting is not in the folder of those that do. */
  #within(segment: string): string | undefined {
    if (this.#start === "") return segment;
    let rest = segment;
    for (let told = ""; told.length < this.#start.length;) {
      const [name, ...more] = namesOfSegment(rest);
      if (more.length === 0) return undefined;
      const part = readName(name!);
      if (!part.ok || !this.#start.startsWith(told + part.value.text)) return undefined;
      told += part.value.text;
      rest = segment.slice(told.length);
    }
    return rest;
  }

  /** Whether an earlier page has shown the folder that this over-long name is in. */
  async #toldBefore(one: Named, after: NamePart | undefined): Promise<Result<boolean>> {
    const part = readName(one.name);
    if (!part.ok || !after?.text.startsWith(part.value.text)) return ok(false);
    const first = await this.#firstLong(part.value.text, after.text);
    return first.ok ? ok(first.value !== undefined) : first;
  }

  /** The first over-long name that begins with `chunk`, not after `last`. */
  async #firstLong(chunk: string, last: string | undefined): Promise<Result<string | undefined>> {
    const cut = this.#base.length + this.#start.length;
    for (let cursor = ""; ;) {
      const prefix = this.#base + this.#start + chunk;
      const ask = { bucket: this.#tree.bucket, prefix, delimiter: "/", after: cursor, limit: 1000 };
      const page = await this.#tree.objects.list(ask);
      if (!page.ok) return page;
      const { objects, prefixes, next } = page.value;
      const rests = [
        ...objects.map(({ key }) => key.slice(cut)),
        ...prefixes.map((text) => text.slice(cut, -1)),
      ];
      const inReach = rests.filter((rest) => last === undefined || compareUtf8(rest, last) <= 0);
      const long = inReach.filter((rest) => namesOfSegment(rest).length > 1).sort(compareUtf8);
      if (long.length > 0 || next === undefined || inReach.length < rests.length) return ok(long[0]);
      cursor = next;
    }
  }

  async #rows(named: readonly Named[], limit: number, more: boolean): Promise<Result<Page<DirEntry>>> {
    const shown = named.slice(0, limit);
    const rows = await Promise.all(shown.map((one) => this.#entry(one)));
    const failed = rows.find((row) => !row.ok);
    if (failed && !failed.ok) return failed;
    const entries = rows.flatMap((row) => (row.ok ? [row.value] : []));
    const next = more || named.length > limit ? shown.at(-1)!.name : undefined;
    return ok({ rows: entries, next });
  }

  async #entry({ row, name, long }: Named): Promise<Result<DirEntry>> {
    if (row.file && !long) return ok({ name, ...statOfFile(row.file, this.#facts) });
    const prefix = `${this.#base}${row.segment}/`;
    const mark = long ? ok(undefined) : await this.#tree.mark(prefix);
    if (!mark.ok) return mark;
    const id = long ? this.#base + this.#start + name : prefix;
    return ok({ name, ...statOfFolder(id, mark.value, this.#facts) });
  }
}

interface Named {
  readonly row: Row;
  readonly name: string;
  readonly rest: string;
  readonly beside: boolean;
  /** The name shows only the beginning: a folder. */
  readonly long: boolean;
}

function isAfter(one: Named, after: NamePart): boolean {
  const order = compareUtf8(one.rest, after.text);
  return order > 0 || (order === 0 && after.as === "beside" && !one.beside);
}
