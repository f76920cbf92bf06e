/** The SQL of S3 Select: one table, no joins, no sorting, no grouping. AWS's "SQL reference for Amazon S3
 *  Select". */

export type Expression =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  /** A path into the row: names, quoted names, indexes. */
  | { readonly kind: "path"; readonly steps: readonly Step[] }
  | { readonly kind: "unary"; readonly op: "not" | "-"; readonly of: Expression }
  | { readonly kind: "binary"; readonly op: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "in"; readonly of: Expression; readonly list: readonly Expression[] }
  | { readonly kind: "like"; readonly of: Expression; readonly pattern: Expression; readonly escape: string }
  | { readonly kind: "is"; readonly of: Expression; readonly what: "null" | "missing" }
  | { readonly kind: "cast"; readonly of: Expression; readonly to: CastType }
  | {
      readonly kind: "case";
      readonly arms: readonly (readonly [Expression, Expression])[];
      readonly or: Expression;
    }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  /** `slot`: which of the query's aggregates. */
  | {
      readonly kind: "aggregate";
      readonly name: Aggregate;
      readonly of: Expression | "*";
      readonly slot: number;
    };

export type Step = { readonly name: string; readonly exact: boolean } | { readonly index: number };
export type Aggregate = "count" | "sum" | "avg" | "min" | "max";
export type CastType = "int" | "float" | "string" | "bool";

export interface SelectQuery {
  /** "*", or what each row becomes. */
  readonly columns: "*" | readonly { readonly of: Expression; readonly name: string | undefined }[];
  /** S3Object[*].a.b: where the rows are within a JSON document. */
  readonly from: readonly (Step | "each")[];
  readonly where: Expression | undefined;
  readonly limit: number | undefined;
  readonly aggregates: readonly Extract<Expression, { kind: "aggregate" }>[];
}
