import { never } from "../../base/assert.ts";
import { concat, empty, lossyText, textOf, utf8 } from "../../base/bytes.ts";
import { refuse, type S3Error } from "./error.ts";

const limits = { head: 4096, fields: 64 * 1024, count: 100 } as const;

/** The boundary of `multipart/form-data; boundary=…`; undefined where it is none. */
export function readBoundary(contentType: string | undefined): string | undefined {
  const m = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i.exec(
    contentType ?? "",
  );
  return m?.[1] ?? m?.[2];
}

/** Decodes an upload form as it comes (RFC 7578): the fields, then the file, which must be the last that
 *  matters. What follows the file is ignored. A refusal is final. */
export class FormDecoder {
  /** By lower-case name. */
  readonly fields = new Map<string, string>();
  #state: "between" | "head" | "field" | "file" | "done" = "between";
  #held: Uint8Array = utf8("\r\n");
  #field = "";
  #kept = 0;
  #fileName = "";
  readonly #delimiter: Uint8Array;

  constructor(boundary: string) {
    this.#delimiter = utf8(`\r\n--${boundary}`);
  }

  /** The fields are all here, and the file begins. */
  get inFile(): boolean {
    return this.#state === "file" || this.#state === "done";
  }

  get fileName(): string {
    return this.#fileName;
  }

  /** Appends pieces of the file to `out`. */
  push(bytes: Uint8Array, out: Uint8Array[]): S3Error | undefined {
    if (this.#state === "done") return undefined;
    this.#held = concat([this.#held, bytes]);
    for (;;) {
      const before = this.#held.length;
      const state: string = this.#state;
      const refusal = this.#step(out);
      if (refusal) return refusal.fault;
      if (this.#held.length === before && this.#state === state) return undefined;
    }
  }

  finish(): S3Error | undefined {
    return this.#state === "done" ? undefined : malformed("The body of your POST request is cut.").fault;
  }

  #step(out: Uint8Array[]): ReturnType<typeof refuse> | undefined {
    switch (this.#state) {
      case "between":
        return this.#readDelimiter();
      case "head":
        return this.#readHead();
      case "field":
        return this.#readField();
      case "file":
        this.#readFile(out);
        return undefined;
      case "done":
        this.#held = empty;
        return undefined;
      default:
        return never(this.#state);
    }
  }

  #readDelimiter(): ReturnType<typeof refuse> | undefined {
    const need = this.#delimiter.length + 2;
    if (this.#held.length < need) return undefined;
    const next = lossyText(this.#held.subarray(need - 2, need));
    if (indexOf(this.#held, this.#delimiter) !== 0)
      return malformed("The form does not begin with its boundary.");
    if (next === "--") return malformed("POST requires exactly one file upload per request.");
    if (next !== "\r\n") return malformed("A boundary is not followed by a line end.");
    this.#held = this.#held.subarray(need);
    this.#state = "head";
    return undefined;
  }

  #readHead(): ReturnType<typeof refuse> | undefined {
    const end = indexOf(this.#held, utf8("\r\n\r\n"));
    if (end < 0) return this.#held.length > limits.head ? malformed("A part's head is too long.") : undefined;
    const head = textOf(this.#held.subarray(0, end)) ?? "";
    this.#held = this.#held.subarray(end + 4);
    const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(head)?.[1] ?? "";
    const name = /(?:^|;)\s*name="((?:[^"\\]|\\.)*)"/.exec(disposition)?.[1];
    if (name === undefined) return malformed("A part has no name.");
    this.#field = name.toLowerCase();
    if (this.#field === "file") {
      this.#fileName = /(?:^|;)\s*filename="((?:[^"\\]|\\.)*)"/.exec(disposition)?.[1] ?? "";
      this.#state = "file";
    } else this.#state = "field";
    return this.fields.size >= limits.count ? malformed("The form has too many fields.") : undefined;
  }

  #readField(): ReturnType<typeof refuse> | undefined {
    const end = indexOf(this.#held, this.#delimiter);
    if (end < 0) return this.#kept + this.#held.length > limits.fields ? tooLong() : undefined;
    this.#kept += end;
    if (this.#kept > limits.fields) return tooLong();
    const value = textOf(this.#held.subarray(0, end));
    if (value === undefined) return malformed("A field is not UTF-8.");
    this.fields.set(this.#field, value);
    this.#held = this.#held.subarray(end);
    this.#state = "between";
    return undefined;
  }

  #readFile(out: Uint8Array[]): void {
    const end = indexOf(this.#held, this.#delimiter);
    const sure = end < 0 ? Math.max(0, this.#held.length - this.#delimiter.length) : end;
    if (sure > 0) out.push(this.#held.subarray(0, sure));
    this.#held = this.#held.subarray(sure);
    if (end >= 0) this.#state = "done";
  }
}

const malformed = (message: string): ReturnType<typeof refuse> => refuse("MalformedPOSTRequest", message);
const tooLong = (): ReturnType<typeof refuse> =>
  refuse("MalformedPOSTRequest", "Your POST request fields preceding the upload file were too large.");

function indexOf(bytes: Uint8Array, what: Uint8Array): number {
  for (let at = bytes.indexOf(what[0]!); at >= 0; at = bytes.indexOf(what[0]!, at + 1)) {
    let i = 1;
    while (i < what.length && bytes[at + i] === what[i]) i++;
    if (i === what.length) return at;
  }
  return -1;
}
