import { never } from "../../base/assert.ts";
import type { Expression, SelectQuery, Step } from "./select-words.ts";

/** What an expression gives: JSON's values; undefined is MISSING. */
export type Value =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Value[]
  | { readonly [name: string]: Value };

/** Thrown where a row cannot be judged, caught by who runs the query. */
export class SelectFailed extends Error {
  readonly code: "CastFailed" | "EvaluatorInvalidArguments";
  constructor(code: SelectFailed["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** The value of `of` for a row; `sums` are the aggregates' results. SQL's three-valued logic: null and
 *  MISSING make a comparison null. */
export function evaluate(of: Expression, row: Value, sums: readonly Value[] = []): Value {
  switch (of.kind) {
    case "literal":
      return of.value;
    case "path":
      return walk(row, of.steps);
    case "aggregate":
      return sums[of.slot];
    case "unary":
      return unary(of.op, evaluate(of.of, row, sums));
    case "binary":
      return binary(of, row, sums);
    case "in":
      return isIn(evaluate(of.of, row, sums), of.list, row, sums);
    case "like":
      return isLike(evaluate(of.of, row, sums), evaluate(of.pattern, row, sums), of.escape);
    case "is": {
      const value = evaluate(of.of, row, sums);
      return of.what === "missing" ? value === undefined : value === null || value === undefined;
    }
    case "cast":
      return cast(evaluate(of.of, row, sums), of.to);
    case "case": {
      const arm = of.arms.find(([when]) => evaluate(when, row, sums) === true);
      return evaluate(arm ? arm[1] : of.or, row, sums);
    }
    case "call":
      return call(
        of.name,
        of.args.map((one) => evaluate(one, row, sums)),
      );
    default:
      return never(of);
  }
}

/** Names that are not quoted fit whatever their case, the exact one first. */
export function walk(from: Value, steps: readonly Step[]): Value {
  let value = from;
  for (const step of steps) {
    if (value === null || typeof value !== "object") return undefined;
    if ("index" in step) {
      value = Array.isArray(value) ? (value as readonly Value[])[step.index] : undefined;
      continue;
    }
    if (Array.isArray(value)) return undefined;
    const record = value as { readonly [name: string]: Value };
    if (Object.hasOwn(record, step.name)) value = record[step.name];
    else if (step.exact) return undefined;
    else {
      const wanted = step.name.toLowerCase();
      const name = Object.keys(record).find((one) => one.toLowerCase() === wanted);
      value = name === undefined ? undefined : record[name];
    }
  }
  return value;
}

function unary(op: "not" | "-", value: Value): Value {
  if (op === "not") return typeof value === "boolean" ? !value : null;
  const number = numberOf(value);
  return number === undefined ? null : -number;
}

const absent = (value: Value): value is null | undefined => value === null || value === undefined;

function binary(of: Extract<Expression, { kind: "binary" }>, row: Value, sums: readonly Value[]): Value {
  const left = evaluate(of.left, row, sums);
  if (of.op === "and" && left === false) return false;
  if (of.op === "or" && left === true) return true;
  const right = evaluate(of.right, row, sums);
  if (of.op === "and") return right === false ? false : left === true && right === true ? true : null;
  if (of.op === "or") return right === true ? true : left === false && right === false ? false : null;
  if (absent(left) || absent(right)) return null;
  if (of.op === "||") return textOf(left) + textOf(right);
  const order = compare(left, right);
  const compared = comparisons[of.op];
  if (compared) return order === undefined ? of.op === "<>" : compared(order);
  return arithmetic(of.op, numberOf(left), numberOf(right));
}

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "<>": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/** Text that is a number is compared with a number as one: CSV has nothing but text. Undefined: not alike. */
function compare(a: Value, b: Value): number | undefined {
  if (typeof a === "number" || typeof b === "number") {
    const [x, y] = [numberOf(a), numberOf(b)];
    return x === undefined || y === undefined ? undefined : x - y;
  }
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "boolean" || typeof b === "boolean") return textOf(a) === textOf(b) ? 0 : undefined;
  return JSON.stringify(a) === JSON.stringify(b) ? 0 : undefined;
}

function arithmetic(op: string, a: number | undefined, b: number | undefined): Value {
  if (a === undefined || b === undefined) {
    throw new SelectFailed("EvaluatorInvalidArguments", `${op} needs numbers`);
  }
  if ((op === "/" || op === "%") && b === 0)
    throw new SelectFailed("EvaluatorInvalidArguments", "divided by zero");
  return op === "+" ? a + b : op === "-" ? a - b : op === "*" ? a * b : op === "/" ? a / b : a % b;
}

function isIn(value: Value, list: readonly Expression[], row: Value, sums: readonly Value[]): Value {
  if (absent(value)) return null;
  return list.some((one) => {
    const other = evaluate(one, row, sums);
    return !absent(other) && compare(value, other) === 0;
  });
}

/** `%` any text, `_` one character; without backtracking beyond the last `%`. */
function isLike(value: Value, pattern: Value, escape: string): Value {
  if (absent(value) || absent(pattern)) return null;
  const text = Array.from(textOf(value));
  const parts = partsOf(textOf(pattern), escape);
  let [t, p, starP, starT] = [0, 0, -1, 0];
  while (t < text.length) {
    const part = parts[p];
    if (part && part !== "%" && (part === "_" || part.slice(1) === text[t])) {
      t++;
      p++;
    } else if (part === "%") {
      starP = p++;
      starT = t;
    } else if (starP >= 0) {
      p = starP + 1;
      t = ++starT;
    } else return false;
  }
  while (parts[p] === "%") p++;
  return p === parts.length;
}

/** "%", "_", or "=" and the character itself. */
function partsOf(pattern: string, escape: string): string[] {
  const parts: string[] = [];
  const all = Array.from(pattern);
  for (let i = 0; i < all.length; i++) {
    const c = all[i]!;
    if (escape !== "" && c === escape) parts.push(`=${all[++i] ?? ""}`);
    else parts.push(c === "%" || c === "_" ? c : `=${c}`);
  }
  return parts;
}

const numeric = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

export function numberOf(value: Value): number | undefined {
  if (typeof value === "number") return value;
  const text = typeof value === "string" ? value.trim() : "";
  return numeric.test(text) ? Number(text) : undefined;
}

export const textOf = (value: Value): string =>
  typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value);

function cast(value: Value, to: "int" | "float" | "string" | "bool"): Value {
  if (absent(value)) return value;
  if (to === "string") return textOf(value);
  if (to === "bool") {
    const text = textOf(value).toLowerCase();
    if (text === "true" || text === "false") return text === "true";
    throw new SelectFailed("CastFailed", `"${text.slice(0, 50)}" is no BOOL`);
  }
  const number = typeof value === "boolean" ? Number(value) : numberOf(value);
  if (number === undefined) {
    throw new SelectFailed("CastFailed", `"${textOf(value).slice(0, 50)}" is no number`);
  }
  return to === "int" ? Math.trunc(number) : number;
}

function call(name: string, args: readonly Value[]): Value {
  const [first, second, third] = args;
  if (name === "coalesce") return args.find((one) => !absent(one)) ?? null;
  if (name === "nullif")
    return !absent(first) && !absent(second) && compare(first, second) === 0 ? null : first;
  if (absent(first)) return null;
  const text = textOf(first);
  if (name === "lower") return text.toLowerCase();
  if (name === "upper") return text.toUpperCase();
  if (name === "trim") return text.trim();
  if (name !== "substring") return Array.from(text).length;
  const from = numberOf(second) ?? 1;
  const end = third === undefined ? Infinity : from + (numberOf(third) ?? 0);
  return Array.from(text)
    .slice(Math.max(from - 1, 0), Math.max(end - 1, 0))
    .join("");
}

/** The aggregates of a query over the rows told so far. */
export class Sums {
  readonly #query: SelectQuery;
  readonly #state: { count: number; sum: number; least: Value; most: Value }[];

  constructor(query: SelectQuery) {
    this.#query = query;
    this.#state = query.aggregates.map(() => ({ count: 0, sum: 0, least: null, most: null }));
  }

  tell(row: Value): void {
    for (const { of, slot, name } of this.#query.aggregates) {
      const state = this.#state[slot]!;
      const value = of === "*" ? true : evaluate(of, row);
      if (absent(value)) continue;
      state.count++;
      if (of === "*" || name === "count") continue;
      const number = numberOf(value);
      if (name === "sum" || name === "avg") {
        if (number === undefined)
          throw new SelectFailed("EvaluatorInvalidArguments", `${name} needs numbers`);
        state.sum += number;
      }
      const kept = number ?? value;
      if (state.least === null || (compare(kept, state.least) ?? 0) < 0) state.least = kept;
      if (state.most === null || (compare(kept, state.most) ?? 0) > 0) state.most = kept;
    }
  }

  values(): Value[] {
    return this.#query.aggregates.map(({ name, slot }) => {
      const { count, sum, least, most } = this.#state[slot]!;
      if (name === "count") return count;
      if (count === 0) return null;
      return { sum, avg: sum / count, min: least, max: most }[name];
    });
  }
}
