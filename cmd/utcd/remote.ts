import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Entropy } from "../../lib/base/entropy.ts";
import { parseIp, type Ip } from "../../lib/base/ip.ts";
import { NtsAssociation } from "../../lib/proto/nts/client.ts";
import type { ClientFields } from "../../lib/proto/ntp/client.ts";
import type { Log } from "../../lib/watch/log.ts";
import { establishKeys } from "./establish-keys.ts";
import type { ServerLine } from "./server-line.ts";

/** Addresses of one name that are looked at. */
const mostAddresses = 16;
const resolvePatienceMs = 5000;
/** How long to wait after the n-th failure in a row to get keys: RFC 8915 §4.2 asks for patience. */
const keyBackoffMs = [10_000, 20_000, 60_000, 300_000, 3_600_000];

/** A server as the configuration names it: where it is, and the keys we have with it. */
export class Remote {
  readonly line: ServerLine;
  readonly name: string;
  readonly #nth: number;
  readonly #ca: string | undefined;
  readonly #entropy: Entropy;
  readonly #log: Log;
  #ip: Ip | undefined;
  #port: number;
  #resolving = false;
  #association: NtsAssociation | undefined;
  #fetching = false;
  #failures = 0;
  #fetchNotBefore = 0;

  /** `nth`: which of the name's addresses. `ca`: PEM trusted for NTS; undefined: the system's. */
  constructor(line: ServerLine, nth: number, ca: string | undefined, entropy: Entropy, log: Log) {
    this.line = line;
    this.name = line.pool ? `${line.host}#${nth + 1}` : line.host;
    this.#nth = nth;
    this.#ca = ca;
    this.#entropy = entropy;
    this.#log = log.with({ server: this.name });
    this.#port = line.port;
    this.#ip = parseIp(line.host);
  }

  get ip(): Ip | undefined {
    return this.#ip;
  }
  get port(): number {
    return this.#port;
  }
  /** "none", "symmetric key 3", or how far NTS is. */
  get authentication(): string {
    if (this.line.key > 0) return `symmetric key ${this.line.key}`;
    if (!this.line.nts) return "none";
    return this.#association ? `NTS, ${this.#association.cookies} cookies` : "NTS, no keys yet";
  }

  /** Looks the name up, at most once at a time; what was known stays where that fails. */
  async resolve(host = this.line.host): Promise<void> {
    if (isIP(host) !== 0) {
      this.#ip = parseIp(host);
      return;
    }
    if (this.#resolving) return;
    this.#resolving = true;
    try {
      const patience = Bun.sleep(resolvePatienceMs).then(() => []);
      const found = await Promise.race([lookup(host, { all: true }), patience]);
      const usable = found.slice(0, mostAddresses).flatMap(({ address }) => parseIp(address) ?? []);
      this.#ip = usable[this.#nth % Math.max(1, usable.length)] ?? this.#ip;
      if (usable.length === 0) this.#log.warn("the server's name has no address");
    } catch (cause) {
      this.#log.warn("the server's name cannot be looked up", { what: (cause as Error).message });
    } finally {
      this.#resolving = false;
    }
  }

  /** NTS fields for the next request; undefined while keys are being fetched. */
  fields(): ClientFields | undefined {
    const fields = this.#association?.next();
    if (!fields) void this.#fetch();
    return fields;
  }

  /** The server does not know our cookies any more. */
  forgetKeys(): void {
    this.#association = undefined;
  }

  /** Fetches keys before the first request, so that the first is authenticated. */
  async begin(): Promise<void> {
    await this.resolve();
    if (this.line.nts) await this.#fetch();
  }

  async #fetch(): Promise<void> {
    const now = performance.now();
    if (this.#fetching || now < this.#fetchNotBefore) return;
    this.#fetching = true;
    const { host, ntsPort, port } = this.line;
    const established = await establishKeys(host, ntsPort, this.#ca);
    this.#fetching = false;
    if (!established.ok) {
      const wait = keyBackoffMs[Math.min(this.#failures++, keyBackoffMs.length - 1)]!;
      this.#fetchNotBefore = now + wait;
      this.#log.warn("no NTS keys", { what: established.fault.what, againInS: wait / 1000 });
      return;
    }
    this.#failures = 0;
    this.#fetchNotBefore = now + keyBackoffMs[0]!;
    const { keys, reply } = established.value;
    this.#association = new NtsAssociation(keys, reply.cookies, this.#entropy);
    this.#port = port === 123 ? reply.port : port;
    if (reply.server !== undefined) await this.resolve(reply.server);
    this.#log.info("NTS keys established", { cookies: reply.cookies.length });
  }
}
