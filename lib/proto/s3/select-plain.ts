import { never } from "../../base/assert.ts";
import type { Expression } from "./select-words.ts";

/** Whether it looks at a row outside of every aggregate. */
export function isPlain(of: Expression): boolean {
  switch (of.kind) {
    case "path":
      return true;
    case "literal":
    case "aggregate":
      return false;
    case "unary":
    case "is":
    case "cast":
      return isPlain(of.of);
    case "binary":
      return isPlain(of.left) || isPlain(of.right);
    case "in":
      return [of.of, ...of.list].some(isPlain);
    case "like":
      return isPlain(of.of) || isPlain(of.pattern);
    case "case":
      return isPlain(of.or) || of.arms.some(([when, then]) => isPlain(when) || isPlain(then));
    case "call":
      return of.args.some(isPlain);
    default:
      return never(of);
  }
}
