import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Entropy } from "../base/entropy.ts";
import { idMaker } from "../base/ids.ts";
import { ok } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import { Seal } from "../crypto/seal.ts";
import { BlobFiles } from "./blobs/blob-files.ts";
import { systemFiles, type FileOps } from "./blobs/file-ops.ts";
import { ownThread, type SinkPool } from "./blobs/sink-pool.ts";
import { openConnection } from "./catalog/connection.ts";
import { migrate } from "./catalog/schema.ts";
import { sqliteFeed } from "./catalog/sqlite-feed.ts";
import { Writer } from "./catalog/writer.ts";
import type { ChangeFeed } from "./feed.ts";
import type { Identities } from "./identities.ts";
import { sqliteIdentities } from "./identities/sqlite-identities.ts";
import { masterKey } from "./master-key.ts";
import type { Objects } from "./objects.ts";
import { tablesOf, type Room } from "./objects/room.ts";
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
}

/** Opens the data directory `data`, making what is missing. Several processes may have it open at once.
 *  Throws where it cannot be used: another owner, a newer schema, a damaged catalog, a full disk. */
export async function openStore(data: string, needs: StoreNeeds): Promise<Store> {
  const { clock, entropy, files = systemFiles } = needs;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const folder = join(data, "blobs");
  const staging = join(data, "staging", "here");
  files.makeFolder(folder);
  files.makeFolder(staging);
  const path = join(data, "catalog.db");
  const write = openConnection(path, "writer");
  migrate(write);
  const read = openConnection(path, "reader");
  const writer = new Writer(write);
  const pool = needs.pool ?? ownThread(files);
  const blobs = new BlobFiles({ folder, staging, files, pool, entropy });
  const w = tablesOf(write);
  const room: Room = {
    writer,
    w,
    r: tablesOf(read),
    blobs,
    clock,
    newId: idMaker(() => clock.wall(), entropy),
    reclaim: (gone) => {
      const deleted = gone.filter((file) => blobs.unlink(file));
      void writer.write(() => {
        for (const file of deleted) w.blobs.forget(file);
        return ok();
      });
    },
  };
  const seal = new Seal(masterKey(data, entropy), entropy);
  return {
    objects: sqliteObjects(room),
    identities: sqliteIdentities({ write, read, writer, seal, clock, entropy }),
    feed: sqliteFeed(read, write, writer),
    async [Symbol.asyncDispose]() {
      await pool.close();
      await writer.close();
      read.close();
      write.close();
    },
  };
}
