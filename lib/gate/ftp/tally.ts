import type { Counter, Gauge, Metrics } from "../../watch/metrics.ts";

export type Direction = "in" | "out";

/** What is counted of FTP. */
export class Tally {
  readonly #sessions: Gauge;
  readonly #logins: Counter;
  readonly #transfers: Counter;
  readonly #bytes: Counter;
  #open = 0;

  constructor(metrics: Metrics) {
    this.#sessions = metrics.gauge("holdfast_ftp_sessions", "Open FTP control connections.");
    this.#logins = metrics.counter("holdfast_ftp_logins_total", "FTP sign-ins by outcome.", ["outcome"]);
    this.#transfers = metrics.counter(
      "holdfast_ftp_transfers_total",
      "FTP transfers by direction and outcome.",
      ["direction", "outcome"],
    );
    this.#bytes = metrics.counter("holdfast_ftp_transfer_bytes_total", "Bytes moved by FTP, by direction.", [
      "direction",
    ]);
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
