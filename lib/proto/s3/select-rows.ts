import type { CsvForm, SelectRequest } from "./select-request.ts";
import type { SelectQuery } from "./select-words.ts";
import { evaluate, textOf, walk, type Value } from "./select-value.ts";

/** A row: what expressions look at, and for CSV its fields as they were. */
export interface Row {
  readonly value: Value;
  readonly fields: readonly string[] | undefined;
}

/** A record longer than this is no record. */
export const recordChars = 1 << 20;

/** Parts text into records at a delimiter, CSV's quotes minded; gives the records that are whole. A record
 *  delimiter of "\n" takes "\r\n" as well. */
export class RecordSplitter {
  #held = "";
  #seen = 0;
  #quoted = false;
  readonly #record: string;
  readonly #quote: string;
  readonly #escape: string;

  /** `escape` is "" where a quote escapes itself. */
  constructor(record: string, quote: string, escape: string) {
    this.#record = record;
    this.#quote = quote;
    this.#escape = escape === quote ? "" : escape;
  }

  /** Whether a record grows beyond the limit. */
  get tooLong(): boolean {
    return this.#held.length > recordChars;
  }

  push(text: string): string[] {
    this.#held += text;
    const [held, record] = [this.#held, this.#record];
    const found: string[] = [];
    let from = 0;
    let at = this.#seen;
    for (; at < held.length; at++) {
      const c = held[at]!;
      if (this.#quoted && this.#escape !== "" && c === this.#escape) {
        // What it escapes may not be here yet.
        if (at + 1 >= held.length) break;
        at++;
      } else if (this.#quote !== "" && c === this.#quote) this.#quoted = !this.#quoted;
      else if (!this.#quoted && held.startsWith(record, at)) {
        found.push(this.#trimmed(held.slice(from, at)));
        at += record.length - 1;
        from = at + 1;
      } else if (!this.#quoted && at + record.length > held.length && record.startsWith(held.slice(at))) {
        break; // a delimiter cut in half
      }
    }
    this.#held = held.slice(from);
    this.#seen = at - from;
    return found;
  }

  end(): string[] {
    const rest = this.#trimmed(this.#held);
    this.#held = "";
    return rest === "" ? [] : [rest];
  }

  #trimmed(record: string): string {
    return this.#record === "\n" && record.endsWith("\r") ? record.slice(0, -1) : record;
  }
}

/** The fields of one CSV record. */
export function csvFields(record: string, { field, quote, escape }: CsvForm): string[] {
  const fields: string[] = [];
  let text = "";
  let quoted = false;
  for (let at = 0; at < record.length; at++) {
    const c = record[at]!;
    if (quoted) {
      if (c === escape && record[at + 1] === quote && (escape !== quote || at + 1 < record.length)) {
        text += quote;
        at++;
      } else if (c === quote) quoted = false;
      else text += c;
    } else if (c === quote && quote !== "" && text === "") quoted = true;
    else if (record.startsWith(field, at)) {
      fields.push(text);
      text = "";
      at += field.length - 1;
    } else text += c;
  }
  fields.push(text);
  return fields;
}

/** A CSV record as a row: fields by `_1`, `_2` …, and by their names where there is a header. */
export function csvRow(fields: readonly string[], names: readonly string[]): Row {
  const value: Record<string, Value> = Object.create(null) as Record<string, Value>;
  fields.forEach((text, i) => {
    value[`_${i + 1}`] = text;
    const name = names[i];
    if (name !== undefined) value[name] = text;
  });
  return { value, fields };
}

/** Where the rows are within a JSON value: the FROM clause's path, "[*]" being each element. */
export function rowsIn(value: Value, from: SelectQuery["from"]): Value[] {
  let all: Value[] = [value];
  for (const step of from) {
    if (step === "each") all = all.flatMap((one) => (Array.isArray(one) ? (one as Value[]) : [one]));
    else all = all.map((one) => walk(one, [step]));
  }
  return all.filter((one) => one !== undefined);
}

/** Writes rows as the request asks. */
export class RowWriter {
  readonly #query: SelectQuery;
  readonly #output: SelectRequest["output"];
  readonly #names: readonly string[];

  constructor(query: SelectQuery, output: SelectRequest["output"]) {
    this.#query = query;
    this.#output = output;
    const columns = query.columns === "*" ? [] : query.columns;
    this.#names = columns.map(({ of, name }, i) => name ?? nameOf(of) ?? `_${i + 1}`);
  }

  /** `names`: of a CSV's header, for `*` in JSON. */
  write(row: Row, names: readonly string[], sums: readonly Value[]): string {
    if (this.#query.columns === "*") return this.#whole(row, names);
    const values = this.#query.columns.map(({ of }) => evaluate(of, row.value, sums));
    if (this.#output.kind === "csv") return this.#csv(values);
    // What is MISSING stays away.
    const pairs = values.flatMap((value, i) =>
      value === undefined ? [] : [[this.#names[i]!, value] as const],
    );
    return `${JSON.stringify(Object.fromEntries(pairs))}${this.#output.record}`;
  }

  #whole({ value, fields }: Row, names: readonly string[]): string {
    if (this.#output.kind === "csv") {
      const record = value !== null && typeof value === "object" ? Object.values(value as object) : [value];
      return this.#csv(fields ?? (record as Value[]));
    }
    const pairs = fields?.map((text, i) => [names[i] ?? `_${i + 1}`, text] as const);
    return `${JSON.stringify(pairs ? Object.fromEntries(pairs) : value)}${this.#output.record}`;
  }

  #csv(values: readonly Value[]): string {
    if (this.#output.kind !== "csv") return "";
    const { form, always } = this.#output;
    const cells = values.map((value) => {
      const text = value === null || value === undefined ? "" : textOf(value);
      const { quote, escape, field, record } = form;
      const special = [quote, field, record, "\n", "\r"].some((one) => one !== "" && text.includes(one));
      return always || special ? `${quote}${text.replaceAll(quote, escape + quote)}${quote}` : text;
    });
    return `${cells.join(form.field)}${form.record}`;
  }
}

/** A path's last name is its column's. */
function nameOf(of: Exclude<SelectQuery["columns"], "*">[number]["of"]): string | undefined {
  const last = of.kind === "path" ? of.steps.at(-1) : undefined;
  return last && "name" in last ? last.name : undefined;
}
