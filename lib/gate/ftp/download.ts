import { fail, ok, type Result } from "../../base/result.ts";
import type { Opened, Opening } from "../../proto/ftp/asks.ts";
import { toNetworkText } from "../../proto/ftp/ascii.ts";
import type { Files, OpenFile } from "../../store/files.ts";
import type { DataLink } from "./needs.ts";
import type { Movement, Moving } from "./movement.ts";

/** One read of the store: large enough that a loopback client gets gigabytes a second. */
const readBytes = 512 << 10;

/** RETR: opens the file and checks where to begin. Faults: bad-range, and open's. */
export async function openDownload(
  files: Files,
  opening: Extract<Opening, { to: "retrieve" }>,
): Promise<Result<Movement>> {
  const opened = await files.open(opening.path, {
    read: true,
    write: false,
    create: "must",
    truncate: false,
  });
  if (!opened.ok) return opened;
  const file = opened.value;
  const found = await file.stat();
  if (!found.ok || opening.from > found.value.size) {
    await file.discard();
    return found.ok ? fail("bad-range", "the file is shorter than that") : found;
  }
  const end = Math.min(found.value.size, opening.until ?? Number.POSITIVE_INFINITY);
  const told: Opened = { size: Math.max(0, end - opening.from), name: undefined };
  return ok({
    told,
    direction: "out",
    run: (link, moving, ascii) => send(file, opening.from, end, link, moving, ascii),
    forget: () => file.discard(),
  });
}

/** Reads ahead by one while the last is on its way. */
async function send(
  file: OpenFile,
  from: number,
  end: number,
  link: DataLink,
  moving: Moving,
  ascii: boolean,
): Promise<Result<void>> {
  let at = from;
  const readNext = (): Promise<Result<Uint8Array>> => file.read(at, Math.min(readBytes, end - at));
  let coming = readNext();
  for (;;) {
    const got = await coming;
    if (!got.ok) return got;
    if (got.value.length === 0) return await link.end();
    at += got.value.length;
    coming = at < end ? readNext() : nothing;
    const bytes = ascii ? toNetworkText(got.value) : got.value;
    moving.bytes += bytes.length;
    const written = await link.write(bytes);
    if (written.ok) continue;
    await coming;
    return written;
  }
}

const nothing: Promise<Result<Uint8Array>> = Promise.resolve(ok(new Uint8Array(0)));
