import { readFile } from "node:fs/promises";
import { hex } from "../../lib/base/bytes.ts";
import type { Entropy } from "../../lib/base/entropy.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import type { TimeSource } from "../../lib/gate/time/keeper.ts";
import { NtpSource } from "../../lib/gate/time/source.ts";
import { referenceIdOf } from "../../lib/proto/ntp/header.ts";
import { KeyRing, type SymmetricKey } from "../../lib/proto/ntp/keys.ts";
import { referenceIdOfIp } from "../../lib/proto/ntp/reference-id.ts";
import type { Timestamp } from "../../lib/proto/ntp/timestamp.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { UtcdConfig } from "./config.ts";
import { parseRefClock, type RefClockLine } from "./ref-clocks.ts";
import { Remote } from "./remote.ts";
import { parseServerLine, type ServerLine } from "./server-line.ts";

export interface MembersHow {
  /** What the sources' times count from. */
  readonly start: Timestamp;
  readonly entropy: Entropy;
  readonly log: Log;
  /** Seconds on the oscillator. */
  readonly now: () => number;
  /** Begins to listen to a reference clock. */
  readonly listen: (clock: RefClockLine) => Disposable;
}

interface Asked {
  readonly remote: Remote;
  readonly source: NtpSource;
}
interface Heard {
  readonly line: RefClockLine;
  readonly ear: Disposable;
}

const poolSize = 4;

/** The sources that the configuration names. One whose line stays the same through a reload stays, with all
 *  that it knows. */
export class Members implements Disposable {
  readonly #how: MembersHow;
  /** By everything that was said of them. */
  #asked = new Map<string, Asked>();
  #heard = new Map<string, Heard>();

  constructor(how: MembersHow) {
    this.#how = how;
  }

  /** In the order of the configuration: servers, then clocks. */
  get sources(): readonly TimeSource[] {
    return [
      ...Array.from(this.#asked.values(), ({ source }) => source),
      ...Array.from(this.#heard.values(), ({ line }) => line.source),
    ];
  }

  remoteOf(source: NtpSource): Remote | undefined {
    return this.#asked.values().find((one) => one.source === source)?.remote;
  }

  /** What we call our reference when we follow the source of that name. */
  referenceOf(name: string): number {
    const clock = this.#heard.values().find(({ line }) => line.source.how.name === name);
    if (clock) return referenceIdOf(clock.line.source.how.letters);
    const asked = this.#asked.values().find(({ remote }) => remote.name === name);
    return referenceIdOfIp(asked?.remote.ip ?? new Uint8Array(4));
  }

  /** Takes over what the configuration says now; with a fault nothing changes. The new servers are given, to
   *  be begun. Faults: invalid (a line), not-found (a key, a CA file). */
  async take(clock: UtcdConfig["clock"], keys: readonly SymmetricKey[]): Promise<Result<readonly Remote[]>> {
    const ca = await readCa(clock.ntsCa);
    if (!ca.ok) return ca;
    const asked = this.#askedOf(clock, keys, ca.value);
    if (!asked.ok) return asked;
    const lines = new Map<string, RefClockLine>();
    for (const text of clock.refclocks) {
      const line = parseRefClock(text);
      if (!line.ok) return line;
      lines.set(text, line.value);
    }
    const fresh = [...asked.value].filter(([id]) => !this.#asked.has(id)).map(([, { remote }]) => remote);
    this.#asked = asked.value;
    this.#listenTo(lines);
    return ok(fresh);
  }

  #askedOf(
    clock: UtcdConfig["clock"],
    keys: readonly SymmetricKey[],
    ca: string | undefined,
  ): Result<Map<string, Asked>> {
    const ring = new KeyRing(keys);
    const asked = new Map<string, Asked>();
    for (const text of clock.servers) {
      const line = parseServerLine(text);
      if (!line.ok) return line;
      const { key: id, pool } = line.value;
      const key = keys.find((one) => one.id === id);
      if (id > 0 && !key) {
        const mend = "see ntp.keyFile";
        return fail("not-found", `key ${id} is not in the key file`, { where: text, mend });
      }
      const secret = key ? `${key.type} ${hex(key.secret)}` : "";
      for (let nth = 0; nth < (pool ? poolSize : 1); nth++) {
        const identity = JSON.stringify([text, nth, clock.minPoll, clock.maxPoll, clock.trust, ca, secret]);
        asked.set(identity, this.#asked.get(identity) ?? this.#askedNew(line.value, nth, clock, ring, ca));
      }
    }
    return ok(asked);
  }

  #askedNew(
    line: ServerLine,
    nth: number,
    { minPoll, maxPoll, trust }: UtcdConfig["clock"],
    ring: KeyRing,
    ca: string | undefined,
  ): Asked {
    const { start, entropy, log, now } = this.#how;
    const remote = new Remote(line, nth, ca, entropy, log);
    const { key, nts, prefer, xleave: interleave } = line;
    const secured = nts ? { fields: () => remote.fields() } : key > 0 ? { key: { id: key, ring } } : {};
    const needsWitness = trust === "secured" && !nts && key === 0;
    const how = { name: remote.name, minPoll, maxPoll, prefer, needsWitness, interleave, ...secured };
    return { remote, source: new NtpSource(how, start, entropy, now()) };
  }

  #listenTo(lines: ReadonlyMap<string, RefClockLine>): void {
    for (const [text, { ear }] of this.#heard) if (!lines.has(text)) ear[Symbol.dispose]();
    const before = this.#heard;
    this.#heard = new Map();
    for (const [text, line] of lines) {
      this.#heard.set(text, before.get(text) ?? { line, ear: this.#how.listen(line) });
    }
  }

  [Symbol.dispose](): void {
    for (const { ear } of this.#heard.values()) ear[Symbol.dispose]();
    this.#heard.clear();
  }
}

async function readCa(path: string | undefined): Promise<Result<string | undefined>> {
  if (path === undefined) return ok(undefined);
  try {
    return ok(await readFile(path, "utf8"));
  } catch (cause) {
    const what = `the NTS authority cannot be read: ${(cause as Error).message}`;
    return fail("not-found", what, { where: path });
  }
}
