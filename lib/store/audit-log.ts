import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { utf8 } from "../base/bytes.ts";
import type { Entropy } from "../base/entropy.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import type { SigningKey } from "../crypto/ed25519.ts";
import type { AuditEntry, AuditVerb } from "../rules/audit.ts";
import { houseActor } from "../rules/identity.ts";
import type { AuditTrail } from "../watch/audit.ts";
import { checkpointLine, entryLine, type ChainEnd } from "../watch/audit-chain.ts";
import type { Log } from "../watch/log.ts";
import { auditFileName, auditFolder, auditKey, headName, replaceFile } from "./audit-files.ts";
import { syncFolder } from "./sync-folder.ts";
import { recoverChain, type Recovered } from "./audit-recovery.ts";
import { holdExclusive } from "./exclusive.ts";

/** The trail on disk: what is told is written within a moment, and sealed by a signed checkpoint with fsync
 *  within ten seconds, within one where a thousand lines came, and when closed. */
export interface AuditLog extends AuditTrail, AsyncDisposable {
  /** Resolves when everything told so far is on disk under a signed checkpoint, or when the disk refused:
   *  then the log says so, and it is tried again. */
  seal(): Promise<void>;
}

export interface AuditLogNeeds {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
}

const gatherMs = 25;
const sealMs = 10_000;
/** Many lines are sealed sooner, but not at every thousand: a seal syncs three times. */
const soonMs = 1000;
const sealLines = 1000;
/** Entries that wait while the disk refuses; what comes after them is counted as lost, and that is told. */
const waitingEntries = 50_000;

/** Opens the chain of one daemon in `<data>/audit`; one process at a time may hold it.
 *  Faults: busy, damaged (the key), io. */
export async function openAuditLog(
  data: string,
  daemon: string,
  needs: AuditLogNeeds,
): Promise<Result<AuditLog>> {
  const folder = auditFolder(data);
  try {
    const key = await auditKey(folder, needs.entropy);
    if (!key.ok) return key;
    const held = await holdExclusive(join(folder, `${daemon}.lock`), 1000);
    if (!held.ok) return held.fault.code === "busy" ? alreadyKept(daemon, folder) : held;
    const recovered = await recoverChain(folder, daemon, key.value.publicPem);
    const writer = new ChainWriter(folder, daemon, needs, key.value, recovered, held.value);
    if (recovered.found) {
      needs.log.warn("audit trail was not as it was left", { daemon, ...recovered.found });
      writer.note("audit.recover", recovered.found);
    }
    return ok(writer);
  } catch (error) {
    const { code = "EIO", message } = error as NodeJS.ErrnoException;
    return fail("io", `the audit trail cannot be opened: ${code}: ${message}`, { where: folder });
  }
}

const alreadyKept = (daemon: string, folder: string): Result<never> =>
  fail("busy", `another ${daemon} keeps its audit trail here`, {
    where: folder,
    mend: `end the other ${daemon}, or give this one a data directory of its own`,
  });

