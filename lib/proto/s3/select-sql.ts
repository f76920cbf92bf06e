import { isPlain } from "./select-plain.ts";
import { NotSql, tokensOf, type Token } from "./select-tokens.ts";
import type { Aggregate, CastType, Expression, SelectQuery, Step } from "./select-words.ts";

const longest = 256 * 1024;

/** Reads a query; the text where it is none says why. */
export function parseSelect(text: string): SelectQuery | string {
  if (text.length > longest) return "The expression is longer than 256 KB";
  try {
    return new Parser(tokensOf(text.trim().replace(/;$/, ""))).query();
  } catch (error) {
    if (error instanceof NotSql) return error.message;
    throw error;
  }
}

/** How deep expressions may nest: the stack is not the client's. */
const mostDepth = 100;
const aggregateNames: ReadonlySet<string> = new Set(["count", "sum", "avg", "min", "max"]);
const functionArgs: Readonly<Record<string, readonly [number, number]>> = {
  lower: [1, 1],
  upper: [1, 1],
  trim: [1, 1],
  char_length: [1, 1],
  character_length: [1, 1],
  substring: [2, 3],
  coalesce: [1, 20],
  nullif: [2, 2],
};
const castTypes: Readonly<Record<string, CastType>> = {
  int: "int",
  float: "float",
  decimal: "float",
  double: "float",
  string: "string",
  varchar: "string",
  bool: "bool",
  boolean: "bool",
};
const reserved: ReadonlySet<string> = new Set(
  (
    "select from where limit and or not in like escape between is null missing as case when then else " +
    "end"
  ).split(" "),
);

class Parser {
  #at = 0;
  #depth = 0;
  #alias = "s3object";
  readonly #tokens: readonly Token[];
  readonly #aggregates: Extract<Expression, { kind: "aggregate" }>[] = [];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  query(): SelectQuery {
    this.#word("select");
    const begin = this.#at;
    // The alias stands after the columns that use it: FROM is read first.
    this.#at = this.#fromAt();
    const from = this.#from();
    const where = this.#takes("where") ? this.#expression() : undefined;
    const limit = this.#takes("limit") ? this.#count() : undefined;
    const end = this.#at;
    if (this.#peek().kind !== "end") throw new NotSql(`unexpected "${this.#peek().text}"`);
    if (this.#aggregates.length > 0) throw new NotSql("aggregates stand among the columns only");
    this.#at = begin;
    const columns = this.#columns();
    this.#word("from");
    this.#at = end;
    const mixed = columns !== "*" && this.#aggregates.length > 0 && columns.some(({ of }) => isPlain(of));
    if (mixed) throw new NotSql("columns and aggregates cannot be mixed: there is no GROUP BY");
    return { columns, from, where, limit, aggregates: this.#aggregates };
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "the end" };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #is(text: string): boolean {
    const { kind, text: found } = this.#peek();
    return kind === "word" ? found.toLowerCase() === text : kind === "sign" && found === text;
  }

  #takes(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#at++;
    return true;
  }

  #word(text: string): void {
    if (!this.#takes(text)) throw new NotSql(`expected ${text.toUpperCase()}, found "${this.#peek().text}"`);
  }

