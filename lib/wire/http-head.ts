/** Bounds of a request's head. One over them is refused before anything is done for it. */
export const headLimits = {
  /** The request line, and each field line, without its ending. */
  lineBytes: 16 << 10,
  /** All of it, its empty line included. */
  headBytes: 32 << 10,
  fields: 200,
} as const;

/** A request's head, read. Texts hold one byte a character (Latin-1). */
export interface RequestHead {
  readonly method: string;
  /** Exactly as sent. */
  readonly target: string;
  /** By lower-case name; repeats joined by ",". */
  readonly headers: ReadonlyMap<string, string>;
  /** HTTP/1.0 knows neither chunks nor 100 Continue. */
  readonly minor: 0 | 1;
  /** Of the body, in bytes; undefined where it comes in chunks. */
  readonly length: number | undefined;
  /** Whether the client would use the connection again. */
  readonly keepsAlive: boolean;
  /** Waits for 100 Continue before it sends the body (RFC 9110 §10.1.1). */
  readonly expects: boolean;
}

/** Why a message is not taken, and the status that says so. What follows it on the connection is not read. */
export class HttpRefusal {
  readonly status: 400 | 414 | 417 | 431 | 501 | 505;
  readonly why: string;

  constructor(status: HttpRefusal["status"], why: string) {
    this.status = status;
    this.why = why;
  }
}

const refuse = (status: HttpRefusal["status"], why: string): HttpRefusal => new HttpRefusal(status, why);

/** Anything that RFC 9112 allows in no line. */
// eslint-disable-next-line no-control-regex -- these are the ones
const unclean = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const digits = /^\d{1,15}$/;
const hostText = /^[\w.:[\]%~!$&'()*+,;=-]*$/;

/** Names in small letters, by the spelling they came in: clients use few. */
const maxNames = 500;

/** Reads heads (RFC 9112 §2–6), strictly: no folded lines, no space before a colon, no bare LF, one Host,
 *  one Content-Length, never that and Transfer-Encoding: whatever two servers could read differently is
 *  refused. */
export class HeadReader {
  readonly #names = new Map<string, string>();

  /** `text` is the head without its empty line, but with the line ending before that. */
  read(text: string): RequestHead | HttpRefusal {
    if (unclean.test(text)) return refuse(400, "a control character in the head");
    const end = endOfLine(text, 0);
    if (end < 0) return refuse(400, "CR and LF that are not a pair");
    if (end > headLimits.lineBytes) return refuse(414, "the request line is too long");
    const first = text.indexOf(" ");
    const last = text.lastIndexOf(" ", end);
    const method = text.slice(0, Math.max(0, first));
    const target = text.slice(first + 1, last);
    if (first < 1 || first > 32 || last <= first || last > end || !token.test(method)) {
      return refuse(400, "the request line is not one");
    }
    if (target === "" || target.includes(" ")) return refuse(400, "the request target is not one");
    const version = text.slice(last + 1, end);
    if (version !== "HTTP/1.1" && version !== "HTTP/1.0") {
      return /^HTTP\/\d\.\d$/.test(version)
        ? refuse(505, "not HTTP/1.1 or 1.0")
        : refuse(400, "the request line is not one");
    }
    const headers = new Map<string, string>();
    const refused = this.#fields(text, end + 2, headers);
    if (refused) return refused;
    return framed(method, target, version === "HTTP/1.1" ? 1 : 0, headers);
  }

  #fields(text: string, from: number, headers: Map<string, string>): HttpRefusal | undefined {
    let count = 0;
    for (let at = from; at < text.length;) {
      const end = endOfLine(text, at);
      if (end < 0) return refuse(400, "CR and LF that are not a pair");
      const colon = text.indexOf(":", at);
      if (end - at > headLimits.lineBytes || ++count > headLimits.fields) {
        return refuse(431, "too many or too long header fields");
      }
      const name = colon < 0 || colon > end ? undefined : this.#name(text.slice(at, colon));
      if (name === undefined) return refuse(400, "a header field without a proper name");
      const value = trimmed(text, colon + 1, end);
      const before = headers.get(name);
      if (before === undefined) headers.set(name, value);
      else if (single.has(name)) return refuse(400, `two fields ${name}`);
      else headers.set(name, `${before},${value}`);
      at = end + 2;
    }
    return undefined;
  }

  #name(sent: string): string | undefined {
    const known = this.#names.get(sent);
    if (known !== undefined) return known;
    if (!token.test(sent)) return undefined;
    const name = sent.toLowerCase();
    if (this.#names.size < maxNames && sent.length <= 64) this.#names.set(sent, name);
    return name;
  }
}

/** Where the line's CR LF is; -1 where one of the two comes without the other. */
function endOfLine(text: string, from: number): number {
  const cr = text.indexOf("\r", from);
  return text.indexOf("\n", from) === cr + 1 ? cr : -1;
}

/** Without the blanks around it: SP and HT alone, for the bytes of UTF-8 look like other white space. */
function trimmed(text: string, from: number, to: number): string {
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (from < to && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** A second one could be read by somebody else as the one that counts. */
const single: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "authorization",
  "expect",
]);

/** How the body is framed, and what becomes of the connection (RFC 9112 §6.3, §9.3). */
function framed(
  method: string,
  target: string,
  minor: 0 | 1,
  headers: ReadonlyMap<string, string>,
): RequestHead | HttpRefusal {
  const host = headers.get("host");
  if (host === undefined ? minor === 1 : !hostText.test(host)) return refuse(400, "no proper Host field");
  const coding = headers.get("transfer-encoding");
  const announced = headers.get("content-length");
  if (coding !== undefined) {
    if (announced !== undefined || minor === 0) return refuse(400, "Transfer-Encoding beside a length");
    if (coding.toLowerCase() !== "chunked") return refuse(501, "a transfer coding other than chunked");
  } else if (announced !== undefined && !digits.test(announced)) {
    return refuse(400, "Content-Length is not a number");
  }
  const expect = headers.get("expect");
  if (expect !== undefined && expect.toLowerCase() !== "100-continue") {
    return refuse(417, "an expectation other than 100-continue");
  }
  return {
    method,
    target,
    headers,
    minor,
    length: coding === undefined ? Number(announced ?? 0) : undefined,
    keepsAlive: keepsAlive(headers.get("connection"), minor),
    expects: expect !== undefined && minor === 1,
  };
}

function keepsAlive(connection: string | undefined, minor: 0 | 1): boolean {
  if (connection === undefined) return minor === 1;
  const words = connection.toLowerCase().split(/[\t ]*,[\t ]*/);
  return minor === 1 ? !words.includes("close") : words.includes("keep-alive") && !words.includes("close");
}
