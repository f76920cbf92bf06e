import { concat, lossyText, utf8 } from "../../base/bytes.ts";

/** What a NATS server says. */
export type NatsSaid =
  | { readonly kind: "info"; readonly tls: boolean }
  | { readonly kind: "ping" | "pong" | "ok" | "garbage" }
  | { readonly kind: "error"; readonly text: string }
  | { readonly kind: "message"; readonly body: string; readonly status: string };

/** CONNECT: who we are. `verbose` off: nothing is acknowledged but PING. */
export function writeConnect(who: { user?: string; pass?: string; token?: string }): Uint8Array {
  const { user, pass, token } = who;
  const said = {
    verbose: false,
    pedantic: false,
    lang: "holdfast",
    version: "1",
    protocol: 1,
    headers: true,
    no_responders: true,
    ...(user === undefined ? {} : { user, pass }),
    ...(token === undefined ? {} : { auth_token: token }),
  };
  return utf8(`CONNECT ${JSON.stringify(said)}\r\nPING\r\n`);
}

export const writePing = (): Uint8Array => utf8("PING\r\n");
export const writePong = (): Uint8Array => utf8("PONG\r\n");
export const writeSubscribe = (subject: string, sid: number): Uint8Array => utf8(`SUB ${subject} ${sid}\r\n`);

export function writePublish(subject: string, reply: string | undefined, body: string): Uint8Array {
  const bytes = utf8(body);
  const to = reply === undefined ? subject : `${subject} ${reply}`;
  return concat([utf8(`PUB ${to} ${bytes.length}\r\n`), bytes, utf8("\r\n")]);
}

/** A subject that may be published to: no wildcards, no space. */
export const isSubject = (text: string): boolean => /^[^\s.*>\0]+(?:\.[^\s.*>\0]+)*$/.test(text);

const lineBytes = 65_536;
type Taken = { readonly value: NatsSaid; readonly size: number };

/** What stands at the buffer's beginning; undefined: more is needed. */
export function readSaid(bytes: Uint8Array): Taken | undefined {
  const end = bytes.indexOf(0x0a);
  if (end < 0) {
    return bytes.length > lineBytes ? { value: { kind: "garbage" }, size: bytes.length } : undefined;
  }
  const line = lossyText(bytes.subarray(0, end)).trimEnd();
  const [word = "", ...rest] = line.split(/[ \t]+/);
  const size = end + 1;
  switch (word.toUpperCase()) {
    case "INFO":
      return { value: { kind: "info", tls: /"tls_required"\s*:\s*true/.test(line) }, size };
    case "PING":
      return { value: { kind: "ping" }, size };
    case "PONG":
      return { value: { kind: "pong" }, size };
    case "+OK":
      return { value: { kind: "ok" }, size };
    case "-ERR":
      return { value: { kind: "error", text: line.slice(4).trim() }, size };
    case "MSG":
      return readMessage(bytes, size, 0, count(rest.at(-1)));
    case "HMSG":
      return readMessage(bytes, size, count(rest.at(-2)), count(rest.at(-1)));
    default:
      return { value: { kind: "garbage" }, size: bytes.length };
  }
}

const count = (text: string | undefined): number =>
  text !== undefined && /^\d{1,7}$/.test(text) ? Number(text) : -1;

/** `heads`: bytes of headers at the beginning, whose first line may be "NATS/1.0 503". */
function readMessage(bytes: Uint8Array, at: number, heads: number, all: number): Taken | undefined {
  if (heads < 0 || all < heads) return { value: { kind: "garbage" }, size: bytes.length };
  if (bytes.length < at + all + 2) return undefined;
  const status = /^NATS\/1\.0 (\d{3})/.exec(lossyText(bytes.subarray(at, at + heads)))?.[1] ?? "";
  const body = lossyText(bytes.subarray(at + heads, at + all));
  return { value: { kind: "message", body, status }, size: at + all + 2 };
}
