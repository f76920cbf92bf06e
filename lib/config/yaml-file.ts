import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  visit,
  type ParsedNode,
  type YAMLMap,
} from "yaml";
import { documentLimits, type Document, type Written, type WrittenSection } from "./document.ts";
import type { Place, Problem } from "./problem.ts";

/** Reads YAML 1.2 (core schema), or JSON, which must then be JSON. Aliases are refused: an alias of an alias
 *  grows without bound, and a setting reads better where it stands. */
export function readYaml(source: string, text: string, language: "YAML" | "JSON"): Document {
  const counter = new LineCounter();
  const lines = text.split("\n");
  const place = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { source, line, column: Math.max(1, col), text: lines[line - 1]?.replace(/\r$/, "") };
  };
  const problems: Problem[] = [];
  const beyond = overLimit(text);
  if (beyond) {
    problems.push({ what: beyond, at: { source } });
    return { sections: [], problems, textual: false };
  }
  const document = parseDocument(text, {
    lineCounter: counter,
    prettyErrors: false,
    uniqueKeys: true,
    merge: false,
    version: "1.2",
    logLevel: "silent",
  });
  for (const { code, message, pos } of document.errors.slice(0, documentLimits.problems)) {
    const mend = code === "DUPLICATE_KEY" ? "keep one of them" : undefined;
    const what =
      code === "DUPLICATE_KEY"
        ? "the same key occurs twice"
        : `this is not ${language}: ${plainMessage(message)}`;
    problems.push({ what, at: place(pos[0]), mend });
  }
  if (problems.length === 0 && language === "JSON" && !isJson(text)) {
    const mend = "drop comments and trailing commas, quote the keys, or name the file .yaml";
    problems.push({ what: "this is not JSON", at: place(0), mend });
  }
  visit(document, {
    Alias: (_, node) => {
      if (problems.length < documentLimits.problems) problems.push(aliasProblem(place(node.range?.[0] ?? 0)));
    },
  });
  const readable = document.errors.every(({ code }) => code === "DUPLICATE_KEY");
  if (!readable || problems.length > document.errors.length)
    return { sections: [], problems, textual: false };
  const reader = new TreeReader(place, problems);
  return { sections: reader.sections(document.contents), problems, textual: false };
}

/** What makes a text too much to parse: the parser calls itself for each bracket, and compares each key with
 *  all before it. Tokens are counted first, in one pass. */
function overLimit(text: string): string | undefined {
  const { depth, entries } = documentLimits;
  let open = 0;
  let inLine = 0;
  let seen = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") open++;
    else if (token === "]" || token === "}") open--;
    else if (token === "\n" || token === "\r\n") inLine = 0;
    else if (token === "-" || token === "?" || /^[&!]/.test(token)) inLine++;
    else if (token === ":" || token === ",") seen++;
    if (open > depth || inLine > depth) return `nested more than ${depth} deep`;
    if (seen > entries) return `more than ${entries} entries`;
  }
  return undefined;
}

const plainMessage = (message: string): string => message.split("\n")[0]!.replace(/:$/, "");

const aliasProblem = (at: Place): Problem => ({
  what: "an alias (*name) is not allowed here",
  at,
  mend: "write the value itself",
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Turns the parsed tree into sections of settings. */
class TreeReader {
  readonly #place: (offset: number) => Place;
  readonly #problems: Problem[];

  constructor(place: (offset: number) => Place, problems: Problem[]) {
    this.#place = place;
    this.#problems = problems;
  }

  sections(contents: ParsedNode | null): WrittenSection[] {
    if (contents === null || isEmpty(contents)) return [];
    if (!isMap(contents)) return this.#complain(contents, "expected sections, like log: or ftp:") ?? [];
    return entries(contents).flatMap(({ key, keyNode, value }) => {
      const at = this.#at(keyNode);
      if (value === null || isEmpty(value)) return [{ name: key, at, settings: [] }];
      if (!isMap(value)) return this.#complain(value, `expected settings of ${key}, indented under it`) ?? [];
      const settings = entries(value).map((entry) => ({
        key: entry.key,
        at: this.#at(entry.keyNode),
        value: this.#written(entry.value, this.#at(entry.keyNode), 0),
      }));
      return [{ name: key, at, settings }];
    });
  }

  #written(node: ParsedNode | null, keyAt: Place, depth: number): Written {
    if (node === null) return { at: keyAt, scalar: null };
    const at = this.#at(node);
    if (isScalar(node)) {
      const { value } = node;
      const simple = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
      return { at, scalar: simple ? value : null };
    }
    if (isSeq(node) && depth === 0) {
      return { at, items: node.items.map((item) => this.#written(item, at, depth + 1)) };
    }
    this.#complain(node, "expected a value or a list of values");
    return { at, scalar: null };
  }

  #complain(node: ParsedNode, what: string): undefined {
    this.#problems.push({ what, at: this.#at(node) });
  }

  #at(node: ParsedNode): Place {
    return this.#place(node.range[0]);
  }
}

const isEmpty = (node: ParsedNode): boolean => isScalar(node) && node.value === null;

interface Entry {
  readonly key: string;
  readonly keyNode: ParsedNode;
  readonly value: ParsedNode | null;
}

function entries(map: YAMLMap.Parsed): Entry[] {
  return map.items.map(({ key, value }) => ({
    key: isScalar(key) && !isAlias(key) ? String(key.value) : "",
    keyNode: key,
    value,
  }));
}
