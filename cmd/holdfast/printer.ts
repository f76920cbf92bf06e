import { faultLines, type Fault } from "../../lib/base/fault.ts";
import { writeAll } from "../../lib/host/log-output.ts";

/** How answers look. */
export interface Look {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly colour: boolean;
}

const escape = "\u001b[";

/** Writes answers to standard output, and troubles to standard error. Text that came from elsewhere is shown
 *  without its control characters: no name can move the cursor. */
export class Printer {
  readonly look: Look;
  readonly #write: (fd: 1 | 2, text: string) => void;

  constructor(look: Look, write: (fd: 1 | 2, text: string) => void = writeAll) {
    this.look = look;
    this.#write = write;
  }

  /** The answer itself for a script; `human` for everybody else. */
  answer(value: unknown, human: () => void): void {
    if (this.look.json) this.#out(JSON.stringify(value, undefined, 2));
    else human();
  }

  /** What was asked for: said also when quiet. */
  line(text: string): void {
    this.#out(text.split("\n").map(visible).join("\n"));
  }

  /** Text that is painted, and safe already. */
  painted(text: string): void {
    this.#out(text);
  }

  /** What is kind to know: not said when quiet. */
  note(text: string): void {
    if (!this.look.quiet) this.#out(this.dim(visible(text)));
  }

  /** Rows under their headings; when quiet the first column alone. */
  table(headings: readonly string[], rows: readonly (readonly string[])[], empty: string): void {
    const cells = rows.map((row) => row.map(visible));
    if (this.look.quiet) return cells.forEach(([first = ""]) => this.#out(first));
    if (cells.length === 0) return this.note(empty);
    const widths = headings.map((heading, at) =>
      Math.max(...[heading, ...cells.map((row) => row[at] ?? "")].map((text) => Bun.stringWidth(text))),
    );
    const put = (row: readonly string[]): string =>
      row
        .map((text, at) => text + " ".repeat(Math.max(0, widths[at]! - Bun.stringWidth(text))))
        .join("  ")
        .trimEnd();
    this.#out(this.dim(put(headings)));
    for (const row of cells) this.#out(put(row));
  }

  /** Names and values, one a line. */
  record(pairs: readonly (readonly [string, string])[]): void {
    const width = Math.max(...pairs.map(([name]) => name.length));
    for (const [name, value] of pairs)
      this.#out(`${this.dim(name.padEnd(width))}  ${visible(value)}`.trimEnd());
  }

  refuse(fault: Fault): void {
    const lines = faultLines(fault).map(visible);
    const { code, what, where, mend } = fault;
    const text = this.look.json
      ? JSON.stringify({ error: { code, what, where, mend } })
      : [this.strong(lines[0]!), ...lines.slice(1)].join("\n");
    this.#write(2, `${text}\n`);
  }

  clean = (text: string): string => visible(text);
  dim = (text: string): string => this.#painted("2", text);
  strong = (text: string): string => this.#painted("1", text);
  good = (text: string): string => this.#painted("32", text);
  warn = (text: string): string => this.#painted("33", text);
  bad = (text: string): string => this.#painted("31", text);

  #painted(how: string, text: string): string {
    const safe = visible(text);
    return this.look.colour ? `${escape}${how}m${safe}${escape}0m` : safe;
  }

  #out(text: string): void {
    this.#write(1, `${text}\n`);
  }
}

/** C0, DEL and C1 controls, and what turns the direction of writing, as U+FFFD. */
export const visible = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
