import { utf8 } from "../../base/bytes.ts";
import type { HttpStream } from "../../base/http.ts";
import { writeMessage } from "../../proto/s3/event-stream.ts";
import { refuse } from "../../proto/s3/error.ts";
import { readSelectRequest, type SelectRequest } from "../../proto/s3/select-request.ts";
import {
  csvFields,
  csvRow,
  RecordSplitter,
  rowsIn,
  RowWriter,
  type Row,
} from "../../proto/s3/select-rows.ts";
import { evaluate, SelectFailed, Sums, type Value } from "../../proto/s3/select-value.ts";
import { parseXml } from "../../proto/s3/xml-walk.ts";
import type { Content } from "../../store/content.ts";
import { digestsOf } from "../../store/digests.ts";
import { readDocument } from "./body.ts";
import { answer, nameOf, type Answer, type Call } from "./call.ts";
import { faultAnswer } from "./faults.ts";

/** A document is read whole. */
const documentBytes = 32 << 20;
/** Rows are sent when they are this many characters. */
const messageChars = 64 << 10;
const progressBytes = 4 << 20;

/** Runs a query over an object: rows, statistics and the end as an event stream. What goes wrong on the way
 *  is the stream's last message. */
export async function selectContent(call: Call): Promise<Answer> {
  if (call.query.get("select-type") !== "2") return refuse("InvalidArgument", "select-type must be 2.");
  const body = await readDocument(call, 300_000);
  if (!body.ok) return body;
  const root = parseXml(body.value);
  if (!root.ok) return root;
  const request = readSelectRequest(root.value);
  if (!request.ok) return request;
  const found = await call.objects.get(nameOf(call));
  if (!found.ok) return faultAnswer(found.fault, "NoSuchKey");
  const { content } = found.value;
  const run = new SelectRun(request.value, content);
  const stream: HttpStream = { size: undefined, chunks: run.messages(), close: () => content.close() };
  return answer(200, { "content-type": "application/octet-stream" }, stream);
}

/** Why a query ended before its rows did. */
class Stopped extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

class SelectRun {
  readonly #request: SelectRequest;
  readonly #content: Content;
  readonly #writer: RowWriter;
  readonly #sums: Sums;
  #names: readonly string[] = [];
  #out = "";
  #rows = 0;
  #scanned = 0;
  #processed = 0;
  #returned = 0;

  constructor(request: SelectRequest, content: Content) {
    this.#request = request;
    this.#content = content;
    this.#writer = new RowWriter(request.query, request.output);
    this.#sums = new Sums(request.query);
  }

  async *messages(): AsyncGenerator<Uint8Array> {
    try {
      let told = 0;
      for await (const rows of this.#batches()) {
        for (const row of rows) this.#see(row);
        if (this.#out.length >= messageChars) yield this.#records();
        if (this.#request.progress && this.#scanned - told >= progressBytes) {
          told = this.#scanned;
          yield this.#event("Progress", this.#counts("Progress"), "text/xml");
        }
        if (this.#full) break;
      }
      const { query } = this.#request;
      if (query.aggregates.length > 0 && (query.limit ?? 1) > 0) {
        this.#out += this.#writer.write({ value: null, fields: undefined }, [], this.#sums.values());
      }
      if (this.#out !== "") yield this.#records();
      if (this.#request.progress) yield this.#event("Progress", this.#counts("Progress"), "text/xml");
      yield this.#event("Stats", this.#counts("Stats"), "text/xml");
      yield this.#event("End", new Uint8Array(), undefined);
    } catch (error) {
      if (!(error instanceof SelectFailed) && !(error instanceof Stopped)) throw error;
      const headers = {
        ":error-code": error.code,
        ":error-message": error.message,
        ":message-type": "error",
      };
      yield writeMessage(headers, new Uint8Array(), crc32);
    }
  }

  get #full(): boolean {
    const { limit, aggregates } = this.#request.query;
    return limit !== undefined && aggregates.length === 0 && this.#rows >= limit;
  }

  #see(row: Row): void {
    const { query } = this.#request;
    if (this.#full || (query.where && evaluate(query.where, row.value) !== true)) return;
    if (query.aggregates.length > 0) return this.#sums.tell(row.value);
    this.#rows++;
    this.#out += this.#writer.write(row, this.#names, []);
  }

  #records(): Uint8Array {
    const payload = utf8(this.#out);
    this.#out = "";
    this.#returned += payload.length;
    return this.#event("Records", payload, "application/octet-stream");
  }

  #event(type: string, payload: Uint8Array, contentType: string | undefined): Uint8Array {
    const content = contentType === undefined ? {} : { ":content-type": contentType };
    return writeMessage({ ":message-type": "event", ":event-type": type, ...content }, payload, crc32);
  }

  #counts(root: "Progress" | "Stats"): Uint8Array {
    const scanned = `<BytesScanned>${this.#scanned}</BytesScanned>`;
    const processed = `<BytesProcessed>${this.#processed}</BytesProcessed>`;
    const returned = `<BytesReturned>${this.#returned}</BytesReturned>`;
    return utf8(`<?xml version="1.0" encoding="UTF-8"?><${root}>${scanned}${processed}${returned}</${root}>`);
  }

  /** Rows, a chunk of the object at a time. */
  async *#batches(): AsyncGenerator<Row[]> {
    const { input } = this.#request;
    if (input.kind === "json" && !input.lines) {
      yield this.#json(await this.#wholeText());
      return;
    }
    const splitter = splitterOf(input);
    let first = true;
    const rowsOf = (records: readonly string[]): Row[] => {
      const rows = records.flatMap((text) => {
        const header = first && !this.#fromWithin;
        first = false;
        return input.kind === "json" ? this.#json(text) : this.#csv(text, header);
      });
      return rows;
    };
    if (this.#fromWithin) await this.#readHeader();
    for await (const text of this.#texts()) {
      const records = splitter.push(text);
      if (splitter.tooLong) throw new Stopped("OverMaxRecordSize", "A record is longer than 1 MB.");
      yield rowsOf(records);
    }
    yield rowsOf(splitter.end());
  }

  #csv(text: string, header: boolean): Row[] {
    const { input } = this.#request;
    if (input.kind !== "csv" || text === "") return [];
    if (input.comment !== "" && text.startsWith(input.comment)) return [];
    const fields = csvFields(text, input.form);
    if (!header || input.header === "none") return [csvRow(fields, this.#names)];
    if (input.header === "use") this.#names = fields;
    return [];
  }

  #json(text: string): Row[] {
    if (text.trim() === "") return [];
    try {
      const value = JSON.parse(text) as Value;
      return rowsIn(value, this.#request.query.from).map((one) => ({ value: one, fields: undefined }));
    } catch {
      throw new Stopped("JSONParsingError", "The object is not JSON where JSON was expected.");
    }
  }

  async #wholeText(): Promise<string> {
    let whole = "";
    for await (const text of this.#texts()) {
      whole += text;
      if (whole.length > documentBytes) throw new Stopped("OverMaxRecordSize", "The document is over 32 MB.");
    }
    return whole;
  }

  /** Whether a scan range begins behind the first record. */
  get #fromWithin(): boolean {
    return this.#start > 0;
  }

