import { parseIp, parsePrefix } from "../base/ip.ts";
import { like } from "./policy-pattern.ts";

/** One condition of a statement: `{"StringLike": {"s3:prefix": ["a/*"]}}`. */
export interface PolicyCondition {
  readonly operator: Operator;
  /** Null says whether the key is there; the others compare values. */
  readonly name: OperatorName;
  /** Lower case. */
  readonly key: string;
  readonly values: readonly string[];
  readonly ifExists: boolean;
  readonly set: "one" | "any" | "all";
}

interface Operator {
  /** Whether a value of the request fits one of the policy's. */
  readonly fits: (asked: string, stated: string) => boolean;
  /** The condition holds where none fits. */
  readonly negated: boolean;
  /** Whether the policy's own value can be read. */
  readonly valid: (stated: string) => boolean;
}

const anything = (): boolean => true;
const number = (text: string): number => (/^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN);
const date = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));
const known = (read: (text: string) => number) => (text: string) => !Number.isNaN(read(text));
const fold = (text: string): string => text.toLowerCase();

const text = (fits: Operator["fits"], negated = false): Operator => ({ fits, negated, valid: anything });
const compared = (
  read: (t: string) => number,
  fits: (a: number, b: number) => boolean,
  negated = false,
): Operator => ({
  fits: (asked, stated) => fits(read(asked), read(stated)),
  negated,
  valid: known(read),
});

const equals = text((a, b) => a === b);
const equalsFolded = text((a, b) => fold(a) === fold(b));
const likes = text((a, b) => like(b, a));
const address: Operator = {
  negated: false,
  valid: (stated) => parsePrefix(stated) !== undefined,
  fits(asked, stated) {
    const ip = parseIp(asked);
    const network = parsePrefix(stated);
    return ip !== undefined && network !== undefined && within(ip, network.ip, network.bits);
  },
};
const not = (operator: Operator): Operator => ({ ...operator, negated: true });
const bool: Operator = { ...equalsFolded, valid: (stated) => /^(?:true|false)$/i.test(stated) };

const operators = {
  StringEquals: equals,
  StringNotEquals: not(equals),
  StringEqualsIgnoreCase: equalsFolded,
  StringNotEqualsIgnoreCase: not(equalsFolded),
  StringLike: likes,
  StringNotLike: not(likes),
  NumericEquals: compared(number, (a, b) => a === b),
  NumericNotEquals: compared(number, (a, b) => a === b, true),
  NumericLessThan: compared(number, (a, b) => a < b),
  NumericLessThanEquals: compared(number, (a, b) => a <= b),
  NumericGreaterThan: compared(number, (a, b) => a > b),
  NumericGreaterThanEquals: compared(number, (a, b) => a >= b),
  DateEquals: compared(date, (a, b) => a === b),
  DateNotEquals: compared(date, (a, b) => a === b, true),
  DateLessThan: compared(date, (a, b) => a < b),
  DateLessThanEquals: compared(date, (a, b) => a <= b),
  DateGreaterThan: compared(date, (a, b) => a > b),
  DateGreaterThanEquals: compared(date, (a, b) => a >= b),
  Bool: bool,
  BinaryEquals: equals,
  IpAddress: address,
  NotIpAddress: not(address),
  ArnEquals: likes,
  ArnLike: likes,
  ArnNotEquals: not(likes),
  ArnNotLike: not(likes),
  Null: bool,
} as const satisfies Readonly<Record<string, Operator>>;
export type OperatorName = keyof typeof operators;

function within(ip: Uint8Array, network: Uint8Array, bits: number): boolean {
  if (ip.length !== network.length) return false;
  for (let bit = 0; bit < bits; bit++) {
    const mask = 0x80 >> (bit & 7);
    if ((ip[bit >> 3]! & mask) !== (network[bit >> 3]! & mask)) return false;
  }
  return true;
}

/** Reads "ForAnyValue:StringLikeIfExists" and its like; undefined where there is no such operator. */
export function readOperator(
  written: string,
): Pick<PolicyCondition, "operator" | "name" | "ifExists" | "set"> | undefined {
  const m = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(written);
  if (!m || !Object.hasOwn(operators, m[2]!)) return undefined;
  const name = m[2] as OperatorName;
  if (name === "Null" && m[3]) return undefined;
  const set = m[1] === "ForAllValues" ? "all" : m[1] === "ForAnyValue" ? "any" : "one";
  return { operator: operators[name], name, ifExists: m[3] !== undefined, set };
}

/** Whether a condition holds of what the request says for its key; undefined: it says nothing.
 *  IAM user guide, "JSON policy elements: Condition operators". */
export function holds(condition: PolicyCondition, asked: readonly string[] | undefined): boolean {
  const { operator, values, set } = condition;
  if (condition.name === "Null") return values.some((v) => (fold(v) === "true") === (asked === undefined));
  if (asked === undefined) return condition.ifExists || set === "all" || (operator.negated && set === "one");
  const passes = (value: string): boolean => values.some((v) => operator.fits(value, v)) !== operator.negated;
  if (set === "all") return asked.every(passes);
  if (set === "one" && operator.negated) return asked.every(passes);
  return asked.some(passes);
}
