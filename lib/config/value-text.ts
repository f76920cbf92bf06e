import { endpointText } from "../base/endpoint.ts";
import type { Field } from "./field.ts";
import { durationText, sizeText } from "./quantity.ts";
import { writtenText } from "./written-text.ts";

/** A setting's value as one would write it on one line, for a flag or a form; "" where it is absent. A secret
 *  shows itself as "(secret)". */
export function valueText(field: Field<unknown>, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (field.kind === "duration") return durationText(Number(value));
  if (field.kind === "size") return sizeText(Number(value));
  return Array.isArray(value) ? value.map(plainText).join(", ") : plainText(value);
}

/** The default in the same form. */
export const initialText = (field: Field<unknown>): string =>
  field.initial === undefined ? "" : writtenText(field.initial);

function plainText(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if ("host" in value && "port" in value && typeof value.host === "string" && typeof value.port === "number")
    return endpointText({ host: value.host, port: value.port });
  const shown: unknown = JSON.parse(JSON.stringify(value));
  return typeof shown === "string" ? shown : JSON.stringify(shown);
}