  get #start(): number {
    const start = this.#request.range?.start ?? 0;
    return start < 0 ? Math.max(this.#content.size + start, 0) : start;
  }

  /** The header of a CSV whose scan range begins behind it. */
  async #readHeader(): Promise<void> {
    const { input } = this.#request;
    if (input.kind !== "csv" || input.header !== "use") return;
    const splitter = splitterOf(input);
    const decoder = new TextDecoder();
    for await (const chunk of this.#content.read(0, Math.min(this.#content.size, 1 << 20))) {
      const [line] = splitter.push(decoder.decode(chunk, { stream: true }));
      if (line === undefined) continue;
      this.#names = csvFields(line, input.form);
      return;
    }
  }

  /** The object's text, unpacked; with a scan range the records that begin in it. */
  async *#texts(): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    const chunks = this.#request.range ? this.#ranged() : this.#scannedChunks(0, this.#content.size);
    const plain = this.#request.gzip ? unpacked(chunks) : chunks;
    for await (const chunk of plain) {
      this.#processed += chunk.length;
      yield decoder.decode(chunk, { stream: true });
    }
  }

  async *#scannedChunks(from: number, to: number): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#content.read(from, to)) {
      this.#scanned += chunk.length;
      yield chunk;
    }
  }

  /** From the first record that begins at or after the start, to the end of the last that begins before the
   *  end: records end with the last byte of their delimiter. */
  async *#ranged(): AsyncGenerator<Uint8Array> {
    const { input, range } = this.#request;
    const record = input.kind === "csv" ? input.form.record : "\n";
    const last = record.charCodeAt(record.length - 1);
    const start = this.#start;
    const end = Math.min(range?.end ?? Infinity, this.#content.size);
    let at = Math.max(start - 1, 0);
    let begun = start === 0;
    if (start >= end) return;
    for await (const chunk of this.#scannedChunks(at, this.#content.size)) {
      let from = 0;
      if (!begun) {
        const found = chunk.indexOf(last);
        if (found < 0) {
          at += chunk.length;
          continue;
        }
        begun = true;
        from = found + 1;
        if (at + from >= end) return;
      }
      // Where the record that is open at `end - 1` ends.
      const behind = Math.max(end - 1 - at, from);
      const stop = behind < chunk.length ? chunk.indexOf(last, behind) : -1;
      yield stop < 0 ? chunk.subarray(from) : chunk.subarray(from, stop + 1);
      if (stop >= 0) return;
      at += chunk.length;
    }
  }
}

function splitterOf(input: SelectRequest["input"]): RecordSplitter {
  if (input.kind === "json") return new RecordSplitter("\n", "", "");
  const { record, quote, escape } = input.form;
  return new RecordSplitter(record, quote, escape);
}

async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reading = chunks[Symbol.asyncIterator]();
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(out) {
      const next = await reading.next();
      if (next.done) out.close();
      else out.enqueue(next.value.slice());
    },
  });
  try {
    yield* packed.pipeThrough(new DecompressionStream("gzip")) as unknown as AsyncIterable<Uint8Array>;
  } catch {
    throw new Stopped("InvalidCompressionFormat", "The object is not in GZIP format, or it is cut.");
  }
}

const crc32 = (bytes: Uint8Array): Uint8Array => digestsOf(["crc32"], bytes).crc32!;
