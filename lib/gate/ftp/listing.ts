import { utf8 } from "../../base/bytes.ts";
import { longLine } from "../../base/long-listing.ts";
import { nameOf, type Path } from "../../base/path.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { UnixMs } from "../../base/time.ts";
import type { ListForm, Opening } from "../../proto/ftp/asks.ts";
import type { Entry } from "../../proto/ftp/entry.ts";
import { factsLine } from "../../proto/ftp/facts.ts";
import { isListable, matches } from "../../proto/ftp/listing.ts";
import type { Files, RightsIn } from "../../store/files.ts";
import type { DataLink } from "./needs.ts";
import type { Movement, Moving } from "./movement.ts";

const pageRows = 1000;

/** LIST, NLST, MLSD: a page at a time, however large the folder. Faults: not-found, not-directory. */
export async function openListing(
  files: Files,
  opening: Extract<Opening, { to: "list" }>,
  now: UnixMs,
): Promise<Result<Movement>> {
  const { path, form } = opening;
  const found = await files.stat(path);
  if (!found.ok) return found;
  const isFolder = found.value.kind === "folder";
  if (!isFolder && form.as === "facts") return fail("not-directory", "that is not a folder");
  const one = isFolder ? undefined : { ...found.value, name: nameOf(path) };
  const rights = form.as === "facts" ? await files.rights?.(path) : undefined;
  const known = rights?.ok ? rights.value : undefined;
  return ok({
    told: { size: undefined, name: undefined },
    direction: "out",
    run: (link, moving) =>
      one ? sendOne(one, form, now, link, moving) : sendFolder(files, opening, now, known, link, moving),
    forget: async () => {},
  });
}

async function sendOne(
  entry: Entry,
  form: ListForm,
  now: UnixMs,
  link: DataLink,
  moving: Moving,
): Promise<Result<void>> {
  // A file that was asked for by name is told by that name.
  const asked =
    form.as === "names" ? { ...form, prefix: form.prefix.slice(0, -entry.name.length - 1) } : form;
  return await sendLines([lineOf(entry, asked, now)], link, moving, "last");
}

async function sendFolder(
  files: Files,
  opening: Extract<Opening, { to: "list" }>,
  now: UnixMs,
  rights: RightsIn | undefined,
  link: DataLink,
  moving: Moving,
): Promise<Result<void>> {
  let after = "";
  for (;;) {
    const page = await files.list(opening.path, after, pageRows);
    if (!page.ok) return page;
    const rows = page.value.rows.filter((row) => isListable(row.name) && isPicked(opening.form, row.name));
    const known = rights ? rows.map((row) => ({ ...row, rights: rights(row.name, row.kind) })) : rows;
    const lines = known.map((row) => lineOf(row, opening.form, now));
    const { next } = page.value;
    const sent = await sendLines(lines, link, moving, next === undefined ? "last" : "more");
    if (!sent.ok || next === undefined) return sent;
    after = next;
  }
}

const isPicked = (form: ListForm, name: string): boolean =>
  form.as === "facts" || form.glob === undefined || matches(form.glob, name);

function lineOf(entry: Entry, form: ListForm, now: UnixMs): string {
  if (form.as === "facts") return factsLine(entry, form.facts, entry.name);
  return form.as === "long" ? longLine(entry, now) : form.prefix + entry.name;
}

async function sendLines(
  lines: readonly string[],
  link: DataLink,
  moving: Moving,
  what: "more" | "last",
): Promise<Result<void>> {
  const bytes = utf8(lines.map((line) => `${line}\r\n`).join(""));
  moving.bytes += bytes.length;
  const written = bytes.length > 0 ? await link.write(bytes) : ok();
  return written.ok && what === "last" ? await link.end() : written;
}

/** STAT on a folder: its first `limit` long lines. */
export async function folderLines(
  files: Files,
  path: Path,
  limit: number,
  now: UnixMs,
): Promise<Result<string[]>> {
  const page = await files.list(path, "", Math.min(limit, pageRows));
  if (!page.ok) return page;
  return ok(page.value.rows.filter((row) => isListable(row.name)).map((row) => longLine(row, now)));
}
