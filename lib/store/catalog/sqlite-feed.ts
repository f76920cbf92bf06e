import type { Database } from "bun:sqlite";
import { ok } from "../../base/result.ts";
import { asUnixMs } from "../../base/time.ts";
import type { Door } from "../../rules/identity.ts";
import type { Change, ChangeFeed, ChangeHow, ChangeKind } from "../feed.ts";
import type { Writer } from "./writer.ts";

interface EventRow {
  readonly seq: number;
  readonly at: number;
  readonly kind: ChangeKind;
  readonly tenant: string;
  readonly bucket: string;
  readonly subject: string;
  readonly version: string;
  readonly size: number;
  readonly etag: string;
  readonly was: string;
  readonly how: ChangeHow;
  readonly by: string;
  readonly door: Door;
  readonly address: string;
  readonly request: string;
}

/** How often a waiting reader looks for the changes of other processes. */
const lookMs = 100;

/** The change feed over the catalog's event rows. */
export function sqliteFeed(read: Database, write: Database, writer: Writer): ChangeFeed {
  const page = read.prepare<EventRow, [number, number]>(
    "SELECT * FROM events WHERE seq > +? ORDER BY seq LIMIT +?",
  );
  const head = read.prepare<{ seq: number | null }, []>("SELECT max(seq) AS seq FROM events");
  const cursor = read.prepare<{ seq: number }, [string]>("SELECT seq FROM cursors WHERE reader = ?");
  const save = write.prepare<null, [string, number]>("INSERT OR REPLACE INTO cursors VALUES(?,?)");
  const newest = (): number => head.get()?.seq ?? 0;
  return {
    read: async (after, limit) => page.all(after, limit).map(toChange),
    head: async () => newest(),
    async wait(after, signal) {
      while (!signal.aborted && newest() <= after) await pause(lookMs, signal);
    },
    cursor: async (reader) => cursor.get(reader)?.seq ?? 0,
    async saveCursor(reader, seq) {
      const saved = await writer.write(() => {
        save.run(reader, seq);
        return ok();
      });
      if (!saved.ok) throw new Error(saved.fault.what);
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resume) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resume();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}

const toChange = ({ was, at, ...row }: EventRow): Change => ({ ...row, at: asUnixMs(at), from: was });
