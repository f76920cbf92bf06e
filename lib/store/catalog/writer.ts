import type { Database } from "bun:sqlite";
import { fault, type Fault } from "../../base/fault.ts";
import type { Result } from "../../base/result.ts";
import { isBusy } from "./connection.ts";
import { sqliteFault } from "./sqlite-fault.ts";

/** What a job may do beside SQL: promise something for after the commit. */
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

const batchJobs = 256;
const patienceMs = 15_000;

/** The one writer of a process: what many requests ask within one turn of the event loop becomes one
 *  commit, and nobody is answered before it is on disk. A job that fails or throws is rolled back alone. */
export class Writer {
  readonly #db: Database;
  readonly #queue: Waiting[] = [];
  #state: "idle" | "armed" | "waiting" | "closed" = "idle";
  #waitedMs = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Faults beside the job's own: no-space, read-only, damaged, io, unavailable (15 s behind others). */
  write<T>(job: Job<T>): Promise<Result<T>> {
    if (this.#state === "closed") return Promise.resolve({ ok: false, fault: closedFault });
    return new Promise((done, bug) => {
      this.#queue.push({ run: job, done: done as (result: Result<unknown>) => void, bug });
      this.#arm();
    });
  }

  /** Commits what was asked, then refuses all else. */
  async close(): Promise<void> {
    while (this.#queue.length > 0) await new Promise((resume) => setTimeout(resume, 1));
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
      this.#db.run("BEGIN IMMEDIATE");
    } catch (error) {
      return this.#notNow(error);
    }
    this.#waitedMs = 0;
    this.#commit(this.#queue.splice(0, batchJobs));
    if (this.#queue.length > 0) this.#arm();
  }

  /** Another process writes: come back soon, at an odd moment, without stopping the event loop. */
  #notNow(error: unknown): void {
    if (!isBusy(error) || this.#waitedMs > patienceMs) {
      const known = sqliteFault(error);
      for (const job of this.#queue.splice(0)) {
        if (known) job.done({ ok: false, fault: known });
        else job.bug(error);
      }
      this.#waitedMs = 0;
      return;
    }
    const pauseMs = 0.5 + Math.random() * 2;
    this.#waitedMs += pauseMs;
    this.#state = "waiting";
    setTimeout(() => this.#flush(), pauseMs);
  }

  #commit(batch: readonly Waiting[]): void {
    const answers: (() => void)[] = [];
    try {
      for (const job of batch) answers.push(this.#runOne(job));
      this.#db.run("COMMIT");
    } catch (error) {
      if (this.#db.inTransaction) this.#db.run("ROLLBACK");
      const known = sqliteFault(error);
      for (const job of batch) {
        if (known) job.done({ ok: false, fault: known });
        else job.bug(error);
      }
      return;
    }
    for (const answer of answers) answer();
  }

  #runOne(job: Waiting): () => void {
    const promised: (() => void)[] = [];
    this.#db.run("SAVEPOINT job");
    try {
      const result = job.run({ after: (run) => void promised.push(run) });
      if (!result.ok) this.#db.run("ROLLBACK TO job");
      this.#db.run("RELEASE job");
      if (!result.ok) return () => job.done(result);
      return () => {
        for (const run of promised) run();
        job.done(result);
      };
    } catch (error) {
      if (!this.#db.inTransaction) throw error; // SQLite gave the whole transaction up
      this.#db.run("ROLLBACK TO job");
      this.#db.run("RELEASE job");
      const known = sqliteFault(error);
      return () => (known ? job.done({ ok: false, fault: known }) : job.bug(error));
    }
  }
}

const closedFault: Fault = fault("unavailable", "the store is closing");
