import type { Database } from "bun:sqlite";
import { patiently, pragma } from "./connection.ts";

/** Steps of the schema, oldest first. A step that has shipped is never changed: add another. */
const steps: readonly string[] = [
  `
  CREATE TABLE settings(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO counters VALUES('identities', 1);

  CREATE TABLE tenants(
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO tenants VALUES('main', 'main', 0);
  CREATE TABLE users(
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,
    groups TEXT NOT NULL, home_bucket TEXT, home_prefix TEXT, disabled INTEGER NOT NULL,
    expires_at INTEGER, created_at INTEGER NOT NULL, UNIQUE(tenant, name)) WITHOUT ROWID;
  -- kind: password (Argon2id), nt (sealed), later ssh-key, certificate, totp
  CREATE TABLE user_credentials(
    user TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, label TEXT NOT NULL, value BLOB NOT NULL,
    created_at INTEGER NOT NULL, PRIMARY KEY(user, kind, id)) WITHOUT ROWID;
  CREATE TABLE access_keys(
    id TEXT PRIMARY KEY, user TEXT NOT NULL, secret BLOB NOT NULL, disabled INTEGER NOT NULL,
    expires_at INTEGER, created_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX access_keys_of ON access_keys(user);
  CREATE TABLE api_tokens(
    id TEXT PRIMARY KEY, user TEXT NOT NULL, label TEXT NOT NULL, digest BLOB NOT NULL,
    expires_at INTEGER, created_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX api_tokens_of ON api_tokens(user);
  CREATE TABLE grants(
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, effect TEXT NOT NULL, who_kind TEXT NOT NULL,
    who TEXT NOT NULL, verbs TEXT NOT NULL, bucket TEXT NOT NULL, prefix TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX grants_of ON grants(tenant);

  CREATE TABLE buckets(
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL, owner TEXT NOT NULL,
    versioning TEXT NOT NULL, quota_bytes INTEGER, quota_objects INTEGER, created_at INTEGER NOT NULL,
    used_bytes INTEGER NOT NULL DEFAULT 0, used_objects INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE bucket_documents(
    bucket INTEGER NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY(bucket, name)) WITHOUT ROWID;

  -- age = -(seq of the event that made the row): the newest version of a key comes first.
  -- versioned = 0: made while the bucket kept no versions, and so the oldest row of its key.
  CREATE TABLE versions(
    bucket INTEGER NOT NULL, key TEXT NOT NULL, age INTEGER NOT NULL, version TEXT NOT NULL,
    versioned INTEGER NOT NULL, marker INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    blob INTEGER, created_at INTEGER NOT NULL, lock_mode TEXT, lock_until INTEGER,
    legal_hold INTEGER NOT NULL, facts TEXT, PRIMARY KEY(bucket, key, age)) WITHOUT ROWID;
  CREATE UNIQUE INDEX versions_by_id ON versions(bucket, key, version) WHERE versioned = 1;

  -- Exactly one of body, file and parts. parts: pairs of blob id and size, as 64-bit IEEE numbers.
  CREATE TABLE blobs(
    id INTEGER PRIMARY KEY, refs INTEGER NOT NULL, size INTEGER NOT NULL, check32 INTEGER,
    file TEXT, parts BLOB, body BLOB);
  CREATE UNIQUE INDEX blobs_by_file ON blobs(file) WHERE file IS NOT NULL;
  -- A joined body that somebody reads: it waits with refs = 0 until nobody does.
  CREATE TABLE holds(blob INTEGER NOT NULL, holder TEXT NOT NULL, PRIMARY KEY(blob, holder)) WITHOUT ROWID;
  CREATE INDEX blobs_waiting ON blobs(id) WHERE refs = 0;
  CREATE TABLE garbage(file TEXT PRIMARY KEY) WITHOUT ROWID;

  CREATE TABLE uploads(
    id TEXT PRIMARY KEY, bucket INTEGER NOT NULL, key TEXT NOT NULL, initiator TEXT NOT NULL,
    created_at INTEGER NOT NULL, digests TEXT NOT NULL, digests_of TEXT NOT NULL, lock_mode TEXT,
    lock_until INTEGER, legal_hold INTEGER NOT NULL, facts TEXT) WITHOUT ROWID;
  CREATE UNIQUE INDEX uploads_by_key ON uploads(bucket, key, id);
  CREATE TABLE parts(
    upload TEXT NOT NULL, number INTEGER NOT NULL, blob INTEGER, size INTEGER NOT NULL, etag TEXT NOT NULL,
    digests TEXT, created_at INTEGER NOT NULL, PRIMARY KEY(upload, number)) WITHOUT ROWID;
  -- So that repeating a completion gives the same answer.
  CREATE TABLE ended_uploads(
    id TEXT PRIMARY KEY, bucket INTEGER NOT NULL, key TEXT NOT NULL, age INTEGER NOT NULL,
    ended_at INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE events(
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, tenant TEXT NOT NULL,
    bucket TEXT NOT NULL, subject TEXT NOT NULL, version TEXT NOT NULL, size INTEGER NOT NULL,
    etag TEXT NOT NULL, was TEXT NOT NULL, by TEXT NOT NULL, door TEXT NOT NULL, address TEXT NOT NULL,
    request TEXT NOT NULL);
  CREATE TABLE cursors(reader TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE leases(
    name TEXT NOT NULL, holder TEXT NOT NULL, mode TEXT NOT NULL, note TEXT NOT NULL,
    expires_at INTEGER NOT NULL, PRIMARY KEY(name, holder)) WITHOUT ROWID;
  CREATE INDEX leases_by_end ON leases(expires_at);
  `,
  `
  -- MD5 of a body in a file, for the scrubber; damaged_at: found to be another, and not served since.
  ALTER TABLE blobs ADD COLUMN md5 BLOB;
  ALTER TABLE blobs ADD COLUMN damaged_at INTEGER;
  CREATE INDEX blobs_damaged ON blobs(id) WHERE damaged_at IS NOT NULL;
  -- Named moments of a bucket: what was current after the event seq.
  CREATE TABLE snapshots(
    bucket INTEGER NOT NULL, name TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY(bucket, name)) WITHOUT ROWID;
  `,
  `
  -- The newest snapshot's seq; NULL: none.
  ALTER TABLE buckets ADD COLUMN snapshot_seq INTEGER;
  -- Versions that are gone, and that a snapshot still shows; gone: the seq of the event that took them out.
  CREATE TABLE history(
    bucket INTEGER NOT NULL, key TEXT NOT NULL, age INTEGER NOT NULL, version TEXT NOT NULL,
    versioned INTEGER NOT NULL, marker INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    blob INTEGER, created_at INTEGER NOT NULL, lock_mode TEXT, lock_until INTEGER,
    legal_hold INTEGER NOT NULL, facts TEXT, gone INTEGER NOT NULL,
    PRIMARY KEY(bucket, key, age)) WITHOUT ROWID;
  `,
  `
  -- In what way a change came about, where its kind does not say.
  ALTER TABLE events ADD COLUMN how TEXT NOT NULL DEFAULT '';
  -- What is still to be sent to somebody else, in the order of id within a queue; dead: given up.
  CREATE TABLE outbox(
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, at INTEGER NOT NULL, about TEXT NOT NULL,
    body TEXT NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL, error TEXT NOT NULL,
    dead INTEGER NOT NULL);
  CREATE INDEX outbox_by_queue ON outbox(queue, dead, id);
  `,
  `
  CREATE INDEX outbox_by_about ON outbox(about);
  -- Other S3 servers that buckets may name; the secret is sealed.
  CREATE TABLE remotes(
    name TEXT PRIMARY KEY, endpoint TEXT NOT NULL, region TEXT NOT NULL, key_id TEXT NOT NULL,
    secret BLOB NOT NULL, ca TEXT NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID;
  `,
  `
  -- How a body is written where it is not as it came (blobs/body-form.ts), and its size before that. size,
  -- check32 and md5 are of what is on disk, so that the scrubber needs no key.
  ALTER TABLE blobs ADD COLUMN form TEXT;
  ALTER TABLE blobs ADD COLUMN plain INTEGER;
  -- A sealed body's own key, sealed by a key of the ring, by a customer's or by a key service.
  CREATE TABLE blob_keys(
    blob INTEGER PRIMARY KEY, ring TEXT NOT NULL, version INTEGER NOT NULL, context TEXT NOT NULL,
    sealed BLOB NOT NULL);
  CREATE INDEX blob_keys_by_ring ON blob_keys(ring, version);
  -- tenant '': the house's own.
  CREATE TABLE ring_keys(
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, alias TEXT, state TEXT NOT NULL, version INTEGER NOT NULL,
    created_at INTEGER NOT NULL, rotated_at INTEGER) WITHOUT ROWID;
  CREATE UNIQUE INDEX ring_keys_by_alias ON ring_keys(tenant, alias) WHERE alias IS NOT NULL;
  CREATE TABLE ring_key_versions(
    key TEXT NOT NULL, version INTEGER NOT NULL, sealed BLOB NOT NULL, created_at INTEGER NOT NULL,
    PRIMARY KEY(key, version)) WITHOUT ROWID;
  `,
  `
  -- The last change of each minute whose changes are forgotten: so that a moment still has its place.
  CREATE TABLE moments(minute INTEGER PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL);
  `,
  `
  -- Bodies that are kept once in their bucket: mark is a keyed hash of the bytes and of how they are sealed.
  ALTER TABLE blobs ADD COLUMN marked INTEGER;
  CREATE TABLE body_marks(
    bucket INTEGER NOT NULL, mark BLOB NOT NULL, blob INTEGER NOT NULL,
    PRIMARY KEY(bucket, mark)) WITHOUT ROWID;
  CREATE INDEX body_marks_by_blob ON body_marks(blob);
  `,
  `
  -- What STS hands out; policy and trusts are JSON.
  CREATE TABLE roles(
    tenant TEXT NOT NULL, name TEXT NOT NULL, policy TEXT NOT NULL, trusts TEXT NOT NULL,
    max_seconds INTEGER NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY(tenant, name)) WITHOUT ROWID;
  `,
];

export const schemaVersion = steps.length;

/** Brings the catalog to this build's schema, one process at a time, in one transaction.
 *  Throws where the catalog was written by a newer build: going back needs that build's own export. */
export function migrate(db: Database): void {
  if (pragma(db, "user_version") === schemaVersion) return;
  patiently(() => db.run("BEGIN IMMEDIATE"), 30_000);
  try {
    const found = Number(pragma(db, "user_version"));
    if (found > schemaVersion) {
      throw new Error(
        `the catalog has schema ${found}, this build knows ${schemaVersion}: use a newer build`,
      );
    }
    for (const step of steps.slice(found)) db.run(step);
    db.run(`PRAGMA user_version=${schemaVersion}`);
    db.run("COMMIT");
  } catch (error) {
    if (db.inTransaction) db.run("ROLLBACK");
    throw error;
  }
}
