import type { Database } from "bun:sqlite";
import { createHash } from "node:crypto";
import { createReadStream, type Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { equalBytes } from "../../base/bytes.ts";
import { ok } from "../../base/result.ts";
import { asUnixMs } from "../../base/time.ts";
import { blobPath, codeOf } from "../blobs/file-ops.ts";
import { readSlices, type BlobRow } from "../catalog/blob-table.ts";
import type { Room } from "../objects/room.ts";
import type { Damage, Scrubber, ScrubHow, ScrubReport } from "../scrubber.ts";
import { versionsWith } from "./versions-with.ts";

interface ScrubNeeds {
  readonly room: Room;
  readonly read: Database;
  readonly write: Database;
  /** `<data>/staging`. */
  readonly staging: string;
  readonly warn: (message: string, fields: Readonly<Record<string, string | number>>) => void;
}

const pageRows = 100;
const reader = "scrubber";
/** A file younger than this may belong to a commit on its way. */
const orphanAgeMs = 3_600_000;

/** The scrubber over the catalog's bodies, in the order of their numbers. */
export function sqliteScrubber(needs: ScrubNeeds): Scrubber {
  const { read, write, room } = needs;
  const page = read.prepare<BlobRow, [number]>(
    `SELECT * FROM blobs WHERE id > +? ORDER BY id LIMIT ${pageRows}`,
  );
  const known = read.prepare<{ id: number }, []>("SELECT id FROM blobs WHERE damaged_at IS NOT NULL");
  const last = read.prepare<{ id: number | null }, []>("SELECT max(id) AS id FROM blobs");
  const mark = write.prepare<null, [number | null, number]>("UPDATE blobs SET damaged_at = ? WHERE id = ?");

  const place = placeOf(needs);

  async function run(how: ScrubHow): Promise<ScrubReport> {
    const round = new Round(how.bytesPerSecond, room.clock);
    const damaged: Damage[] = [];
    let healed = 0;
    let after = place.get();
    for (let rows = page.all(after); rows.length > 0 && !how.signal.aborted; rows = page.all(after)) {
      for (const row of rows) {
        const what = await inspect(room, row);
        if (what && stillThere(room, row)) {
          if (row.damaged_at === null) damaged.push(await tellOf(needs, row.id, what));
          await setMark(row.id, room.clock.wall());
        } else if (!what && row.damaged_at !== null) {
          await setMark(row.id, null);
          healed++;
        }
        after = row.id;
        await round.read(row.parts ? 0 : row.size, how.signal);
        if (how.signal.aborted) break;
      }
      await place.set(after);
      const share = Math.min(1, after / (last.get()?.id || after));
      how.told?.({ bodies: round.bodies, bytes: round.bytes, found: damaged.length, share });
    }
    const finished = !how.signal.aborted;
    const orphans = finished ? await removeOrphans(needs) : 0;
    if (finished) await place.finish();
    return { bodies: round.bodies, bytes: round.bytes, damaged, healed, orphans, finished };
  }

  const setMark = (id: number, at: number | null) => room.writer.write(() => ok(void mark.run(at, id)));

  return {
    run,
    finishedAt: async () => place.finishedAt(),
    async damaged() {
      const found: Damage[] = [];
      for (const { id } of known.all()) {
        const row = room.r.blobs.get(id);
        const what = row && (await inspect(room, row));
        if (what) found.push({ blob: id, what, objects: await versionsWith(read, id) });
      }
      return found;
    },
  };
}

/** Where the round is, and when the last one ended: of all processes together. */
function placeOf({ read, write, room }: ScrubNeeds) {
  const cursor = read.prepare<{ seq: number }, [string]>("SELECT seq FROM cursors WHERE reader = ?");
  const keep = write.prepare<null, [string, number]>("INSERT OR REPLACE INTO cursors VALUES(?,?)");
  const end = read.prepare<{ value: string }, []>("SELECT value FROM settings WHERE name = 'scrub.finished'");
  const keepEnd = write.prepare<null, [string]>(
    "INSERT OR REPLACE INTO settings VALUES('scrub.finished', ?)",
  );
  return {
    get: () => cursor.get(reader)?.seq ?? 0,
    set: (blob: number) => room.writer.write(() => ok(void keep.run(reader, blob))),
    finish: () =>
      room.writer.write(() => {
        keep.run(reader, 0);
        return ok(void keepEnd.run(String(Math.floor(room.clock.wall()))));
      }),
    finishedAt() {
      const ms = Number(end.get()?.value ?? NaN);
      return Number.isFinite(ms) ? asUnixMs(ms) : undefined;
    },
  };
}

async function tellOf({ read, warn }: ScrubNeeds, blob: number, what: Damage["what"]): Promise<Damage> {
  const objects = await versionsWith(read, blob);
  const where = objects.map(({ bucket, key }) => `${bucket}/${key}`).slice(0, 5);
  warn("a stored body is damaged", { blob, what, objects: where.join(" ") });
  return { blob, what, objects };
}

/** What is wrong with a body; undefined: nothing. */
async function inspect(room: Room, row: BlobRow): Promise<Damage["what"] | undefined> {
  if (row.body)
    return row.body.length === row.size && crc32(row.body) === row.check32 ? undefined : "changed";
  if (row.parts) {
    const slices = readSlices(row.parts);
    if (slices.some(({ blob }) => !room.r.blobs.get(blob))) return "missing";
    return slices.reduce((sum, { size }) => sum + size, 0) === row.size ? undefined : "changed";
  }
  const hash = createHash("md5");
  let size = 0;
  try {
    const stream = createReadStream(blobPath(room.blobs.folder, row.file!), { highWaterMark: 256 << 10 });
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      size += chunk.length;
    }
  } catch (error) {
    return codeOf(error) === "ENOENT" ? "missing" : "unreadable";
  }
  const same = size === row.size && (row.md5 === null || equalBytes(new Uint8Array(hash.digest()), row.md5));
  return same ? undefined : "changed";
}

