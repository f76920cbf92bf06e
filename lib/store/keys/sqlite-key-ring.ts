import { fail, ok, type Result } from "../../base/result.ts";
import type { Clock } from "../../base/time.ts";
import type { Writer } from "../catalog/writer.ts";
import { houseKeyId, type KeyRing, type KeyState, type RingKey } from "../keys.ts";
import { ringTable, toRingKey, type BlobKeyRow, type RingKeyRow, type RingTable } from "./key-table.ts";
import { dataPurpose, type KeyVault } from "./key-vault.ts";
import type { Database } from "bun:sqlite";

export interface KeyRingNeeds {
  readonly write: Database;
  readonly read: Database;
  readonly writer: Writer;
  readonly vault: KeyVault;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Everybody forgets what they remember: a key that is disabled opens nothing from then on. */
  readonly announce: () => void;
}

/** The key ring in the catalog. */
export function sqliteKeyRing(needs: KeyRingNeeds): KeyRing {
  return new SqliteKeyRing(needs);
}

/** By id, alias or ARN: "arn:aws:kms:REGION:TENANT:key/ID", "…:alias/NAME", "alias/NAME". */
export function findKey(table: RingTable, tenant: string, name: string): RingKeyRow | undefined {
  const word = /^arn:[^:]*:kms:[^:]*:[^:]*:(.+)$/.exec(name)?.[1] ?? name;
  const id = word.replace(/^key\//, "");
  const row = table.byId(id) ?? table.byAlias(tenant, id.replace(/^alias\//, ""));
  return row && (row.tenant === tenant || row.tenant === "") ? row : undefined;
}

const aliasForm = /^[A-Za-z0-9_/-]{1,128}$/;
const batchRows = 200;

class SqliteKeyRing implements KeyRing {
  readonly #needs: KeyRingNeeds;
  readonly #r: RingTable;
  readonly #w: RingTable;

  constructor(needs: KeyRingNeeds) {
    this.#needs = needs;
    this.#r = ringTable(needs.read);
    this.#w = ringTable(needs.write);
  }

  async keys(tenant: string): Promise<readonly RingKey[]> {
    return this.#r.ofTenant(tenant).map((row) => toRingKey(this.#r, row));
  }

  async key(tenant: string, name: string): Promise<Result<RingKey>> {
    const row = findKey(this.#r, tenant, name);
    return row ? ok(toRingKey(this.#r, row)) : unknown(name);
  }

  addKey(_by: unknown, tenant: string, alias: string | undefined): Promise<Result<RingKey>> {
    if (alias !== undefined && !aliasForm.test(alias)) {
      const why = "an alias has 1 to 128 letters, digits, _, / and -";
      return Promise.resolve(fail("bad-name", why, { where: alias }));
    }
    const { writer, vault, clock, newId } = this.#needs;
    const at = clock.wall();
    return writer.write(() => {
      if (alias !== undefined && this.#w.byAlias(tenant, alias)) {
        return fail("exists", "a key has this alias already", { where: alias });
      }
      const id = newId();
      this.#w.insert(id, tenant, alias ?? null, at);
      this.#w.insertVersion(id, 1, vault.make(id, 1), at);
      return ok(toRingKey(this.#w, this.#w.byId(id)!));
    });
  }

  async setKeyState(_by: unknown, tenant: string, name: string, state: KeyState): Promise<Result<RingKey>> {
    const done = await this.#change(tenant, name, (row) => {
      if (row.id === houseKeyId) return fail("invalid", "the house's own key can only be rotated");
      this.#w.setState(row.id, state);
      return ok();
    });
    this.#needs.announce();
    return done;
  }

  rotateKey(_by: unknown, tenant: string, name: string): Promise<Result<RingKey>> {
    const { vault, clock } = this.#needs;
    const at = clock.wall();
    return this.#change(tenant, name, ({ id, state, version }) => {
      if (state === "retired")
        return fail("conflict", "the key is retired and seals nothing new", { where: id });
      this.#w.insertVersion(id, version + 1, vault.make(id, version + 1), at);
      this.#w.rotate(id, version + 1, at);
      return ok();
    });
  }

  async removeKey(_by: unknown, tenant: string, name: string): Promise<Result<void>> {
    return this.#needs.writer.write(() => {
      const row = findKey(this.#w, tenant, name);
      if (!row) return unknown(name);
      if (row.state !== "retired") return fail("conflict", "the key is not retired", { where: row.id });
      const needed = this.#w.count(row.id, row.version + 1);
      if (needed > 0) return fail("conflict", `${needed} bodies need this key`, { where: row.id });
      this.#w.remove(row.id);
      return ok();
    });
  }

  #change(tenant: string, name: string, change: (row: RingKeyRow) => Result<void>): Promise<Result<RingKey>> {
    return this.#needs.writer.write(() => {
      const row = findKey(this.#w, tenant, name);
      if (!row) return unknown(name);
      const done = change(row);
      return done.ok ? ok(toRingKey(this.#w, this.#w.byId(row.id)!)) : done;
    });
  }

  async rewrap(signal: AbortSignal): Promise<Result<number>> {
    let total = 0;
    for (const { id, version } of this.#r.rotated()) {
      for (let rows = this.#batch(id, version); rows.length > 0; rows = this.#batch(id, version)) {
        if (signal.aborted) return ok(total);
        const done = await this.#reseal(id, version, rows);
        if (!done.ok) return done;
        total += rows.length;
      }
    }
    return ok(total);
  }

  #batch(id: string, version: number): BlobKeyRow[] {
    return this.#r.behind(id, version, batchRows);
  }

  #reseal(id: string, version: number, rows: readonly BlobKeyRow[]): Promise<Result<void>> {
    const { vault, writer } = this.#needs;
    return writer.write(() => {
      const now = vault.of(this.#w, id, version);
      if (!now) return fail("damaged", "a key of the ring does not open", { where: id });
      for (const row of rows) {
        const purpose = dataPurpose(row.context);
        const plain = vault.of(this.#w, id, row.version)?.open(row.sealed, purpose);
        if (!plain) return fail("damaged", "a data key does not open", { where: `body ${row.blob}` });
        this.#w.reseal(row, version, now.close(plain, purpose));
      }
      return ok();
    });
  }
}

const unknown = (name: string): Result<never> => fail("not-found", "there is no such key", { where: name });
