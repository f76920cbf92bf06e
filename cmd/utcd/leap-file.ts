import { readFile } from "node:fs/promises";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import {
  nextLeap,
  parseLeapList,
  taiOffset,
  type LeapList,
  type LeapSecond,
} from "../../lib/proto/ntp/leap-list.ts";
import type { Log } from "../../lib/watch/log.ts";

/** Where systems keep the list, if they have it. */
const usual = "/usr/share/zoneinfo/leap-seconds.list";
const daySeconds = 86_400;
/** Days before its end at which a list's age is told. */
const alarms = [30, 7, 0];

/** The leap second list of this house. */
export class LeapFile {
  #list: LeapList | undefined;

  constructor(list: LeapList | undefined) {
    this.#list = list;
  }

  /** Reads the configured list, or the system's. What is wrong with the system's is only logged. Faults:
   *  those of
   *  a configured one: invalid, digest, not-found. */
  static async read(path: string | undefined, nowSeconds: number, log: Log): Promise<Result<LeapFile>> {
    const text = await readFile(path ?? usual, "utf8").catch(() => undefined);
    if (text === undefined) {
      if (path === undefined) return ok(new LeapFile(undefined));
      return fail("not-found", "the leap second list cannot be read", { where: path });
    }
    const list = parseLeapList(text);
    if (!list.ok) {
      const { what } = list.fault;
      if (path !== undefined) return fail(list.fault.code, what, { where: path });
      log.warn("the system's leap second list is not used", { what, path: usual });
      return ok(new LeapFile(undefined));
    }
    const left = Math.floor((list.value.expires - nowSeconds) / daySeconds);
    const alarm = alarms.findLast((days) => left <= days);
    if (left < 0) log.warn("the leap second list has ended: it announces nothing", { path: path ?? usual });
    else if (alarm !== undefined) log.warn("the leap second list ends soon", { days: left });
    return ok(new LeapFile(list.value));
  }

  /** Goes on with what another file said. */
  take(other: LeapFile): void {
    this.#list = other.#list;
  }

  /** Whether the list is still good: then what sources announce does not count. */
  isGood(now: number): boolean {
    return this.#list !== undefined && now < this.#list.expires;
  }

  /** TAI − UTC in seconds; undefined where no list says it. */
  taiOffset(now: number): number | undefined {
    return this.#list && taiOffset(this.#list, now);
  }

  next(now: number): LeapSecond | undefined {
    return this.#list && nextLeap(this.#list, now);
  }
}
