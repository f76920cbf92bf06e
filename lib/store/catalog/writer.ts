import type { Database } from "bun:sqlite";
import { fault, type Fault } from "../../base/fault.ts";
import type { Result } from "../../base/result.ts";
import { isBusy } from "./connection.ts";
import { sqliteFault } from "./sqlite-fault.ts";

/** What a job may do beside SQL. */
export interface Commit {
  /** Runs once the transaction is on disk; never where it was rolled back. */
  after(run: () => void): void;
}

export type Job<T> = (commit: Commit) => Result<T>;

interface Waiting {
  readonly run: Job<unknown>;
  readonly done: (result: Result<unknown>) => void;
  readonly bug: (error: unknown) => void;
}

/** A job that is committed, and answered when that is on disk. */
interface Committed {
  readonly answer: () => void;
  readonly refuse: (fault: Fault) => void;
}

/** Who keeps something for the length of a transaction. */
export interface Turns {
  jobEnded(kept: boolean): void;
  beforeCommit(): void;
  /** Committed or rolled back. */
  ended(): void;
}

const batchJobs = 256;
const patienceMs = 15_000;

/** The one writer of a process. What many requests ask within one turn of the event loop becomes one commit;
 *  the log is then brought to disk off the event loop and outside SQLite's lock, for all that was committed
 *  meanwhile, and only then is anybody answered. A job that fails or throws is rolled back alone. */
export class Writer {
  readonly #db: Database;
  readonly #sync: () => Promise<void>;
  readonly #turns: Turns[] = [];
  readonly #begin;
  readonly #commit;
  readonly #savepoint;
  readonly #release;
  readonly #undo;
  readonly #queue: Waiting[] = [];
  #committed: Committed[] = [];
  #state: "idle" | "armed" | "closed" = "idle";
  #syncing = false;
  #waitedMs = 0;
  #broken: Fault | undefined;

  /** `sync` resolves when all that was written to the log before it was called is on disk. */
  constructor(db: Database, sync: () => Promise<void>) {
    this.#db = db;
    this.#sync = sync;
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
    this.#savepoint = db.prepare("SAVEPOINT job");
    this.#release = db.prepare("RELEASE job");
    this.#undo = db.prepare("ROLLBACK TO job");
  }

  /** `turns` is told of every job and transaction from now on. */
  follow(turns: Turns): void {
    this.#turns.push(turns);
  }

  /** Faults beside the job's own: no-space, read-only, damaged, io, unavailable (15 s behind others). */
  write<T>(job: Job<T>): Promise<Result<T>> {
    const refusal = this.#state === "closed" ? closedFault : this.#broken;
    if (refusal) return Promise.resolve({ ok: false, fault: refusal });
    return new Promise((done, bug) => {
      this.#queue.push({ run: job, done: done as (result: Result<unknown>) => void, bug });
      this.#arm();
    });
  }

  /** Commits what was asked, then refuses all else. */
  async close(): Promise<void> {
    while (this.#queue.length > 0 || this.#committed.length > 0 || this.#syncing) {
      await new Promise((resume) => setTimeout(resume, 1));
    }
    this.#state = "closed";
  }

  #arm(): void {
    if (this.#state !== "idle") return;
    this.#state = "armed";
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#state = "idle";
    try {
      this.#begin.run();
    } catch (error) {
      return this.#notNow(error);
    }
    this.#waitedMs = 0;
    this.#runBatch(this.#queue.splice(0, batchJobs));
    if (this.#queue.length > 0) this.#arm();
  }

  /** Another process writes: come back soon, at an odd moment, without stopping the event loop. */
  #notNow(error: unknown): void {
    if (!isBusy(error) || this.#waitedMs > patienceMs) {
      this.#waitedMs = 0;
      return refuseAll(this.#queue.splice(0), error);
    }
    const pauseMs = Math.random() * 2;
    this.#waitedMs += pauseMs;
    this.#state = "armed";
    setTimeout(() => this.#flush(), pauseMs);
  }

  #runBatch(batch: readonly Waiting[]): void {
    const answers: Committed[] = [];
    try {
      for (const job of batch) answers.push(this.#runOne(job));
      for (const turns of this.#turns) turns.beforeCommit();
      this.#commit.run();
    } catch (error) {
      if (this.#db.inTransaction) this.#db.run("ROLLBACK");
      return refuseAll(batch, error);
    } finally {
      for (const turns of this.#turns) turns.ended();
    }
    this.#committed.push(...answers);
    void this.#settle();
  }

  #runOne(job: Waiting): Committed {
    const promised: (() => void)[] = [];
    const refuse = (fault: Fault): void => job.done({ ok: false, fault });
    this.#savepoint.run();
    try {
      const result = job.run({ after: (run) => void promised.push(run) });
      if (!result.ok) this.#undo.run();
      this.#release.run();
      this.#jobEnded(result.ok);
      if (!result.ok) return { answer: () => job.done(result), refuse };
      const answer = (): void => {
        for (const run of promised) run();
        job.done(result);
      };
      return { answer, refuse };
    } catch (error) {
      if (!this.#db.inTransaction) throw error; // SQLite gave the whole transaction up
      this.#undo.run();
      this.#release.run();
      this.#jobEnded(false);
      return { answer: () => refuseAll([job], error), refuse };
    }
  }

  #jobEnded(kept: boolean): void {
    for (const turns of this.#turns) turns.jobEnded(kept);
  }

  /** Answers what is on disk. A log that cannot be brought there may have lost it: nothing more is written
   *  until the store is opened again and has read what is really there. */
  async #settle(): Promise<void> {
    if (this.#syncing) return;
    this.#syncing = true;
    while (this.#committed.length > 0) {
      const batch = this.#committed;
      this.#committed = [];
      try {
        await this.#sync();
      } catch (error) {
        this.#broken = fault("io", "the catalog's log cannot be brought to disk", { where: String(error) });
      }
      const broken = this.#broken;
      for (const { answer, refuse } of batch) {
        if (broken) refuse(broken);
        else answer();
      }
    }
    this.#syncing = false;
  }
}

function refuseAll(jobs: readonly Waiting[], error: unknown): void {
  const known = sqliteFault(error);
  for (const job of jobs) {
    if (known) job.done({ ok: false, fault: known });
    else job.bug(error);
  }
}

const closedFault: Fault = fault("unavailable", "the store is closing");
