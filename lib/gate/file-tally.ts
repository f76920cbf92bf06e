import type { Counter, Gauge, Metrics } from "../watch/metrics.ts";

export type Direction = "in" | "out";

/** What is counted of a door for files. */
export class FileTally {
  readonly #sessions: Gauge;
  readonly #logins: Counter;
  readonly #transfers: Counter;
  readonly #bytes: Counter;
  #open = 0;

  constructor(metrics: Metrics, door: "ftp" | "sftp") {
    const name = (what: string): string => `holdfast_${door}_${what}`;
    this.#sessions = metrics.gauge(name("sessions"), "Open sessions.");
    this.#logins = metrics.counter(name("logins_total"), "Sign-ins by outcome.", ["outcome"]);
    this.#transfers = metrics.counter(name("transfers_total"), "Transfers by direction and outcome.", [
      "direction",
      "outcome",
    ]);
    this.#bytes = metrics.counter(name("transfer_bytes_total"), "Bytes moved, by direction.", ["direction"]);
  }

  began(): void {
    this.#sessions.set(++this.#open);
  }

  ended(): void {
    this.#sessions.set(--this.#open);
  }

  login(outcome: string): void {
    this.#logins.add(1, outcome);
  }

  transfer(direction: Direction, bytes: number, outcome: string): void {
    this.#transfers.add(1, direction, outcome);
    this.#bytes.add(bytes, direction);
  }
}
