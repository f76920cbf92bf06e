import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { utf8 } from "../base/bytes.ts";
import type { Entropy } from "../base/entropy.ts";
import { idMaker } from "../base/ids.ts";
import type { Clock } from "../base/time.ts";
import { hmacSha256 } from "../crypto/hash.ts";
import { Seal } from "../crypto/seal.ts";
import { areBodiesHeld } from "./backup/hold-bodies.ts";
import { BlobFiles } from "./blobs/blob-files.ts";
import { systemFiles, type FileOps } from "./blobs/file-ops.ts";
import { signIn } from "./blobs/presence.ts";
import { tidyDrafts } from "./blobs/recover.ts";
import type { SinkPool } from "./blobs/sink-pool.ts";
import { workerPool } from "./blobs/worker-pool.ts";
import { ledgeredBuckets } from "./catalog/ledger.ts";
import { openCatalog, type Catalog } from "./catalog/open-catalog.ts";
import { sqliteFeed } from "./catalog/sqlite-feed.ts";
import { sqliteOutbox } from "./catalog/sqlite-outbox.ts";
import { sqliteRemotes } from "./catalog/sqlite-remotes.ts";
import { sqliteRoles } from "./catalog/sqlite-roles.ts";
import { sqliteLeases } from "./catalog/sqlite-leases.ts";
import { ChangeMarks } from "./change-marks.ts";
import type { ChangeFeed } from "./feed.ts";
import type { Identities } from "./identities.ts";
import { sqliteIdentities } from "./identities/sqlite-identities.ts";
import type { Leases } from "./leases.ts";
import type { KeyRing, KeyService } from "./keys.ts";
import { DataKeys } from "./keys/data-keys.ts";
import { KeyVault } from "./keys/key-vault.ts";
import { sqliteKeyRing } from "./keys/sqlite-key-ring.ts";
import { masterKey } from "./master-key.ts";
import type { Objects } from "./objects.ts";
import type { Outbox } from "./outbox.ts";
import type { Remotes } from "./remotes.ts";
import type { Roles } from "./roles.ts";
import { BucketForms } from "./objects/bucket-forms.ts";
import { Holds } from "./objects/holds.ts";
import { hotObjects } from "./objects/hot-objects.ts";
import { reclaimAfter, reclaimer } from "./objects/reclaim.ts";
import { snapshotOf, tablesOf, type Room } from "./objects/room.ts";
import type { Scrubber } from "./scrubber.ts";
import { sqliteTidier } from "./upkeep/sqlite-tidier.ts";
import type { Tidier } from "./tidier.ts";
import { storedUsageOf, type ReadStoredUsage } from "./upkeep/stored-usage.ts";
import { sqliteScrubber } from "./upkeep/sqlite-scrubber.ts";
import { sqliteTimeTravel, type Announced } from "./objects/snapshots.ts";
import type { TimeTravel } from "./time-travel.ts";
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
  /** Where keys named by clients lie, if not in the house's own ring. */
  readonly keyService?: KeyService | undefined;
}

/** Everything one process keeps and looks up in a data directory. */
export interface Store extends AsyncDisposable {
  readonly objects: Objects;
  readonly identities: Identities;
  readonly feed: ChangeFeed;
  readonly outbox: Outbox;
  readonly remotes: Remotes;
  readonly roles: Roles;
  /** Seals under the house's master key. */
  readonly seal: Pick<Seal, "close" | "open">;
  readonly leases: Leases;
  readonly scrubber: Scrubber;
  readonly tidier: Tidier;
  readonly timeTravel: TimeTravel;
  readonly keyRing: KeyRing;
  readonly storedUsage: ReadStoredUsage;
  /** This process's own folder for what is being written, on the disk of the blobs: what a crash leaves in it
   *  goes at the next opening by anybody. */
  readonly staging: string;
  /** Who hashes and writes large bodies. */
  readonly pool: SinkPool;
}

/** Threads that hash and write large bodies, started when the first such body comes. */
const poolThreads = 2;

/** Opens the data directory `data`, making what is missing. Several processes may have it open at once.
 *  Throws where it cannot be used: another owner, a newer schema, a damaged catalog, a full disk. */
