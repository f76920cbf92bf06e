import { child, nameOf } from "../../base/path.ts";
import { done, refused, type AskOf, type Outcome } from "../../proto/smb/ask.ts";
import { DirectoryBuffer, type DirectoryRow } from "../../proto/smb/directory-info.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import type { DirEntry } from "../../store/files.ts";
import { rowOf } from "./basics.ts";
import { eaBytesOf } from "./extended-attributes.ts";
import type { SmbHouse } from "./house.ts";
import { tagIn } from "./note.ts";
import type { Listing, Open } from "./open.ts";
import { matcher } from "./pattern.ts";
import { isHidden, look } from "./resolve.ts";
import { statusFor } from "./status.ts";

const pageRows = 1000;

/** QUERY_DIRECTORY (MS-FSA §2.1.5.6.3): "." and "..", then the names that fit, as many as have room. */
export async function listFolder(
  house: SmbHouse,
  open: Open,
  ask: AskOf<"list">,
): Promise<Outcome<Uint8Array>> {
  if (!open.node.isFolder) return refused(ntStatus.invalidParameter);
  if (!open.listing || ask.restart || ask.reopen) open.listing = await begin(house, open, ask);
  const { listing } = open;
  const buffer = new DirectoryBuffer(ask.infoClass, ask.limit);
  for (;;) {
    const more = await fill(house, open, listing);
    if (more !== undefined) return refused(more);
    const row = listing.rows[0];
    if (!row || !buffer.add(row)) break;
    listing.rows.shift();
    if (ask.single) break;
  }
  if (!buffer.isEmpty) {
    listing.given = true;
    return done(buffer.take());
  }
  if (listing.rows.length > 0) return refused(ntStatus.infoLengthMismatch);
  return refused(listing.given ? ntStatus.noMoreFiles : ntStatus.noSuchFile);
}

async function begin(house: SmbHouse, open: Open, ask: AskOf<"list">): Promise<Listing> {
  const { room, node } = open;
  const pattern = ask.pattern === "" ? "*" : ask.pattern;
  const fits = matcher(pattern);
  const here = await node.stat(room.files);
  const above = await room.files.stat(node.path.slice(0, -1));
  const dots: DirectoryRow[] = [];
  if (here.ok && fits(".")) dots.push(rowOf(".", here.value, node.known));
  if (above.ok && fits("..")) dots.push(rowOf("..", above.value));
  const fresh = house.newIn(room.place, node.path).map((n) => n.path);
  return { fits, rows: dots, after: "", fresh, given: false };
}

/** Reads on where no row is left. A status where the store refuses. */
async function fill(house: SmbHouse, open: Open, listing: Listing): Promise<number | undefined> {
  const { room, node } = open;
  while (listing.rows.length === 0 && listing.after !== undefined) {
    const page = await room.files.list(node.path, listing.after, pageRows);
    if (!page.ok) return statusFor[page.fault.code];
    listing.after = page.value.next;
    for (const entry of page.value.rows) {
      if (listing.fits(entry.name) && !isHidden(room, child(node.path, entry.name)))
        listing.rows.push(await currentRow(house, open, entry));
    }
  }
  for (let path = listing.fresh.shift(); path && listing.rows.length === 0; path = listing.fresh.shift()) {
    const found = await look(house, room, path);
    if (found.kind === "there" && found.node?.isNew && listing.fits(nameOf(path)))
      listing.rows.push(rowOf(nameOf(path), found.stat, found.node.known));
    if (listing.rows.length > 0) break;
  }
  return undefined;
}

/** What is open here is told as it is now, not as it was published. */
async function currentRow(house: SmbHouse, open: Open, entry: DirEntry): Promise<DirectoryRow> {
  const node = house.node(open.room.place, child(open.node.path, entry.name));
  const stat = node ? await node.stat(open.room.files) : undefined;
  const now = stat?.ok ? stat.value : entry;
  const eaBytes = await eaBytesOf(open.room, tagIn(now, node?.known ?? {}));
  return { ...rowOf(entry.name, now, node?.known), eaBytes };
}
