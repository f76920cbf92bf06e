import { dial, type Dialled } from "../../../lib/host/dial.ts";
import { targetPatienceMs, unreachable, type Address, type Delivery } from "./target.ts";

/** A connection to a target that is made when it is needed, kept, and made anew after it failed. */
export class HeldLine implements Disposable {
  readonly #address: Address;
  readonly #port: number;
  readonly #tls: boolean;
  readonly #greet: (line: Dialled) => Promise<Delivery | undefined>;
  #line: Dialled | undefined;

  /** `greet` does what comes before the first letter; it gives a delivery where that failed. */
  constructor(
    address: Address,
    how: { port: number; tls: boolean },
    greet: (line: Dialled) => Promise<Delivery | undefined>,
  ) {
    this.#address = address;
    this.#port = how.port;
    this.#tls = how.tls;
    this.#greet = greet;
  }

  /** Runs one exchange. Whatever is not a success ends the connection: nothing half said stays in it. */
  async use(exchange: (line: Dialled) => Promise<Delivery>): Promise<Delivery> {
    try {
      const opened = await this.#open();
      const done = "kind" in opened ? opened : await exchange(opened);
      if (done.kind !== "sent") this[Symbol.dispose]();
      return done;
    } catch (error) {
      this[Symbol.dispose]();
      return unreachable(error instanceof Error ? error.message : "not reached");
    }
  }

  async #open(): Promise<Dialled | Delivery> {
    if (this.#line && !this.#line.closed) return this.#line;
    this[Symbol.dispose]();
    const { url, ca } = this.#address;
    const port = url.port === "" ? this.#port : Number(url.port);
    const tls = this.#tls ? { ca } : undefined;
    const line = await dial({ host: url.hostname, port, tls, timeoutMs: targetPatienceMs });
    this.#line = line;
    return (await this.#greet(line)) ?? line;
  }

  [Symbol.dispose](): void {
    this.#line?.[Symbol.dispose]();
    this.#line = undefined;
  }
}