  #fromAt(): number {
    for (let at = this.#at, depth = 0; at < this.#tokens.length; at++) {
      const { kind, text } = this.#tokens[at]!;
      if (kind === "sign" && text === "(") depth++;
      if (kind === "sign" && text === ")") depth--;
      if (kind === "word" && depth === 0 && text.toLowerCase() === "from") return at;
    }
    throw new NotSql("there is no FROM");
  }

  #from(): (Step | "each")[] {
    this.#word("from");
    const table = this.#next();
    if (table.text.toLowerCase() !== "s3object") throw new NotSql("the table is S3Object");
    const steps: (Step | "each")[] = [];
    while (this.#is("[") || this.#is(".")) {
      if (this.#takes(".")) steps.push(this.#name());
      else {
        this.#word("[");
        if (this.#takes("*")) steps.push("each");
        else steps.push({ index: this.#count() });
        this.#word("]");
      }
    }
    const named =
      this.#takes("as") || (this.#peek().kind === "word" && !this.#is("where") && !this.#is("limit"));
    if (named) this.#alias = this.#next().text.toLowerCase();
    return steps;
  }

  #columns(): SelectQuery["columns"] {
    const [first, dot, star] = this.#tokens.slice(this.#at, this.#at + 3);
    const own = first?.kind === "word" && dot?.text === "." && star?.text === "*" && star.kind === "sign";
    if (own || this.#is("*")) {
      this.#at += own ? 3 : 1;
      return "*";
    }
    const columns: { of: Expression; name: string | undefined }[] = [];
    do {
      const of = this.#expression();
      columns.push({ of, name: this.#takes("as") ? this.#next().text : undefined });
      if (columns.length > 1000) throw new NotSql("more than 1000 columns");
    } while (this.#takes(","));
    return columns;
  }

  #count(): number {
    const { kind, text } = this.#next();
    if (kind !== "number" || !/^\d{1,15}$/.test(text)) throw new NotSql(`"${text}" is no whole number`);
    return Number(text);
  }

  #expression(): Expression {
    if (++this.#depth > mostDepth) throw new NotSql("the expression nests too deep");
    let left = this.#conjunction();
    while (this.#takes("or")) left = { kind: "binary", op: "or", left, right: this.#conjunction() };
    this.#depth--;
    return left;
  }

  #conjunction(): Expression {
    let left = this.#negation();
    while (this.#takes("and")) left = { kind: "binary", op: "and", left, right: this.#negation() };
    return left;
  }

  #negation(): Expression {
    let times = 0;
    while (this.#takes("not")) times++;
    const of = this.#comparison();
    return times % 2 === 0 ? of : { kind: "unary", op: "not", of };
  }

  #comparison(): Expression {
    const left = this.#sum();
    for (const op of ["=", "<>", "!=", "<=", ">=", "<", ">"]) {
      if (this.#takes(op)) return { kind: "binary", op: op === "!=" ? "<>" : op, left, right: this.#sum() };
    }
    if (this.#takes("is")) {
      const not = this.#takes("not");
      const what = this.#takes("missing") ? "missing" : "null";
      if (what === "null") this.#word("null");
      return negated({ kind: "is", of: left, what }, not);
    }
    const not = this.#takes("not");
    if (this.#takes("between")) return negated(this.#between(left), not);
    if (this.#takes("in")) return negated({ kind: "in", of: left, list: this.#list() }, not);
    if (this.#takes("like")) {
      const pattern = this.#sum();
      const escape = this.#takes("escape") ? this.#next().text : "";
      return negated({ kind: "like", of: left, pattern, escape }, not);
    }
    if (not) throw new NotSql("expected BETWEEN, IN or LIKE after NOT");
    return left;
  }

  #between(of: Expression): Expression {
    const low = this.#sum();
    this.#word("and");
    const left: Expression = { kind: "binary", op: ">=", left: of, right: low };
    return {
      kind: "binary",
      op: "and",
      left,
      right: { kind: "binary", op: "<=", left: of, right: this.#sum() },
    };
  }

  #list(): Expression[] {
    this.#word("(");
    const found: Expression[] = [];
    do found.push(this.#expression());
    while (this.#takes(","));
    this.#word(")");
    return found;
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const op = ["+", "-", "||"].find((one) => this.#takes(one));
      if (op === undefined) return left;
      left = { kind: "binary", op, left, right: this.#product() };
    }
  }

  #product(): Expression {
    let left = this.#factor();
    for (;;) {
      const op = ["*", "/", "%"].find((one) => this.#takes(one));
      if (op === undefined) return left;
      left = { kind: "binary", op, left, right: this.#factor() };
    }
  }

  #factor(): Expression {
    if (this.#takes("-")) {
      if (++this.#depth > mostDepth) throw new NotSql("the expression nests too deep");
      const of = this.#factor();
      this.#depth--;
      return { kind: "unary", op: "-", of };
    }
    if (this.#takes("(")) {
      const inner = this.#expression();
      this.#word(")");
      return inner;
    }
    const token = this.#next();
    if (token.kind === "string") return { kind: "literal", value: token.text };
    if (token.kind === "number") return { kind: "literal", value: Number(token.text) };
    if (token.kind === "quoted") return this.#path({ name: token.text, exact: true });
    if (token.kind !== "word") throw new NotSql(`unexpected "${token.text}"`);
    const word = token.text.toLowerCase();
    if (word === "true" || word === "false") return { kind: "literal", value: word === "true" };
    if (word === "null") return { kind: "literal", value: null };
    if (word === "case") return this.#case();
    if (this.#is("(")) return this.#call(word);
    if (reserved.has(word)) throw new NotSql(`unexpected "${token.text}"`);
    return this.#path({ name: token.text, exact: false });
  }

  #case(): Expression {
    const arms: [Expression, Expression][] = [];
    while (this.#takes("when")) {
      const when = this.#expression();
      this.#word("then");
      arms.push([when, this.#expression()]);
    }
    if (arms.length === 0) throw new NotSql("CASE without WHEN");
    const or: Expression = this.#takes("else") ? this.#expression() : { kind: "literal", value: null };
    this.#word("end");
    return { kind: "case", arms, or };
  }

  #call(name: string): Expression {
    if (name === "cast") return this.#cast();
    if (aggregateNames.has(name)) return this.#aggregate(name as Aggregate);
    const args = this.#list();
    const bounds = Object.hasOwn(functionArgs, name) ? functionArgs[name] : undefined;
    if (!bounds) throw new NotSql(`the function ${name.toUpperCase()} is not known`);
    if (args.length < bounds[0] || args.length > bounds[1]) {
      throw new NotSql(`${name.toUpperCase()} has ${args.length} arguments`);
    }
    return { kind: "call", name, args };
  }

  #cast(): Expression {
    this.#word("(");
    const of = this.#expression();
    this.#word("as");
    const { text } = this.#next();
    const to = Object.hasOwn(castTypes, text.toLowerCase()) ? castTypes[text.toLowerCase()] : undefined;
    if (!to) throw new NotSql(`CAST to ${text} is not implemented`);
    this.#word(")");
    return { kind: "cast", of, to };
  }

  #aggregate(name: Aggregate): Expression {
    this.#word("(");
    const star = name === "count" && this.#takes("*");
    const before = this.#aggregates.length;
    const of = star ? "*" : this.#expression();
    if (this.#aggregates.length > before) throw new NotSql("an aggregate within an aggregate");
    this.#word(")");
    const made = { kind: "aggregate", name, of, slot: this.#aggregates.length } as const;
    this.#aggregates.push(made);
    return made;
  }

  #name(): Step {
    const { kind, text } = this.#next();
    if (kind !== "word" && kind !== "quoted") throw new NotSql(`"${text}" is no name`);
    return { name: text, exact: kind === "quoted" };
  }

  #path(first: Step & { name: string }): Expression {
    const steps: Step[] = [first];
    while (this.#is(".") || this.#is("[")) {
      if (this.#takes(".")) steps.push(this.#name());
      else {
        this.#word("[");
        steps.push({ index: this.#count() });
        this.#word("]");
      }
      if (steps.length > 50) throw new NotSql("the path is too long");
    }
    const named = steps.length > 1 && "name" in first && first.name.toLowerCase();
    const own = named === this.#alias || named === "s3object";
    return { kind: "path", steps: own ? steps.slice(1) : steps };
  }
}

const negated = (of: Expression, not: boolean): Expression => (not ? { kind: "unary", op: "not", of } : of);
