import type { XmlElement } from "../../wire/xml.ts";
import { refuse, type Parsed } from "./error.ts";
import { parseSelect } from "./select-sql.ts";
import type { SelectQuery } from "./select-words.ts";
import { childOf, countIn, malformedXml, textIn, wordIn } from "./xml-walk.ts";

/** How CSV is written. */
export interface CsvForm {
  readonly field: string;
  readonly record: string;
  readonly quote: string;
  readonly escape: string;
}

export interface SelectRequest {
  readonly query: SelectQuery;
  readonly gzip: boolean;
  readonly input:
    | {
        readonly kind: "csv";
        readonly form: CsvForm;
        readonly header: "use" | "ignore" | "none";
        readonly comment: string;
      }
    | { readonly kind: "json"; readonly lines: boolean };
  readonly output:
    | { readonly kind: "csv"; readonly form: CsvForm; readonly always: boolean }
    | { readonly kind: "json"; readonly record: string };
  readonly progress: boolean;
  /** Rows that begin in these bytes, the end not included; undefined: all. */
  readonly range: { readonly start: number; readonly end: number } | undefined;
}

/** Reads `<SelectObjectContentRequest>`. Parquet and BZIP2 are refused: nothing here reads them. */
export function readSelectRequest(root: XmlElement): Parsed<SelectRequest> {
  if (root.name !== "SelectObjectContentRequest" && root.name !== "SelectRequest") return malformedXml();
  if (wordIn(root, "ExpressionType")?.toUpperCase() !== "SQL") {
    return refuse(
      "InvalidExpressionType",
      "The ExpressionType is invalid. Only SQL expressions are supported.",
    );
  }
  const query = parseSelect(textIn(root, "Expression") ?? "");
  if (typeof query === "string") return refuse("ParseUnexpectedToken", query);
  const from = childOf(root, "InputSerialization");
  const to = childOf(root, "OutputSerialization");
  if (!from || !to) return malformedXml();
  const input = readInput(from);
  if (!input.ok) return input;
  const output = readOutput(to);
  if (!output) return malformedXml();
  const packed = wordIn(from, "CompressionType")?.toUpperCase() ?? "NONE";
  if (packed === "BZIP2") return refuse("NotImplemented", "BZIP2 is not implemented: GZIP and NONE are.");
  if (packed !== "NONE" && packed !== "GZIP") {
    return refuse("InvalidArgument", "The file is not in a supported compression format.");
  }
  const range = readScanRange(childOf(root, "ScanRange"));
  if (range === "bad" || (range && (packed !== "NONE" || isDocument(input.value)))) {
    return refuse("InvalidArgument", "The ScanRange does not fit this input.");
  }
  const asks = childOf(root, "RequestProgress");
  const progress = asks !== undefined && wordIn(asks, "Enabled")?.toLowerCase() === "true";
  const rest = { input: input.value, output, gzip: packed === "GZIP", progress, range };
  return { ok: true, value: { query, ...rest } };
}

const isDocument = (input: SelectRequest["input"]): boolean => input.kind === "json" && !input.lines;

function readForm(element: XmlElement): CsvForm {
  const quote = textIn(element, "QuoteCharacter") ?? '"';
  return {
    field: textIn(element, "FieldDelimiter") || ",",
    record: textIn(element, "RecordDelimiter") || "\n",
    quote,
    escape: textIn(element, "QuoteEscapeCharacter") || quote,
  };
}

function readInput(from: XmlElement): Parsed<SelectRequest["input"]> {
  const [csv, json] = [childOf(from, "CSV"), childOf(from, "JSON")];
  if (childOf(from, "Parquet"))
    return refuse("NotImplemented", "Parquet is not implemented: CSV and JSON are.");
  if (json) {
    const type = wordIn(json, "Type")?.toUpperCase();
    if (type !== "LINES" && type !== "DOCUMENT") return malformedXml();
    return { ok: true, value: { kind: "json", lines: type === "LINES" } };
  }
  if (!csv) return malformedXml();
  const form = readForm(csv);
  const header = (wordIn(csv, "FileHeaderInfo") || "NONE").toLowerCase();
  const comment = textIn(csv, "Comments") ?? "";
  if (header !== "use" && header !== "ignore" && header !== "none") return malformedXml();
  const long = form.field.length > 2 || form.record.length > 2 || form.quote.length > 1 || comment.length > 1;
  if (long || form.escape.length > 1) {
    return refuse("InvalidArgument", "Delimiters have one or two characters, quotes and comments one.");
  }
  return { ok: true, value: { kind: "csv", form, header, comment } };
}

function readOutput(to: XmlElement): SelectRequest["output"] | undefined {
  const [csv, json] = [childOf(to, "CSV"), childOf(to, "JSON")];
  if (json) return { kind: "json", record: textIn(json, "RecordDelimiter") ?? "\n" };
  if (!csv) return undefined;
  const always = wordIn(csv, "QuoteFields")?.toUpperCase() === "ALWAYS";
  return { kind: "csv", form: readForm(csv), always };
}

/** Start and End, both included; Start alone: to the end; End alone: that many bytes from the end. */
function readScanRange(element: XmlElement | undefined): SelectRequest["range"] | "bad" {
  if (!element) return undefined;
  const [startText, endText] = [wordIn(element, "Start"), wordIn(element, "End")];
  const [start, end] = [countIn(startText, 0, 2 ** 39), countIn(endText, 0, 2 ** 39)];
  const bad = (startText && start === undefined) || (endText && end === undefined);
  if (bad || (start === undefined && end === undefined)) return "bad";
  if (start === undefined) return { start: -end!, end: Infinity };
  if (end === undefined) return { start, end: Infinity };
  return end < start ? "bad" : { start, end: end + 1 };
}
