/** What stands ahead of an answer's body. */
export interface AnswerHead {
  readonly status: number;
  /** Names as they are to be sent. Framing (`content-length`, `connection`) belongs to the caller too. */
  readonly headers: Readonly<Record<string, string>>;
}

// eslint-disable-next-line no-control-regex -- what would end a line, and what Latin-1 has not
const unsendable = /[\0-\x08\x0a-\x1f\x7f\u0100-\uffff]/g;
// eslint-disable-next-line no-control-regex -- the same
const anyUnsendable = /[\0-\x08\x0a-\x1f\x7f\u0100-\uffff]/;

const notToken = /[^!#$%&'*+.^_`|~0-9A-Za-z-]/g;
const anyNotToken = /[^!#$%&'*+.^_`|~0-9A-Za-z-]/;

/** The head's lines, without the empty one that ends it: Latin-1 text. What a name or a value may not hold
 *  becomes "-" or a space, so that none of them can begin a line of its own. */
export function writeAnswerHead({ status, headers }: AnswerHead): string {
  let text = statusLine(status);
  for (const name in headers) text += `${nameOf(name)}: ${sendable(headers[name]!)}\r\n`;
  return text;
}

const nameOf = (name: string): string => (anyNotToken.test(name) ? name.replace(notToken, "-") : name);
const sendable = (value: string): string =>
  anyUnsendable.test(value) ? value.replace(unsendable, " ") : value;

/** The chunk of `size` bytes that follows: "1000\r\n". The bytes are to be followed by CR LF. */
export const chunkHead = (size: number): string => `${size.toString(16)}\r\n`;
export const lastChunk = "0\r\n\r\n";
export const continueHead = "HTTP/1.1 100 Continue\r\n\r\n";

const lines = new Map<number, string>();
const statusLine = (status: number): string => lines.get(status) ?? `HTTP/1.1 ${status} Status\r\n`;

for (const [status, reason] of [
  [200, "OK"],
  [201, "Created"],
  [202, "Accepted"],
  [204, "No Content"],
  [206, "Partial Content"],
  [301, "Moved Permanently"],
  [302, "Found"],
  [303, "See Other"],
  [304, "Not Modified"],
  [307, "Temporary Redirect"],
  [308, "Permanent Redirect"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [408, "Request Timeout"],
  [409, "Conflict"],
  [411, "Length Required"],
  [412, "Precondition Failed"],
  [413, "Content Too Large"],
  [414, "URI Too Long"],
  [416, "Range Not Satisfiable"],
  [417, "Expectation Failed"],
  [431, "Request Header Fields Too Large"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [503, "Service Unavailable"],
  [505, "HTTP Version Not Supported"],
] as const) {
  lines.set(status, `HTTP/1.1 ${status} ${reason}\r\n`);
}
