import { expect, test } from "bun:test";
import { seededEntropy } from "../../base/entropy.ts";
import { csvFields, RecordSplitter, rowsIn } from "./select-rows.ts";
import { parseSelect } from "./select-sql.ts";
import type { SelectQuery } from "./select-words.ts";
import { evaluate, Sums, type Value } from "./select-value.ts";

function parsed(text: string): SelectQuery {
  const query = parseSelect(text);
  if (typeof query === "string") throw new Error(query);
  return query;
}
const row = { _1: "7", name: "Anna", Age: "30", n: 2, list: [1, 2], deep: { a: { b: "x" } }, none: null };
const holds = (where: string): Value =>
  evaluate(parsed(`SELECT * FROM S3Object s WHERE ${where}`).where!, row);

test.each([
  ["s._1 = 7", true],
  ["_1 = '7'", true],
  ["name = 'anna'", false],
  ["LOWER(name) = 'anna' AND NOT n > 2", true],
  ["age BETWEEN 20 AND 30", true],
  ["age NOT BETWEEN 20 AND 30", false],
  ["name LIKE 'A%a'", true],
  ["name LIKE '_n\\_a' ESCAPE '\\'", false],
  ["name NOT LIKE '%x%'", true],
  ["n IN (1, 2, 3)", true],
  ["name IN ('x')", false],
  ["none IS NULL", true],
  ["nothing IS MISSING", true],
  ["none IS MISSING", false],
  ["nothing = 1", null],
  ["nothing = 1 OR n = 2", true],
  ["nothing = 1 AND n = 3", false],
  ["s.deep.a.b || 'y' = 'xy'", true],
  ["list[1] = 2", true],
  ['"Age" = 30', true],
  ['"age" = 30', null],
  ["CAST(_1 AS INT) % 2 = 1", true],
  ["-n + 3 * 2 = 4", true],
  ["(n + 1) * 2 = 6", true],
  ["CASE WHEN n = 1 THEN 'a' WHEN n = 2 THEN 'b' ELSE 'c' END = 'b'", true],
  ["SUBSTRING(name, 2, 2) = 'nn'", true],
  ["CHAR_LENGTH(TRIM('  ab ')) = 2", true],
  ["COALESCE(nothing, none, 'z') = 'z'", true],
  ["NULLIF(n, 2) IS NULL", true],
  ["UPPER(name) <> 'ANNA'", false],
  ["name != 5", true],
])("%s is %p", (where, expected) => {
  expect(holds(where)).toBe(expected);
});

test("columns, names, limits and paths are read", () => {
  const query = parsed(`select s.name, s."Age" as years, 'it''s' from S3Object[*].rows[*] as s limit 5;`);
  expect(query.limit).toBe(5);
  expect(query.columns).toHaveLength(3);
  expect(query.from).toEqual(["each", { name: "rows", exact: false }, "each"]);
  expect(rowsIn({ rows: [{ a: 1 }, { a: 2 }] }, query.from)).toHaveLength(2);
  expect(parsed("SELECT s.* FROM S3Object s").columns).toBe("*");
});

test("aggregates add up what is there", () => {
  const sums = new Sums(parsed("SELECT COUNT(*), COUNT(a), SUM(a), AVG(a), MIN(a), MAX(a) FROM S3Object"));
  for (const value of [{ a: "1" }, { a: 3 }, {}]) sums.tell(value);
  expect(sums.values()).toEqual([3, 2, 4, 2, 1, 3]);
  const none = new Sums(parsed("SELECT COUNT(*), MAX(a) FROM S3Object"));
  expect(none.values()).toEqual([0, null]);
});

test.each([
  "",
  "DROP TABLE S3Object",
  "SELECT * FROM other",
  "SELECT * FROM S3Object WHERE",
  "SELECT * FROM S3Object WHERE COUNT(*) > 1",
  "SELECT a, COUNT(*) FROM S3Object",
  "SELECT SUM(COUNT(a)) FROM S3Object",
  "SELECT * FROM S3Object LIMIT -1",
  "SELECT * FROM S3Object ORDER BY a",
  "SELECT nonsense(a) FROM S3Object",
  "SELECT CAST(a AS BLOB) FROM S3Object",
  `SELECT * FROM S3Object WHERE ${"(".repeat(200)}1${")".repeat(200)} = 1`,
  `SELECT * FROM S3Object WHERE a IN (${"1,".repeat(9000)}1)`,
])("%s is refused with a sentence", (text) => {
  expect(typeof parseSelect(text)).toBe("string");
});

test("queries bent at random are read or refused, never a fall, and quickly", () => {
  const whole =
    "SELECT s.a, COUNT(*) AS n FROM S3Object[*] s WHERE NOT (a LIKE 'x%' OR b IN (1, 2.5e3)) AND c " +
    "BETWEEN -1 AND CASE WHEN d IS NOT NULL THEN 1 ELSE 2 END LIMIT 3";
  for (let seed = 1; seed < 1500; seed++) {
    const [a, b, c] = seededEntropy(seed)(3) as unknown as [number, number, number];
    const at = (a * 256 + b) % whole.length;
    const bent = whole.slice(0, at) + String.fromCharCode(32 + (c % 90)) + whole.slice(at + (c % 7));
    const query = parseSelect(bent);
    if (typeof query !== "string" && query.where) {
      try {
        evaluate(query.where, row);
      } catch (error) {
        expect((error as { code?: string }).code).toBeDefined();
      }
    }
  }
  const long = `SELECT * FROM S3Object WHERE a = 1${" OR a = 1".repeat(990)}`;
  expect(evaluate(parsed(long).where!, { a: 2 })).toBe(false);
});

test("records are parted wherever the chunks are cut", () => {
  const text = 'a,"b\r\nc",d\r\n"e ""f""",g\r\nlast,\n';
  const form = { field: ",", record: "\n", quote: '"', escape: '"' };
  for (let cut = 0; cut <= text.length; cut++) {
    const splitter = new RecordSplitter("\n", '"', '"');
    const records = [
      ...splitter.push(text.slice(0, cut)),
      ...splitter.push(text.slice(cut)),
      ...splitter.end(),
    ];
    const fields = records.map((record) => csvFields(record, form));
    expect(fields).toEqual([
      ["a", "b\r\nc", "d"],
      ['e "f"', "g"],
      ["last", ""],
    ]);
  }
  const escaped = new RecordSplitter("||", "'", "\\");
  const records = ["x'a\\'", "||b'|", "|y'", "||"].flatMap((part) => escaped.push(part));
  expect(records).toEqual(["x'a\\'||b'"]);
});
