import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemFiles } from "./blobs/file-ops.ts";
import { openCatalog } from "./catalog/open-catalog.ts";
import { schemaVersion } from "./catalog/schema.ts";
import { rollBackCatalog, upgradeFacts } from "./catalog-rollback.ts";

const data = await mkdtemp(join(tmpdir(), "holdfast-rollback-"));
const path = join(data, "catalog.db");
afterAll(() => rm(data, { recursive: true, force: true }));

/** A catalog as a build of an earlier schema leaves it: one table fewer, one note that is its own. */
function earlier(schema: number): void {
  for (const end of ["", "-wal", "-shm"]) rmNow(path + end);
  const db = new Database(path, { create: true });
  db.run("CREATE TABLE note(text TEXT)");
  db.run("INSERT INTO note VALUES('from before')");
  db.run(`PRAGMA user_version=${schema}`);
  db.close();
}
const rmNow = (name: string): void => systemFiles.unlink(name);
const notes = (): unknown[] => {
  const db = new Database(path);
  const rows = db.query("SELECT text FROM note").values().flat();
  db.close();
  return rows;
};

test("a new house keeps nothing, and has nothing to go back to", async () => {
  expect(upgradeFacts(data)).toBeUndefined();
  await openAndClose();
  expect(upgradeFacts(data)).toEqual({ schema: schemaVersion, knows: schemaVersion, kept: undefined });
  expect(rollBackCatalog(data)).toMatchObject({ ok: false, fault: { code: "not-found" } });
});

async function openAndClose(): Promise<void> {
  const catalog = openCatalog(path, systemFiles);
  await catalog.writer.close();
  catalog.close();
  Bun.gc(true); // cached statements keep the file open until they are collected
}

test("an older catalog is kept whole before its schema changes, and can be put back", async () => {
  earlier(schemaVersion - 1);
  await openAndClose();
  const kept = `${path}.schema-${schemaVersion - 1}`;
  expect(upgradeFacts(data)).toEqual({
    schema: schemaVersion,
    knows: schemaVersion,
    kept: { path: kept, schema: schemaVersion - 1 },
  });
  expect(statSync(kept).mode & 0o777).toBe(0o600);

  const busy = new Database(path);
  const reading = busy.prepare("SELECT count(*) FROM note");
  reading.get();
  expect(rollBackCatalog(data)).toMatchObject({ ok: false, fault: { code: "busy" } });
  reading.finalize();
  busy.close();
  Bun.gc(true);

  expect(rollBackCatalog(data)).toMatchObject({ ok: true, value: { schema: schemaVersion - 1 } });
  expect(upgradeFacts(data)).toMatchObject({ schema: schemaVersion - 1, kept: undefined });
  expect(notes()).toEqual(["from before"]);
  expect(existsSync(`${path}.undone`)).toBe(true);
});

test("one step back is kept, not two; a draft never stays", async () => {
  earlier(schemaVersion - 2);
  systemFiles.close(systemFiles.create(`${path}.schema-1`));
  await openAndClose().catch(() => {}); // a step may want tables that are not here: the copy came first
  const names = readdirSync(data).filter((name) => /schema-|draft/.test(name));
  expect(names).toEqual([`catalog.db.schema-${schemaVersion - 2}`]);
});
