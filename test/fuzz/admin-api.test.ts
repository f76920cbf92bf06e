/** The admin API, asked whatever its own document allows and much that it does not: it never fails on our
 *  side, every refusal is a problem, and nothing of the inside comes out. */
import { expect, test } from "bun:test";
import { seededEntropy, type Entropy } from "../../lib/base/entropy.ts";
import { trialHouse } from "../../lib/admin/trial-house.ts";

type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly format?: string;
};
interface Operation {
  readonly parameters?: readonly { name: string; in: string; schema: Schema }[];
  readonly requestBody?: { content: { "application/json": { schema: Schema } } };
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const odd = [
  "",
  "0",
  "-1",
  "null",
  "\0",
  "../../etc/passwd",
  "%2e%2e%2f",
  "' OR 1=1 --",
  "<script>",
  "\ud800",
  "é".repeat(300),
  "x".repeat(5000),
  "__proto__",
  "constructor",
  "1e999",
  "9".repeat(40),
  "ada",
  "ulf",
  "ada-bucket",
  "0001-01-01T00:00:00Z",
  "9999-12-31T23:59:59Z",
] as const;

class Chooser {
  readonly #entropy: Entropy;
  readonly #document: Document;
  constructor(seed: number, document: Document) {
    this.#entropy = seededEntropy(seed);
    this.#document = document;
  }
  below = (count: number): number => {
    const [a = 0, b = 0] = this.#entropy(2);
    return ((a << 8) | b) % count;
  };
  one = <T>(from: readonly T[]): T => from[this.below(from.length)]!;
  text = (): string => this.one(odd);

  /** Mostly what the schema says, and now and then something else. */
  value(schema: Schema, depth = 0): unknown {
    if (this.below(12) === 0 || depth > 6) return this.one([null, [], {}, 0, -1, 1e308, true, this.text()]);
    if (schema.$ref) {
      const name = schema.$ref.split("/").at(-1)!;
      return this.value(this.#document.components.schemas[name] ?? {}, depth + 1);
    }
    if (schema.enum) return this.one(schema.enum);
    if (schema.anyOf) return this.value(this.one(schema.anyOf), depth + 1);
    const type = typeof schema.type === "string" ? schema.type : this.one(schema.type ?? ["string"]);
    if (type === "null") return null;
    if (type === "boolean") return this.below(2) === 0;
    if (type === "integer" || type === "number")
      return this.one([0, 1, 7, -1, 1.5, 2 ** 31, 2 ** 53, Number.MAX_VALUE]);
    if (type === "array")
      return Array.from({ length: this.below(4) }, () => this.value(schema.items ?? {}, depth + 1));
    if (type !== "object") return this.text();
    const given = Object.entries(schema.properties ?? {}).filter(
      ([name]) => schema.required?.includes(name) || this.below(2) === 0,
    );
    const extra = this.below(10) === 0 ? [[this.text(), this.text()] as const] : [];
    return Object.fromEntries([
      ...given.map(([name, part]) => [name, this.value(part, depth + 1)] as const),
      ...extra,
    ]);
  }
}

test("no request that the document can suggest breaks the API", async () => {
  const rounds = process.env["HOLDFAST_LONG"] ? 20_000 : 700;
  const seed = Number(process.env["HOLDFAST_SEED"] ?? 1);
  const house = await trialHouse();
  const document = (await (await house.ask("GET", "/api/v1/openapi.json")).json()) as Document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const choose = new Chooser(seed, document);
  for (let round = 0; round < rounds; round++) {
    const { path, method, operation } = choose.one(operations);
    if (path.endsWith("/live")) continue;
    const filled = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(choose.text().toWellFormed()));
    const query = new URLSearchParams();
    for (const parameter of operation.parameters ?? [])
      if (parameter.in === "query" && choose.below(2) === 0)
        query.append(parameter.name, String(choose.value(parameter.schema)));
    const schema = operation.requestBody?.content["application/json"].schema;
    const body = choose.below(15) === 0 ? choose.text() : JSON.stringify(schema && choose.value(schema));
    const who = choose.one([{ local: true }, { local: true }, { token: house.ulf.token }, {}]);
    const headers = choose.one([{}, { "if-match": "*" }, { "if-match": choose.text().slice(0, 0) || '"x"' }]);
    const target = `${filled}?${query.toString()}`;
    const sends = method !== "GET" && (schema !== undefined || choose.below(5) === 0);
    const answer = await house.ask(method, target, { ...who, headers, ...(sends ? { body } : {}) });
    const text = await answer.text();
    const told = { seed, round, method, target, body, status: answer.status };
    expect([told, answer.status < 500]).toEqual([told, true]);
    if (answer.status >= 400) {
      expect([told, answer.headers.get("content-type")]).toEqual([told, "application/problem+json"]);
      expect(JSON.parse(text)).toMatchObject({ status: answer.status });
    }
    expect([told, /\.ts:\d|at .*\(|node_modules|swordfish/.test(text)]).toEqual([told, false]);
  }
});