/** One chain's only writer. Lines are made when they are written, in the order they were told. */
class ChainWriter implements AuditLog {
  readonly #folder: string;
  readonly #daemon: string;
  readonly #needs: AuditLogNeeds;
  readonly #key: SigningKey;
  readonly #lock: Disposable;
  #end: ChainEnd;
  #date: string;
  #waiting: AuditEntry[] = [];
  #lost = 0;
  #unsealed = 0;
  #sealedAt = -Infinity;
  #file: { handle: FileHandle; size: number; date: string } | undefined;
  #working: Promise<void> = Promise.resolve();
  #gather: ReturnType<typeof setTimeout> | undefined;
  #sealing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    folder: string,
    daemon: string,
    needs: AuditLogNeeds,
    key: SigningKey,
    recovered: Recovered,
    lock: Disposable,
  ) {
    this.#folder = folder;
    this.#daemon = daemon;
    this.#needs = needs;
    this.#key = key;
    this.#lock = lock;
    this.#end = recovered.end;
    this.#date = recovered.date;
  }

  tell(entry: AuditEntry): void {
    if (this.#waiting.length >= waitingEntries) {
      this.#lost++;
      return;
    }
    this.#waiting.push(entry);
    this.#gather ??= setTimeout(() => void this.#enqueue(() => this.#write()), gatherMs);
  }

  note(verb: AuditVerb, detail: AuditEntry["detail"]): void {
    const at = this.#needs.clock.wall();
    this.tell({ at, actor: houseActor, verb, target: this.#daemon, outcome: "ok", detail });
  }

  async seal(): Promise<void> {
    await this.#enqueue(async () => {
      if (await this.#write()) await this.#seal();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.seal();
    clearTimeout(this.#gather);
    clearTimeout(this.#sealing);
    await this.#file?.handle.close();
    this.#file = undefined;
    this.#lock[Symbol.dispose]();
  }

  /** One thing at a time; what fails is logged and tried again with the next. */
  #enqueue(work: () => Promise<unknown>): Promise<void> {
    this.#working = this.#working.then(async () => {
      try {
        await work();
      } catch (error) {
        this.#needs.log.error("audit trail cannot be written", { error: String(error) });
        this.#gather ??= setTimeout(() => void this.#enqueue(() => this.#write()), 1000);
      }
    });
    return this.#working;
  }

  /** Whether everything that waited is in the file now. */
  async #write(): Promise<boolean> {
    clearTimeout(this.#gather);
    this.#gather = undefined;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, sealLines);
      const lines = this.#chain(batch);
      await this.#append(lines.text, lines.date);
      this.#waiting.splice(0, lines.count);
      this.#end = lines.end;
      this.#unsealed += lines.count;
      const isDue = this.#sealedAt + soonMs <= this.#needs.clock.now();
      if (isDue && this.#unsealed >= sealLines) await this.#seal();
      if (this.#lost > 0 && this.#waiting.length < waitingEntries) {
        const count = this.#lost;
        this.#lost = 0;
        this.note("audit.lost", { count });
      }
    }
    if (this.#unsealed > 0) this.#sealLater();
    return true;
  }

  #sealLater(): void {
    const isMuch = this.#unsealed >= sealLines;
    if (isMuch) clearTimeout(this.#sealing);
    else if (this.#sealing) return;
    this.#sealing = setTimeout(() => void this.#enqueue(() => this.#seal()), isMuch ? soonMs : sealMs);
  }

  /** The lines of the batch's first day. A clock that was set back does not open an older file. */
  #chain(batch: readonly AuditEntry[]): { text: string; date: string; count: number; end: ChainEnd } {
    const dayOf = (entry: AuditEntry): string => {
      const day = new Date(entry.at).toISOString().slice(0, 10);
      return day > this.#date ? day : this.#date;
    };
    const date = dayOf(batch[0]!);
    let end = this.#end;
    let text = "";
    let count = 0;
    for (const entry of batch) {
      if (dayOf(entry) !== date) break;
      const made = entryLine(this.#daemon, entry, end);
      text += `${made.line}\n`;
      ({ end } = made);
      count++;
    }
    return { text, date, count, end };
  }

  /** Signs what is there, syncs it, and only then moves the head. */
  async #seal(): Promise<void> {
    clearTimeout(this.#sealing);
    this.#sealing = undefined;
    if (this.#unsealed === 0) return;
    const { line, end } = checkpointLine(this.#daemon, this.#needs.clock.wall(), this.#end, this.#key);
    await this.#append(`${line}\n`, this.#date);
    this.#end = end;
    await this.#file?.handle.datasync();
    await replaceFile(join(this.#folder, headName(this.#daemon)), `${line}\n`);
    this.#unsealed = 0;
    this.#sealedAt = this.#needs.clock.now();
  }

  /** At the size that is known good, so that a write that failed half-way is written over. */
  async #append(text: string, date: string): Promise<void> {
    if (this.#file?.date !== date) await this.#openFile(date);
    const file = this.#file!;
    const bytes = utf8(text);
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await file.handle.write(bytes, done, bytes.length - done, file.size + done);
      done += bytesWritten;
    }
    file.size += bytes.length;
  }

  async #openFile(date: string): Promise<void> {
    if (this.#file) {
      await this.#file.handle.datasync();
      await this.#file.handle.close();
      this.#file = undefined;
    }
    const path = join(this.#folder, auditFileName(this.#daemon, date));
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    this.#file = { handle, size: (await handle.stat()).size, date };
    this.#date = date;
    await syncFolder(this.#folder);
  }
}
