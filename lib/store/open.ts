import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Entropy } from "../base/entropy.ts";
import { idMaker } from "../base/ids.ts";
import { ok } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import { Seal } from "../crypto/seal.ts";
import { BlobFiles } from "./blobs/blob-files.ts";
import { systemFiles, type FileOps } from "./blobs/file-ops.ts";
import { signIn } from "./blobs/presence.ts";
import { tidyDrafts } from "./blobs/recover.ts";
import type { SinkPool } from "./blobs/sink-pool.ts";
import { workerPool } from "./blobs/worker-pool.ts";
import { ledgeredBuckets } from "./catalog/ledger.ts";
import { Checkpointer } from "./catalog/checkpointer.ts";
import { openConnection } from "./catalog/connection.ts";
import { logFile } from "./catalog/log-file.ts";
import { migrate } from "./catalog/schema.ts";
import { sqliteFeed } from "./catalog/sqlite-feed.ts";
import { sqliteLeases } from "./catalog/sqlite-leases.ts";
import { Writer } from "./catalog/writer.ts";
import { ChangeMarks } from "./change-marks.ts";
import type { ChangeFeed } from "./feed.ts";
import type { Identities } from "./identities.ts";
import { sqliteIdentities } from "./identities/sqlite-identities.ts";
import type { Leases } from "./leases.ts";
import { masterKey } from "./master-key.ts";
import type { Objects } from "./objects.ts";
import { Holds } from "./objects/holds.ts";
import { hotObjects } from "./objects/hot-objects.ts";
import { snapshotOf, tablesOf, type Room } from "./objects/room.ts";
import { sqliteObjects } from "./objects/sqlite-objects.ts";

/** What the store tells of itself: the part of a log that it needs. */
export interface StoreLog {
  info(message: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>): void;
  warn(message: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>): void;
}

export interface StoreNeeds {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: StoreLog;
  /** Another file system under the blob files, for tests. */
  readonly files?: FileOps;
  /** Who hashes and writes large bodies, for tests. */
  readonly pool?: SinkPool;
}

/** Everything one process keeps and looks up in a data directory. */
export interface Store extends AsyncDisposable {
  readonly objects: Objects;
  readonly identities: Identities;
  readonly feed: ChangeFeed;
  readonly leases: Leases;
  /** This process's own folder for what is being written, on the disk of the blobs: what a crash leaves in it
   *  goes at the next opening by anybody. */
  readonly staging: string;
  /** Who hashes and writes large bodies. */
  readonly pool: SinkPool;
}

/** Threads that hash and write large bodies, started when the first such body comes. */
const poolThreads = 2;

/** Files that nothing refers to any more, deleted at opening where a crash kept them. */
const recoveredAtOnce = 10_000;

/** Opens the data directory `data`, making what is missing. Several processes may have it open at once.
 *  Throws where it cannot be used: another owner, a newer schema, a damaged catalog, a full disk. */
export async function openStore(data: string, needs: StoreNeeds): Promise<Store> {
  const { clock, entropy, log, files = systemFiles } = needs;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const folder = join(data, "blobs");
  files.makeFolder(folder);
  const path = join(data, "catalog.db");
  const write = openConnection(path, "writer");
  migrate(write);
  const read = openConnection(path, "reader");
  const wal = logFile(files, path);
  const writer = new Writer(write, () => wal.sync());
  const checkpointer = new Checkpointer(path);
  writer.follow(checkpointer);
  const r = tablesOf(read);
  const w = { ...tablesOf(write), buckets: ledgeredBuckets(write, writer) };
  const departed: string[] = [];
  const presence = signIn(join(data, "staging"), files, entropy, (gone) => {
    const orphans = tidyDrafts(files, r.blobs, folder, gone);
    departed.push(gone.name);
    if (gone.drafts.length > 0) log.info("recovered staging", { drafts: gone.drafts.length, orphans });
  });
  const pool = needs.pool ?? workerPool(poolThreads);
  const blobs = new BlobFiles({ folder, staging: presence.folder, files, pool, entropy });
  const reclaim = async (gone: readonly string[]): Promise<void> => {
    const deleted = await blobs.unlink(gone);
    if (deleted.length === 0) return;
    await writer.write(() => {
      for (const file of deleted) w.blobs.forget(file);
      return ok();
    });
  };
  const holds = new Holds(writer, w.blobs, presence.name, reclaim);
  const newId = idMaker(() => clock.wall(), entropy);
  const snapshot = snapshotOf(read);
  const room: Room = { writer, w, r, snapshot, blobs, holds, clock, newId, reclaim };
  await releaseAfter(room, departed);
  await reclaim(r.blobs.garbage(recoveredAtOnce));
  const seal = new Seal(masterKey(data, entropy), entropy);
  const marks = ChangeMarks.open(join(data, "change-marks"));
  const objects = sqliteObjects(room);
  return {
    objects: marks ? hotObjects(objects, marks, clock) : objects,
    identities: sqliteIdentities({ write, read, writer, seal, clock, entropy }),
    feed: sqliteFeed(read, write, writer),
    leases: sqliteLeases({ read, write, writer, clock }),
    staging: presence.folder,
    pool,
    async [Symbol.asyncDispose]() {
      await pool.close();
      await holds.close();
      await writer.close();
      presence.leave();
      checkpointer.close();
      wal.close();
      read.close();
      write.close();
    },
  };
}

/** Lets go of what dead processes were reading. */
async function releaseAfter(room: Room, departed: readonly string[]): Promise<void> {
  const { writer, w, reclaim } = room;
  const held = departed.flatMap((name) => w.blobs.heldBy(name).map((blob) => ({ name, blob })));
  if (held.length === 0) return;
  await writer.write((commit) => {
    const files = held.flatMap(({ name, blob }) => w.blobs.release(blob, name));
    commit.after(() => void reclaim(files));
    return ok();
  });
}
