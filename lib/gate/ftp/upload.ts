import { randomText } from "../../base/ids.ts";
import type { Entropy } from "../../base/entropy.ts";
import { child, nameOf, parentOf, type Path } from "../../base/path.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Opening } from "../../proto/ftp/asks.ts";
import { FromNetworkText } from "../../proto/ftp/ascii.ts";
import type { Files, OpenFile, OpenHow } from "../../store/files.ts";
import type { DataLink } from "./needs.ts";
import type { Movement, Moving } from "./movement.ts";

type Storing = Extract<Opening, { to: "store" }>;

/** What is given to the store at once. */
const writeBytes = 1 << 20;

/** What becomes of the bytes of an upload that broke. */
export type PartialUploads = "drop" | "keep";

/** STOR, APPE, STOU: nothing is seen under the name until all of it is there. Faults: bad-range, open's. */
export async function openUpload(
  files: Files,
  opening: Storing,
  partial: PartialUploads,
  entropy: Entropy,
): Promise<Result<Movement>> {
  const opened =
    opening.how === "unique" ? await openNew(files, opening, entropy) : await openAt(files, opening);
  if (!opened.ok) return opened;
  const { file, at, path } = opened.value;
  return ok({
    told: { size: undefined, name: opening.how === "unique" ? nameOf(path) : undefined },
    direction: "in",
    run: async (link, moving, ascii) => {
      const received = await receive(file, at, link, moving, ascii);
      if (received.ok) return await publish(file, link);
      if (partial === "keep" && isBroken(received) && moving.bytes > 0) await file.close();
      else await file.discard();
      return received;
    },
    forget: () => file.discard(),
  });
}

interface Begun {
  readonly file: OpenFile;
  readonly at: number;
  readonly path: Path;
}

async function openAt(files: Files, opening: Storing): Promise<Result<Begun>> {
  const fromStart = opening.how === "at" && opening.from === 0;
  const how: OpenHow = { read: false, write: true, create: "may", truncate: fromStart };
  const opened = await files.open(opening.path, how);
  if (!opened.ok) return opened;
  const file = opened.value;
  if (fromStart) return ok({ file, at: 0, path: opening.path });
  const begun = opening.how === "append" ? await atEnd(file, opening) : await cutAt(file, opening);
  if (!begun.ok) await file.discard();
  return begun;
}

/** APPE. A REST before it must mean the end. */
async function atEnd(file: OpenFile, opening: Storing): Promise<Result<Begun>> {
  const found = await file.stat();
  if (!found.ok) return found;
  const at = found.value.size;
  if (opening.from > 0 && opening.from !== at) return fail("invalid", "APPE begins at the end");
  return ok({ file, at, path: opening.path });
}

/** REST n, STOR: what was from n on is gone. */
async function cutAt(file: OpenFile, opening: Storing): Promise<Result<Begun>> {
  const found = await file.stat();
  if (!found.ok) return found;
  if (opening.from > found.value.size) return fail("bad-range", "the file is shorter than that");
  const cut = await file.change({ size: opening.from });
  return cut.ok ? ok({ file, at: opening.from, path: opening.path }) : cut;
}

const uniqueTries = 16;

/** The client's hint where it is free, else with letters nobody guesses. */
async function openNew(files: Files, opening: Storing, entropy: Entropy): Promise<Result<Begun>> {
  const folder = parentOf(opening.path);
  const hint = nameOf(opening.path);
  for (let i = 0; i < uniqueTries; i++) {
    const name = i === 0 ? hint : `${hint.slice(0, 100)}.${randomText(entropy, 8)}`;
    const path = child(folder, name);
    const opened = await files.open(path, { read: false, write: true, create: "new", truncate: true });
    if (opened.ok) return ok({ file: opened.value, at: 0, path });
    if (opened.fault.code !== "exists" && opened.fault.code !== "is-directory") return opened;
  }
  return fail("busy", "no name was free");
}

async function receive(
  file: OpenFile,
  from: number,
  link: DataLink,
  moving: Moving,
  ascii: boolean,
): Promise<Result<void>> {
  const text = ascii ? new FromNetworkText() : undefined;
  let at = from;
  for (;;) {
    const got = await link.read(writeBytes);
    if (!got.ok) return got;
    const ended = got.value.length === 0;
    const bytes = ended ? (text?.end() ?? got.value) : (text?.push(got.value) ?? got.value);
    moving.bytes += got.value.length;
    // Once given, the bytes are the store's: it may hand their memory to a thread.
    const { length } = bytes;
    if (length > 0) {
      const written = await file.write(at, bytes);
      if (!written.ok) return written;
      at += length;
    }
    if (ended) return ok();
  }
}

/** 226 only after the file is durable under its name. */
async function publish(file: OpenFile, link: DataLink): Promise<Result<void>> {
  const closed = await file.close();
  await link.end();
  return closed;
}

const isBroken = (result: Result<void>): boolean =>
  !result.ok && ["truncated", "timeout", "cancelled"].includes(result.fault.code);
