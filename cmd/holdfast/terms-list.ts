import type { Terms } from "../../lib/rules/terms.ts";
import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const termsList: Verb = {
  name: "terms list",
  does: "on what terms people use FTP and SFTP",
  args: [],
  options: [],
  examples: ["terms list"],
  run: termsListNow,
};

async function termsListNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const found = await client.ask<{ rows: { who: string; terms: Terms }[] }>("GET", "/terms");
  if (!found.ok) return call.refuse(found.fault);
  const { rows } = found.value;
  const cells = rows.flatMap(({ who, terms }) =>
    Object.entries(terms).map(([field, value]) => [who, field, valueText(value)]),
  );
  call.print.answer(rows, () => call.print.table(["WHO", "WHAT", "TERMS"], cells, "nothing is stated"));
  return exitCode.ok;
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(", ");
  return typeof value === "object" ? pairs(value) : JSON.stringify(value).replaceAll('"', "");
}

const pairs = (value: object | null): string =>
  Object.values(value ?? {})
    .join(" ")
    .trim();
