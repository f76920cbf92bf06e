import type { Leap } from "../../proto/ntp/header.ts";
import type { ServerStatus } from "../../proto/ntp/exchange.ts";

const fields = 10;

/** What our clock is worth, told by the thread that knows to the threads that answer. One writer, any number
 *  of readers; a reader that meets a write reads again. */
export class SharedStatus {
  readonly memory: SharedArrayBuffer;
  readonly #turn: Int32Array;
  readonly #values: Float64Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8 + fields * 8)) {
    this.memory = memory;
    this.#turn = new Int32Array(memory, 0, 1);
    this.#values = new Float64Array(memory, 8, fields);
  }

  /** `correction`: seconds to add to the system's clock for the time that is served. */
  publish(status: ServerStatus, correction = 0): void {
    Atomics.add(this.#turn, 0, 1);
    const { leap, stratum, precision, rootDelay, rootDispersion, referenceId, reference } = status;
    const { seconds, fraction } = reference;
    const numbers = [leap, stratum, precision, rootDelay, rootDispersion, referenceId];
    this.#values.set([...numbers, seconds, fraction, correction]);
    Atomics.add(this.#turn, 0, 1);
  }

  read(): ServerStatus {
    for (;;) {
      const before = Atomics.load(this.#turn, 0);
      const status = this.#snapshot();
      if (before % 2 === 0 && Atomics.load(this.#turn, 0) === before) return status;
    }
  }

  /** Seconds to add to the system's clock. Read without regard to the rest. */
  get correction(): number {
    return this.#values[8]!;
  }

  #snapshot(): ServerStatus {
    const v = this.#values;
    return {
      leap: v[0]! as Leap,
      stratum: v[1]!,
      precision: v[2]!,
      rootDelay: v[3]!,
      rootDispersion: v[4]!,
      referenceId: v[5]!,
      reference: { seconds: v[6]!, fraction: v[7]! },
    };
  }
}
