import type { Flow } from "./asks.ts";
import type { Control } from "./control.ts";

/** One row of the command table. */
export interface Command {
  readonly verb: string;
  /** Whether one must have signed in. */
  readonly login: boolean;
  /** "opens": moves data over a connection of its own; "during": acts at once while another does. */
  readonly transfer: "no" | "opens" | "during";
  /** Whether an argument must, may or cannot be there. */
  readonly argument: "none" | "may" | "must";
  /** What follows the verb, for HELP. */
  readonly syntax: string;
  /** Answers at once, or is a flow that asks on its way. */
  readonly run: (control: Control, argument: string) => Flow | undefined;
}

/** A command that needs a person to have signed in, moves no data, and takes what `syntax` says. */
export function command(
  verb: string,
  syntax: string,
  run: (control: Control, argument: string) => Flow | undefined,
  more: Partial<Pick<Command, "login" | "transfer">> = {},
): Command {
  const argument = syntax === "" ? "none" : syntax.startsWith("[") ? "may" : "must";
  return { verb, syntax, argument, login: true, transfer: "no", ...more, run };
}

/** Known, and answered with one and the same refusal. */
export function refused(verb: string, code: number, text: string): Command {
  const run = (control: Control): undefined => control.reply(code, text);
  return { verb, syntax: "[…]", argument: "may", login: false, transfer: "no", run };
}

/** The same command under another name. */
export const alias = (verb: string, of: Command): Command => ({ ...of, verb });
