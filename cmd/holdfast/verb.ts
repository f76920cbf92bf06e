import type { Fault } from "../../lib/base/fault.ts";
import type { Result } from "../../lib/base/result.ts";
import type { HouseClient } from "../house-client.ts";
import type { Printer } from "./printer.ts";

/** A verb of the command line: one file each, all in the table of verbs.ts, from which help and completion
 *  are made. */
export interface Verb {
  /** "user add" */
  readonly name: string;
  /** One sentence for the list, without a full stop. */
  readonly does: string;
  readonly args: readonly Argument[];
  readonly options: readonly VerbOption[];
  /** Command lines that work, without the leading "holdfast". */
  readonly examples: readonly string[];
  /** Gives the exit code. */
  readonly run: (call: Call) => Promise<number>;
}

export interface Argument {
  /** "NAME" */
  readonly name: string;
  readonly optional?: true;
}

export interface VerbOption {
  /** "role" for --role. */
  readonly name: string;
  /** "admin|user", "FILE"; undefined: it takes nothing. */
  readonly takes?: string;
  readonly doc: string;
  /** May be said several times. */
  readonly many?: true;
}

/** One call of a verb, its words read. */
export interface Call {
  readonly print: Printer;
  /** The argument of that name; "" for an optional one that is absent. */
  arg(name: string): string;
  /** The option's last value. */
  option(name: string): string | undefined;
  /** All its values. */
  options(name: string): readonly string[];
  flag(name: string): boolean;
  /** The data directory; undefined where nobody says and no place is found. */
  readonly data: string | undefined;
  /** The house, through whichever of its daemons answers; without one, the data directory itself where
   *  `direct` allows it. Faults: unavailable, denied. */
  house(direct?: "direct"): Promise<Result<HouseClient>>;
  /** Tells the fault in its three lines, and gives the exit code. */
  refuse(fault: Fault): number;
}
