import { dropReasons, type DropReason } from "../../proto/ntp/exchange.ts";

const names = ["answered", ...dropReasons] as const;
export type Outcome = (typeof names)[number];

/** How many datagrams came to which end. Each answering thread counts in a lane of its own; anyone reads. */
export class Tally {
  readonly memory: SharedArrayBuffer;
  readonly #counts: Float64Array;
  readonly #lane: number;

  /** `memory` is `Tally.bytesFor(lanes)` of zeros. */
  constructor(memory: SharedArrayBuffer, lane: number) {
    this.memory = memory;
    this.#counts = new Float64Array(memory);
    this.#lane = lane * names.length;
  }

  static bytesFor(lanes: number): number {
    return lanes * names.length * 8;
  }

  count(outcome: "answered" | DropReason): void {
    this.#counts[this.#lane + indexOf.get(outcome)!]!++;
  }

  /** Every outcome with its count since the start, all lanes together. */
  read(): ReadonlyMap<Outcome, number> {
    const totals = new Map<Outcome, number>();
    for (const [i, count] of this.#counts.entries()) {
      const name = names[i % names.length]!;
      totals.set(name, (totals.get(name) ?? 0) + count);
    }
    return totals;
  }
}

const indexOf = new Map<Outcome, number>(names.map((name, i) => [name, i]));