export async function openStore(data: string, needs: StoreNeeds): Promise<Store> {
  const { clock, entropy, log, files = systemFiles } = needs;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  files.makeFolder(join(data, "blobs"));
  const catalog = openCatalog(join(data, "catalog.db"), files);
  const { read, write, writer } = catalog;
  const pool = needs.pool ?? workerPool(poolThreads);
  const master = masterKey(data, entropy);
  const seal = new Seal(master, entropy);
  const marks = ChangeMarks.open(join(data, "change-marks"));
  const vault = new KeyVault(seal, hmacSha256(master, utf8("body marks")), entropy);
  const room = await openRoom(data, needs, catalog, { pool, marks, vault });
  const objects = sqliteObjects(room);
  return {
    objects: marks ? hotObjects(objects, marks, clock) : objects,
    identities: sqliteIdentities({ write, read, writer, seal, clock, entropy }),
    feed: sqliteFeed(read, write, writer),
    outbox: sqliteOutbox(read, write, writer),
    roles: sqliteRoles(read, write, writer, clock),
    seal,
    remotes: sqliteRemotes({ read, write, writer, seal, clock }),
    leases: sqliteLeases({ read, write, writer, clock }),
    timeTravel: sqliteTimeTravel(room, announcedBy(marks)),
    storedUsage: storedUsageOf(read),
    keyRing: sqliteKeyRing({
      write,
      read,
      writer,
      vault,
      clock,
      newId: room.newId,
      announce: () => marks?.touchAll(),
    }),
    tidier: sqliteTidier({ room, read, write }),
    scrubber: sqliteScrubber({
      room,
      read,
      write,
      staging: join(data, "staging"),
      warn: (message, fields) => log.warn(message, fields),
    }),
    staging: room.presence.folder,
    pool,
    async [Symbol.asyncDispose]() {
      await pool.close();
      await room.holds.close();
      await writer.close();
      room.presence.leave();
      catalog.close();
    },
  };
}

/** Everybody forgets what they remember of names, before and after. */
const announcedBy =
  (marks: ChangeMarks | undefined): Announced =>
  async (change) => {
    marks?.touchAll();
    return change().finally(() => marks?.touchAll());
  };

/** Signs the process in, tidies up after dead ones, and joins catalog and blob files. */
async function openRoom(
  data: string,
  { clock, entropy, log, files = systemFiles, keyService }: StoreNeeds,
  { read, write, writer }: Catalog,
  { pool, marks, vault }: { pool: SinkPool; marks: ChangeMarks | undefined; vault: KeyVault },
): Promise<Room> {
  const folder = join(data, "blobs");
  const r = tablesOf(read);
  const w = { ...tablesOf(write), buckets: ledgeredBuckets(write, writer) };
  const departed: string[] = [];
  const holders = r.blobs.holders();
  const presence = signIn(join(data, "staging"), files, entropy, (gone) => {
    const orphans = tidyDrafts(files, r.blobs, folder, gone);
    departed.push(gone.name);
    if (gone.drafts.length > 0) log.info("recovered staging", { drafts: gone.drafts.length, orphans });
  });
  const blobs = new BlobFiles({ folder, staging: presence.folder, files, pool, entropy });
  const reclaim = reclaimer(writer, w.blobs, blobs, () => areBodiesHeld(data));
  const holds = new Holds(writer, w.blobs, presence.name, reclaim);
  const newId = idMaker(() => clock.wall(), entropy);
  const snapshot = snapshotOf(read);
  const forms = new BucketForms(r.buckets, marks, clock);
  const service = keyService;
  const dataKeys = new DataKeys({ write, read, writer, vault, entropy, clock, newId, service });
  const known = { forms, dataKeys, presence, clock, newId };
  const room: Room = { writer, w, r, snapshot, blobs, holds, reclaim, ...known };
  // A restored catalog knows of readers that never were here.
  const present = new Set(files.names(join(data, "staging")));
  await reclaimAfter(room, [...departed, ...holders.filter((name) => !present.has(`${name}.lock`))]);
  return room;
}
