/** Thrown by the parser alone, caught by `parseSelect` alone. */
export class NotSql extends Error {}

export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "sign" | "end";
  readonly text: string;
}

/** A word, a quoted name, a text, a number, a sign. */
const forms = [
  String.raw`([A-Za-z_][A-Za-z0-9_]*)`,
  String.raw`"((?:[^"]|"")*)"`,
  String.raw`'((?:[^']|'')*)'`,
  String.raw`((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)`,
  String.raw`(<>|!=|<=|>=|\|\||[-+*/%=<>(),.[\]])`,
];
const tokenAt = new RegExp(forms.join("|"), "y");
const spaceAt = /\s*/y;
/** So that what is made of them nests no deeper than the stack bears. */
const mostTokens = 4000;

/** The words and signs of a query. Throws `NotSql`. */
export function tokensOf(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  for (;;) {
    spaceAt.lastIndex = at;
    spaceAt.exec(text);
    at = spaceAt.lastIndex;
    if (at >= text.length) return found;
    tokenAt.lastIndex = at;
    const m = tokenAt.exec(text);
    if (!m) throw new NotSql(`unexpected text near "${text.slice(at, at + 20)}"`);
    if (found.length >= mostTokens) throw new NotSql(`the query has more than ${mostTokens} words`);
    at = tokenAt.lastIndex;
    if (m[1] !== undefined) found.push({ kind: "word", text: m[1] });
    else if (m[2] !== undefined) found.push({ kind: "quoted", text: m[2].replaceAll('""', '"') });
    else if (m[3] !== undefined) found.push({ kind: "string", text: m[3].replaceAll("''", "'") });
    else if (m[4] !== undefined) found.push({ kind: "number", text: m[4] });
    else found.push({ kind: "sign", text: m[5]! });
  }
}
