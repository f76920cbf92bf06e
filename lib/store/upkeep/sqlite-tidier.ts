import type { Database } from "bun:sqlite";
import { ok } from "../../base/result.ts";
import { asUnixMs } from "../../base/time.ts";
import type { Room } from "../objects/room.ts";
import type { Tidied, Tidier } from "../tidier.ts";

interface TidyNeeds {
  readonly room: Pick<Room, "writer" | "clock" | "r">;
  readonly read: Database;
  readonly write: Database;
}

/** Rows of one transaction: a few milliseconds. */
const stepRows = 1000;
/** So many times the age, and a reader that does not come is not waited for. */
const patience = 4;

/** The tidier over the catalog's events and ended uploads. */
export function sqliteTidier(needs: TidyNeeds): Tidier {
  const changes = changeRows(needs);
  const uploads = uploadRows(needs);
  return {
    async tidy(how): Promise<Tidied> {
      const { room } = needs;
      const now = room.clock.wall();
      const before = (ms: number): number => room.r.events.lastBefore(asUnixMs(now - ms));
      const readers = changes.readers();
      const slowest = Math.min(...readers.map(({ seq }) => seq));
      const due = Math.min(before(how.changesMs), slowest);
      const overdue = before(how.changesMs * patience);
      const last = Math.min(Math.max(due, overdue), room.r.events.newest() - 1);
      const outrun = readers.filter(({ seq }) => seq < last).map(({ reader }) => reader);
      return {
        changes: await changes.forget(last, how.signal),
        uploads: await uploads.forget(now - how.uploadsMs, how.signal),
        outrun,
      };
    },
  };
}

function changeRows({ room, read, write }: TidyNeeds) {
  const oldest = read.prepare<{ seq: number | null }, []>("SELECT min(seq) AS seq FROM events");
  // The scrubber's place is a body's number.
  const readers = read.prepare<{ reader: string; seq: number }, []>(
    "SELECT reader, seq FROM cursors WHERE reader <> 'scrubber'",
  );
  const remember = write.prepare<null, [number]>(
    `INSERT INTO moments
     SELECT CAST(at / 60000 AS INTEGER), max(seq), at FROM events WHERE seq <= ? GROUP BY 1
     ON CONFLICT(minute) DO UPDATE SET seq = excluded.seq, at = excluded.at`,
  );
  const forget = write.prepare<null, [number]>("DELETE FROM events WHERE seq <= ?");
  return {
    readers: () => readers.all(),
    async forget(last: number, signal: AbortSignal): Promise<number> {
      let gone = 0;
      for (let from = oldest.get()?.seq; from && from <= last && !signal.aborted; from += stepRows) {
        const upTo = Math.min(from + stepRows - 1, last);
        const done = await room.writer.write(() => {
          remember.run(upTo);
          return ok(forget.run(upTo).changes);
        });
        if (!done.ok) break; // the next time
        gone += done.value;
      }
      return gone;
    },
  };
}

function uploadRows({ room, read, write }: TidyNeeds) {
  const old = read.prepare<{ id: string }, [number]>(
    `SELECT id FROM ended_uploads WHERE ended_at < ? LIMIT ${stepRows}`,
  );
  const forget = write.prepare<null, [string]>("DELETE FROM ended_uploads WHERE id = ?");
  return {
    async forget(before: number, signal: AbortSignal): Promise<number> {
      let gone = 0;
      for (let rows = old.all(before); rows.length > 0 && !signal.aborted; rows = old.all(before)) {
        const done = await room.writer.write(() => {
          for (const { id } of rows) forget.run(id);
          return ok();
        });
        if (!done.ok) break;
        gone += rows.length;
      }
      return gone;
    },
  };
}
