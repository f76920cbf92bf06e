import type { Database } from "bun:sqlite";
import { fail, ok, type Result } from "../../base/result.ts";
import { asUnixMs, type Clock } from "../../base/time.ts";
import type { Lease, LeaseMode, LeaseRight, Leases, NewLease } from "../leases.ts";
import { past } from "./order.ts";
import type { Writer } from "./writer.ts";

interface LeaseRow {
  readonly name: string;
  readonly holder: string;
  readonly mode: string;
  readonly note: string;
  readonly expires_at: number;
}

interface LeaseNeeds {
  readonly read: Database;
  readonly write: Database;
  readonly writer: Writer;
  readonly clock: Clock;
}

/** Leases over the catalog's table. */
export function sqliteLeases({ read, write, writer, clock }: LeaseNeeds): Leases {
  const [r, w] = [leaseTable(read), leaseTable(write)];
  const until = (ttlMs: number): number => clock.wall() + Math.min(3_600_000, Math.max(1_000, ttlMs));
  return {
    acquire: (ask) => writer.write(() => acquire(w, ask, until(ask.ttlMs), clock.wall())),
    renew: (name, holder, ttlMs) =>
      writer.write((): Result<Lease> => {
        const row = w.of(name, clock.wall()).find((one) => one.holder === holder);
        if (!row) return fail("not-found", "the lease has run out", { where: name });
        const renewed = { ...row, expires_at: until(ttlMs) };
        w.put(renewed);
        return ok(toLease(renewed));
      }),
    release: (name, holder) =>
      writer.write(() => {
        w.remove(name, holder);
        return ok();
      }),
    holders: async (name) => r.of(name, clock.wall()).map(toLease),
    under: async (prefix, limit) => r.under(prefix, clock.wall(), limit).map(toLease),
  };
}

function acquire(table: LeaseTable, ask: NewLease, expires_at: number, now: number): Result<Lease> {
  const { name, holder, note } = ask;
  table.sweep(now);
  const others = table.of(name, now).filter((row) => row.holder !== holder);
  const other = others.find((row) => collide(readMode(row.mode), ask.mode));
  if (other) return fail("busy", "somebody else has it open", { where: other.note });
  const row = { name, holder, mode: writeMode(ask.mode), note, expires_at };
  table.put(row);
  return ok(toLease(row));
}

/** MS-SMB2 §3.3.5.9: each must let the other do what it does. */
function collide(a: LeaseMode, b: LeaseMode): boolean {
  const lets = (one: LeaseMode, other: LeaseMode): boolean =>
    other.access.every((right) => one.shares.includes(right));
  return !lets(a, b) || !lets(b, a);
}

type LeaseTable = ReturnType<typeof leaseTable>;

function leaseTable(db: Database) {
  const of = db.prepare<LeaseRow, [string, number]>(
    "SELECT * FROM leases WHERE name = +? AND expires_at > +? ORDER BY holder",
  );
  const under = db.prepare<LeaseRow, [string, string | Uint8Array, number, number]>(
    "SELECT * FROM leases WHERE name >= +? AND name < +? AND expires_at > +? ORDER BY name, holder LIMIT +?",
  );
  const put = db.prepare<null, [string, string, string, string, number]>(
    "INSERT OR REPLACE INTO leases VALUES(?,?,?,?,?)",
  );
  const remove = db.prepare<null, [string, string]>("DELETE FROM leases WHERE name = ? AND holder = ?");
  const sweep = db.prepare<null, [number]>("DELETE FROM leases WHERE expires_at <= ?");
  return {
    of: (name: string, now: number): LeaseRow[] => of.all(name, now),
    under: (prefix: string, now: number, limit: number): LeaseRow[] =>
      under.all(prefix, past(prefix) ?? Uint8Array.of(255), now, limit),
    put: (row: LeaseRow): void => void put.run(row.name, row.holder, row.mode, row.note, row.expires_at),
    remove: (name: string, holder: string): void => void remove.run(name, holder),
    sweep: (now: number): void => void sweep.run(now),
  };
}

const letters: readonly (readonly [LeaseRight, string])[] = [
  ["read", "r"],
  ["write", "w"],
  ["delete", "d"],
];

/** "rw|r": what it does, and what it shares. */
const writeMode = ({ access, shares }: LeaseMode): string =>
  [access, shares]
    .map((rights) => letters.flatMap(([right, letter]) => (rights.includes(right) ? letter : [])).join(""))
    .join("|");

function readMode(text: string): LeaseMode {
  const [access = "", shares = ""] = text.split("|");
  const rights = (from: string): LeaseRight[] =>
    letters.flatMap(([right, letter]) => (from.includes(letter) ? right : []));
  return { access: rights(access), shares: rights(shares) };
}

const toLease = (row: LeaseRow): Lease => ({
  name: row.name,
  holder: row.holder,
  mode: readMode(row.mode),
  note: row.note,
  expiresAt: asUnixMs(row.expires_at),
});
