import { lockFlag, type LockElement } from "../../proto/smb/lock.ts";
import { ntStatus } from "../../proto/smb/status.ts";

interface Held {
  readonly owner: object;
  readonly from: bigint;
  readonly length: bigint;
  readonly exclusive: boolean;
}

/** A lock by itself, whoever holds it. */
export interface HeldRange {
  readonly offset: bigint;
  readonly length: bigint;
  readonly exclusive: boolean;
}

interface Waiter {
  readonly owner: object;
  readonly elements: readonly LockElement[];
  readonly done: (status: number) => void;
}

const past = 1n << 64n;

/** Byte-range locks of one file (MS-FSA §2.1.5.7): mandatory, all or nothing, who waits is served in turn. */
export class RangeLocks {
  #held: Held[] = [];
  #waiters: Waiter[] = [];

  /** The status; a promise where it waits. `signal` ends the waiting. */
  lock(owner: object, elements: readonly LockElement[], signal: AbortSignal): number | Promise<number> {
    const refusal = elementsRefusal(elements);
    if (refusal !== undefined) return refusal;
    if ((elements[0]!.flags & lockFlag.unlock) !== 0) return this.#unlock(owner, elements);
    if (this.#take(owner, elements)) return ntStatus.success;
    if ((elements[0]!.flags & lockFlag.failImmediately) !== 0) return ntStatus.lockNotGranted;
    if (signal.aborted) return ntStatus.cancelled;
    return new Promise((done) => {
      const waiter = { owner, elements, done };
      this.#waiters.push(waiter);
      signal.addEventListener("abort", () => this.#leave(waiter, ntStatus.cancelled), { once: true });
    });
  }

  /** What the handle has locked, to be taken again after a restart. */
  of(owner: object): HeldRange[] {
    return this.#held
      .filter((held) => held.owner === owner)
      .map(({ from, length, exclusive }) => ({ offset: from, length, exclusive }));
  }

  /** False where somebody else has locked a part of it meanwhile. */
  takeAgain(owner: object, locks: readonly HeldRange[]): boolean {
    const elements = locks.map(({ offset, length, exclusive }) => ({
      offset,
      length,
      flags: exclusive ? lockFlag.exclusive : lockFlag.shared,
    }));
    return this.#take(owner, elements);
  }

  get isFree(): boolean {
    return this.#held.length === 0;
  }

  /** Whether `owner` may read or write there: nobody else's lock forbids it. */
  allows(owner: object, offset: bigint, length: bigint, write: boolean): boolean {
    return !this.#held.some(
      (held) =>
        (write ? !held.exclusive || held.owner !== owner : held.exclusive && held.owner !== owner) &&
        overlaps(held.from, held.length, offset, length) &&
        length > 0n,
    );
  }

  /** Nobody is there to hear that a lock was taken: what the handle waits for is over. */
  stopWaiting(owner: object): void {
    for (const waiter of this.#waiters.filter((w) => w.owner === owner)) {
      this.#leave(waiter, ntStatus.rangeNotLocked);
    }
  }

  /** The handle is gone: its locks with it, and what it waited for. */
  release(owner: object): void {
    this.stopWaiting(owner);
    this.#held = this.#held.filter((held) => held.owner !== owner);
    this.#wake();
  }

  #take(owner: object, elements: readonly LockElement[]): boolean {
    const wanted = elements.map((e) => ({
      owner,
      from: e.offset,
      length: e.length,
      exclusive: (e.flags & lockFlag.exclusive) !== 0,
    }));
    const before = this.#held;
    for (const one of wanted) {
      if (this.#held.some((held) => collides(held, one))) {
        this.#held = before;
        return false;
      }
      this.#held = [...this.#held, one];
    }
    return true;
  }

  #unlock(owner: object, elements: readonly LockElement[]): number {
    for (const { offset, length, flags } of elements) {
      if (flags !== lockFlag.unlock) return ntStatus.invalidParameter; // what came before it is done
      const at = this.#held.findIndex((h) => h.owner === owner && h.from === offset && h.length === length);
      if (at < 0) return ntStatus.rangeNotLocked;
      this.#held = this.#held.toSpliced(at, 1);
    }
    this.#wake();
    return ntStatus.success;
  }

  #leave(waiter: Waiter, status: number): void {
    const at = this.#waiters.indexOf(waiter);
    if (at < 0) return;
    this.#waiters.splice(at, 1);
    waiter.done(status);
  }

  #wake(): void {
    for (const waiter of this.#waiters.slice()) {
      if (this.#take(waiter.owner, waiter.elements)) this.#leave(waiter, ntStatus.success);
    }
  }
}

/** MS-SMB2 §3.3.5.14.2: the flags that may stand together, and ranges that end. Those of a request that
 *  begins with an unlock are looked at one after the other. */
function elementsRefusal(elements: readonly LockElement[]): number | undefined {
  const unlocks = (elements[0]!.flags & lockFlag.unlock) !== 0;
  if (unlocks) return undefined;
  for (const { flags, offset, length } of elements) {
    const kind = flags & ~lockFlag.failImmediately;
    const known = kind === lockFlag.shared || kind === lockFlag.exclusive;
    if (!known) return ntStatus.invalidParameter;
    const blocks = (flags & lockFlag.failImmediately) === 0;
    if (blocks && elements.length > 1) return ntStatus.invalidParameter;
    if (length > 0n && offset + length > past) return ntStatus.invalidLockRange;
  }
  return undefined;
}

/** Shared ones go together; on its own exclusive range an owner may put a shared one. */
function collides(held: Held, wanted: Held): boolean {
  if (!overlaps(held.from, held.length, wanted.from, wanted.length)) return false;
  if (!held.exclusive && !wanted.exclusive) return false;
  return !(held.owner === wanted.owner && !wanted.exclusive);
}

/** An empty range lies within another where it is strictly inside. */
function overlaps(a: bigint, aLength: bigint, b: bigint, bLength: bigint): boolean {
  if (aLength === 0n && bLength === 0n) return false;
  if (aLength === 0n) return a > b && a < b + bLength;
  if (bLength === 0n) return b > a && b < a + aLength;
  return a < b + bLength && b < a + aLength;
}
