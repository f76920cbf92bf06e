import { textOf, utf8 } from "../../base/bytes.ts";
import type { Path } from "../../base/path.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Files } from "../../store/files.ts";

/** Where a view's attachments are: nobody sees this folder by SMB. */
export const attachmentsFolder = ".holdfast";
const folderOf = (tag: string): Path => [attachmentsFolder, "streams", tag];

/** What goes with a file beside its bytes: named streams, its security descriptor, its extended attributes.
 *  They are files of a folder that the file's note names by a tag, so that they stay with the file whoever
 *  renames it. `owner` is the path of the file they belong to: a copy of the note is not the file. */
export const attachment = { owner: "owner", security: "security", attributes: "ea" } as const;
export type AttachmentName = (typeof attachment)[keyof typeof attachment];

const maxBytes = 1 << 20;
const streamPrefix = "stream.";

/** Where a stream is in the attachments' view. Faults: bad-name. */
export function streamPath(tag: string, name: string): Result<Path> {
  const kept = streamPrefix + keptName(name);
  if (utf8(kept).length > 255) return fail("bad-name", "the stream's name is too long");
  return ok([...folderOf(tag), kept]);
}

/** A stream's name may have characters that no file's has: they are kept as "%01". */
const keptName = (name: string): string =>
  Array.from(name, (char) =>
    char < " " || char === "%" ? `%${char.charCodeAt(0).toString(16).padStart(2, "0")}` : char,
  ).join("");
const streamName = (kept: string): string =>
  kept.replaceAll(/%([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

export interface StreamRow {
  readonly name: string;
  readonly size: number;
}

/** The streams of a file, in byte order of their names. */
export async function streamsOf(files: Files, tag: string): Promise<Result<StreamRow[]>> {
  const rows: StreamRow[] = [];
  if (tag === "") return ok(rows);
  for (let after: string | undefined = ""; after !== undefined;) {
    const page = await files.list(folderOf(tag), after, 1000);
    if (!page.ok) return page.fault.code === "not-found" ? ok(rows) : page;
    for (const { name, size } of page.value.rows)
      if (name.startsWith(streamPrefix))
        rows.push({ name: streamName(name.slice(streamPrefix.length)), size });
    after = page.value.next;
  }
  return ok(rows);
}

/** A document, or undefined where there is none. */
export async function readAttachment(
  files: Files,
  tag: string,
  name: AttachmentName,
): Promise<Result<Uint8Array | undefined>> {
  const how = { read: true, write: false, create: "must", truncate: false } as const;
  const opened = await files.open([...folderOf(tag), name], how);
  if (!opened.ok) return opened.fault.code === "not-found" ? ok(undefined) : opened;
  const read = await opened.value.read(0, maxBytes);
  await opened.value.close();
  return read;
}

export async function writeAttachment(
  files: Files,
  tag: string,
  name: AttachmentName,
  bytes: Uint8Array,
): Promise<Result<void>> {
  return writeWhole(files, [...folderOf(tag), name], bytes);
}

async function writeWhole(files: Files, path: Path, bytes: Uint8Array): Promise<Result<void>> {
  const opened = await files.open(path, { read: false, write: true, create: "may", truncate: true });
  if (!opened.ok) return opened;
  const written = bytes.length === 0 ? ok() : await opened.value.write(0, Uint8Array.from(bytes));
  if (written.ok) return opened.value.close();
  await opened.value.discard();
  return written;
}

/** The path of the file that they belong to, from the attachments' view's root; "" where nobody says. */
export async function ownerOf(files: Files, tag: string): Promise<Result<string>> {
  const read = await readAttachment(files, tag, attachment.owner);
  return read.ok ? ok(read.value ? (textOf(read.value) ?? "") : "") : read;
}

/** Makes a folder for attachments, and writes whose they are. */
export async function beginAttachments(files: Files, tag: string, owner: string): Promise<Result<void>> {
  const path = folderOf(tag);
  for (let depth = 1; depth <= path.length; depth++) {
    const made = await files.makeFolder(path.slice(0, depth));
    if (!made.ok && made.fault.code !== "exists") return made;
  }
  return writeAttachment(files, tag, attachment.owner, utf8(owner));
}

/** Everything of one folder goes into another. */
export async function copyAttachments(files: Files, from: string, to: string): Promise<Result<void>> {
  const page = await files.list(folderOf(from), "", 1000);
  if (!page.ok) return page;
  const others = page.value.rows.filter(({ name }) => name !== attachment.owner);
  for (const { name, size } of others) {
    const how = { read: true, write: false, create: "must", truncate: false } as const;
    const opened = await files.open([...folderOf(from), name], how);
    if (!opened.ok) return opened;
    const read = await opened.value.read(0, size);
    await opened.value.close();
    const copied = read.ok ? await writeWhole(files, [...folderOf(to), name], read.value) : read;
    if (!copied.ok) return copied;
  }
  return ok();
}

/** The file is gone, and they with it. */
export async function removeAttachments(files: Files, tag: string): Promise<void> {
  const page = await files.list(folderOf(tag), "", 1000);
  if (!page.ok) return;
  for (const { name } of page.value.rows) await files.removeFile([...folderOf(tag), name]);
  await files.removeFolder(folderOf(tag));
}
