import type { Database } from "bun:sqlite";
import { ok } from "../../base/result.ts";
import { asUnixMs } from "../../base/time.ts";
import type { Letter, NewLetter, Outbox, QueueState } from "../outbox.ts";
import type { Writer } from "./writer.ts";

interface Row {
  readonly id: number;
  readonly queue: string;
  readonly at: number;
  readonly about: string;
  readonly body: string;
  readonly attempts: number;
  readonly due_at: number;
  readonly error: string;
}

/** The outbox over the catalog's rows. */
export function sqliteOutbox(read: Database, write: Database, writer: Writer): Outbox {
  const reads = outboxReads(read);
  const w = outboxWrites(write);
  const commit = async <T>(run: () => T): Promise<T> => {
    const done = await writer.write(() => ok(run()));
    if (!done.ok) throw new Error(done.fault.what);
    return done.value;
  };
  return {
    ...reads,
    add: (letters, reader) =>
      commit(() => {
        for (const letter of letters) w.insert(letter);
        if (reader) w.cursor.run(reader.name, reader.seq);
      }),
    sent: (ids) =>
      commit(() => {
        for (const id of ids) w.remove.run(id);
      }),
    failed: (id, error, dueAt) => commit(() => void w.fail.run(error.slice(0, 500), dueAt, id)),
    bury: (id, error) => commit(() => void w.bury.run(error.slice(0, 500), id)),
    revive: (queue, id) => commit(() => w.revive.run(queue, id ?? null, id ?? null).changes),
    forget: (queue, id) => commit(() => w.forget.run(queue, id ?? null, id ?? null).changes),
  };
}

function outboxReads(read: Database): Pick<Outbox, "waiting" | "state" | "dead" | "livingAbout"> {
  const waiting = read.prepare<Row, [string, number]>(
    "SELECT * FROM outbox WHERE queue = +? AND dead = 0 ORDER BY id LIMIT +?",
  );
  const state = read.prepare<{ queue: string; dead: number; count: number; oldest: number }, []>(
    "SELECT queue, dead, count(*) AS count, min(at) AS oldest FROM outbox GROUP BY queue, dead",
  );
  const dead = read.prepare<Row, [number, number]>(
    "SELECT * FROM outbox WHERE dead = 1 AND id > +? ORDER BY id LIMIT +?",
  );
  const deadOf = read.prepare<Row, [string, number, number]>(
    "SELECT * FROM outbox WHERE queue = +? AND dead = 1 AND id > +? ORDER BY id LIMIT +?",
  );
  const living = read.prepare<{ count: number }, [string]>(
    "SELECT count(*) AS count FROM outbox WHERE about = ? AND dead = 0",
  );
  return {
    livingAbout: async (about) => living.get(about)!.count,
    waiting: async (queue, limit) => waiting.all(queue, limit).map(toLetter),
    async state() {
      const found = new Map<string, QueueState>();
      for (const { queue, dead: isDead, count, oldest } of state.all()) {
        const known = found.get(queue) ?? { queue, waiting: 0, dead: 0, oldest: undefined };
        const more = isDead ? { dead: count } : { waiting: count, oldest: asUnixMs(oldest) };
        found.set(queue, { ...known, ...more });
      }
      return [...found.values()];
    },
    async dead(queue, after, limit) {
      const from = /^\d{1,15}$/.test(after) ? Number(after) : 0;
      const rows = queue === undefined ? dead.all(from, limit) : deadOf.all(queue, from, limit);
      const next = rows.length === limit ? String(rows.at(-1)!.id) : undefined;
      return { rows: rows.map(toLetter), next };
    },
  };
}

function outboxWrites(write: Database) {
  type S = string;
  const insert = write.prepare<null, [S, number, S, S, number]>(
    `INSERT INTO outbox(queue, at, about, body, attempts, due_at, error, dead) VALUES(?,?,?,?,0,?,'',0)`,
  );
  return {
    insert: ({ queue, at, about, body }: NewLetter) => insert.run(queue, at, about, body, at),
    cursor: write.prepare<null, [S, number]>("INSERT OR REPLACE INTO cursors VALUES(?,?)"),
    remove: write.prepare<null, [number]>("DELETE FROM outbox WHERE id = ?"),
    fail: write.prepare<null, [S, number, number]>(
      "UPDATE outbox SET attempts = attempts + 1, error = ?, due_at = ? WHERE id = ?",
    ),
    bury: write.prepare<null, [S, number]>(
      "UPDATE outbox SET attempts = attempts + 1, error = ?, dead = 1 WHERE id = ?",
    ),
    revive: write.prepare<null, [S, number | null, number | null]>(
      `UPDATE outbox SET dead = 0, attempts = 0, due_at = 0
       WHERE queue = ? AND dead = 1 AND (? IS NULL OR id = ?)`,
    ),
    forget: write.prepare<null, [S, number | null, number | null]>(
      "DELETE FROM outbox WHERE queue = ? AND dead = 1 AND (? IS NULL OR id = ?)",
    ),
  };
}

const toLetter = ({ due_at, at, ...row }: Row): Letter => ({
  ...row,
  at: asUnixMs(at),
  dueAt: asUnixMs(due_at),
});