/** Not deleted while it was looked at. */
const stillThere = (room: Room, row: BlobRow): boolean => room.r.blobs.get(row.id)?.file === row.file;

/** Keeps the pace, and counts. */
class Round {
  readonly #bytesPerSecond: number;
  readonly #clock: Room["clock"];
  readonly #begun: number;
  bodies = 0;
  bytes = 0;

  constructor(bytesPerSecond: number, clock: Room["clock"]) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#clock = clock;
    this.#begun = clock.now();
  }

  async read(bytes: number, signal: AbortSignal): Promise<void> {
    this.bodies++;
    this.bytes += bytes;
    if (this.#bytesPerSecond === 0) return;
    const dueMs = (this.bytes / this.#bytesPerSecond) * 1000;
    const aheadMs = dueMs - (this.#clock.now() - this.#begun);
    if (aheadMs < 5) return;
    await new Promise<void>((resume) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resume();
      };
      const timer = setTimeout(end, aheadMs);
      signal.addEventListener("abort", end);
    });
  }
}

async function removeOrphans({ room, staging }: ScrubNeeds): Promise<number> {
  const { blobs, clock, r } = room;
  const drafts = new Set(await filesUnder(staging));
  const orphans: string[] = [];
  for (const file of await filesUnder(blobs.folder)) {
    if (drafts.has(file) || r.blobs.hasFile(file)) continue;
    const found = await stat(blobPath(blobs.folder, file)).catch(() => undefined);
    if (found && clock.wall() - found.mtimeMs > orphanAgeMs) orphans.push(file);
  }
  const gone = await blobs.unlink(orphans.filter((file) => !r.blobs.hasFile(file)));
  return gone.length;
}

/** Names of the files in the folders of a folder. */
async function filesUnder(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const inner of await readdir(folder, { withFileTypes: true })) {
    if (!inner.isDirectory()) continue;
    const entries = await readdir(join(folder, inner.name), { withFileTypes: true }).catch(
      (): Dirent[] => [],
    );
    found.push(...entries.filter((entry) => entry.isFile()).map(({ name }) => name));
  }
  return found;
}
