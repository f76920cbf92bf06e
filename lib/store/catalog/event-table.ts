import type { Database } from "bun:sqlite";
import type { UnixMs } from "../../base/time.ts";
import { principalName, type Actor } from "../../rules/identity.ts";
import type { ChangeHow, ChangeKind } from "../feed.ts";

/** What a job says of its change; the rest is the actor's. */
export interface NewEvent {
  readonly kind: ChangeKind;
  readonly tenant: string;
  readonly bucket?: string;
  readonly subject: string;
  readonly version?: string;
  readonly size?: number;
  readonly etag?: string;
  readonly from?: string;
  readonly how?: ChangeHow;
}

/** Statements on the change feed's rows, over one connection. */
export type EventTable = ReturnType<typeof eventTable>;

export function eventTable(db: Database) {
  type S = string;
  const insert = db.prepare<null, [number, S, S, S, S, S, number, S, S, S, S, S, S, S]>(
    `INSERT INTO events(at, kind, tenant, bucket, subject, version, size, etag, was, by, door, address,
       request, how) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
  );
  const newest = db.prepare<{ seq: number | null }, []>("SELECT max(seq) AS seq FROM events");
  const at = db.prepare<{ seq: number; at: number }, [number]>(
    "SELECT seq, at FROM events WHERE seq >= +? ORDER BY seq LIMIT 1",
  );
  const forgotten = db.prepare<{ seq: number }, [number, number]>(
    "SELECT seq FROM moments WHERE minute <= +?1 AND at <= +?2 ORDER BY minute DESC LIMIT 1",
  );
  return {
    newest: (): number => newest.get()?.seq ?? 0,
    /** The last change at or before a moment; 0: none. Looks at some twenty rows. Of a moment whose changes
     *  are forgotten: the last one of a minute before. */
    lastBefore(moment: UnixMs): number {
      let low = 0;
      let high = newest.get()?.seq ?? 0;
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        const row = at.get(middle);
        if (row && row.at <= moment) low = row.seq;
        else high = middle - 1;
      }
      return low > 0 ? low : (forgotten.get(Math.floor(moment / 60_000), moment)?.seq ?? 0);
    },
    /** Appends one change and gives its seq. */
    append(at: UnixMs, by: Actor, event: NewEvent): number {
      const { kind, tenant, bucket = "", subject, version = "", size = 0, etag = "", from = "" } = event;
      const what = [at, kind, tenant, bucket, subject, version, size, etag, from] as const;
      const { door, address, request } = by;
      const who = principalName(by.principal);
      const row = insert.run(...what, who, door, address, request, event.how ?? "");
      return Number(row.lastInsertRowid);
    },
  };
}
