import { closeSync, fstatSync, ftruncateSync, openSync } from "node:fs";

const slots = 4096;
const bytes = slots * 4;

/** Counters that every process with the data directory open shares through one small mapped file: a change
 *  of a name counts up the name's slot, a change of more counts up all. Reading one costs no system call, so
 *  what is remembered of a name can be checked before each use. Two names may share a slot: that costs a
 *  second look, never a wrong answer. */
export class ChangeMarks {
  readonly #slots: Uint32Array;

  private constructor(mapped: Uint8Array) {
    this.#slots = new Uint32Array(mapped.buffer, mapped.byteOffset, slots);
  }

  /** Undefined where files cannot be mapped: then nothing may be remembered. */
  static open(path: string): ChangeMarks | undefined {
    if (process.platform !== "linux") return undefined;
    const file = openSync(path, "a+", 0o600);
    if (fstatSync(file).size < bytes) ftruncateSync(file, bytes);
    closeSync(file);
    const marks = new ChangeMarks(Bun.mmap(path, { shared: true }));
    marks.touchAll(); // whoever died while changing something left without a word
    return marks;
  }

  /** What to compare later: it differs once `name` may have changed. */
  of(name: string): number {
    return Atomics.load(this.#slots, 0) + Atomics.load(this.#slots, slotOf(name)) * 2 ** 20;
  }

  touch(name: string): void {
    Atomics.add(this.#slots, slotOf(name), 1);
  }

  touchAll(): void {
    Atomics.add(this.#slots, 0, 1);
  }
}

/** 1–4095; slot 0 is everybody's. */
const slotOf = (name: string): number => 1 + (Bun.hash.xxHash32(name) % (slots - 1));
