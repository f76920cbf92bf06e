import type { Entropy } from "../../base/entropy.ts";
import { Siv } from "../../crypto/siv.ts";
import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import type { FieldAuthentication, FieldVerdict } from "../ntp/exchange.ts";
import type { DropReason } from "../ntp/exchange.ts";
import { writeField, type ExtensionField } from "../ntp/tail.ts";
import type { AssociationKeys, CookieJar } from "./cookie.ts";

/** RFC 8915 §5. */
export const fieldTypes = {
  uniqueId: 0x0104,
  cookie: 0x0204,
  placeholder: 0x0304,
  authenticator: 0x0404,
} as const;

const leastUniqueId = 32;
const nonceBytes = 16;
const mostCookies = 8;

/** The server's side of NTS for NTP (RFC 8915 §5): checks a request's fields against its own cookie, and
 *  gives
 *  the reply as many fresh cookies as the request made room for, at most eight. Keeps nothing. */
export class NtsFields implements FieldAuthentication {
  readonly #jar: CookieJar;
  readonly #entropy: Entropy;
  readonly #unixSeconds: () => number;

  constructor(jar: CookieJar, entropy: Entropy, unixSeconds: () => number) {
    this.#jar = jar;
    this.#entropy = entropy;
    this.#unixSeconds = unixSeconds;
  }

  open(packet: Uint8Array, fields: readonly ExtensionField[]): FieldVerdict {
    if (!fields.some((field) => known.has(field.type))) return { is: "absent" };
    const request = readRequest(fields);
    if (typeof request === "string") return { is: "drop", reason: request };
    const { uniqueId, cookie, authenticator, placeholders } = request;
    const now = this.#unixSeconds();
    const keys = this.#jar.open(cookie, now);
    const associated = packet.subarray(0, authenticator.at);
    const { nonce, ciphertext } = authenticator;
    const opened = keys && new Siv(keys.c2s).open([associated, nonce], ciphertext);
    const echo = (w: Writer): void => writeField(w, fieldTypes.uniqueId, uniqueId);
    if (!opened) return { is: "kiss", code: "NTSN", write: echo };
    const cookies = Math.min(mostCookies, 1 + placeholders);
    return {
      is: "good",
      write: (w) => {
        echo(w);
        this.#seal(w, keys, cookies, now);
      },
    };
  }

  #seal(w: Writer, keys: AssociationKeys, cookies: number, now: number): void {
    const plain = new Writer(cookies * 128);
    for (let i = 0; i < cookies; i++) writeField(plain, fieldTypes.cookie, this.#jar.seal(keys, now));
    const nonce = this.#entropy(nonceBytes);
    const sealed = new Siv(keys.s2c).seal([w.view(), nonce], plain.view());
    writeField(w, fieldTypes.authenticator, authenticatorBody(nonce, sealed));
  }
}

const known: ReadonlySet<number> = new Set(Object.values(fieldTypes));

interface Request {
  readonly uniqueId: Uint8Array;
  readonly cookie: Uint8Array;
  readonly placeholders: number;
  readonly authenticator: Authenticator;
}

interface Authenticator {
  readonly at: number;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** What stands before the authenticator; what comes after it is not authenticated, and is ignored. */
function readRequest(fields: readonly ExtensionField[]): Request | DropReason {
  const last = fields.findIndex((field) => field.type === fieldTypes.authenticator);
  const before = last < 0 ? fields : fields.slice(0, last);
  const of = (type: number): ExtensionField[] => before.filter((field) => field.type === type);
  const [uniqueId, secondId] = of(fieldTypes.uniqueId);
  if (!uniqueId || secondId || uniqueId.body.length < leastUniqueId) return "nts-unique-id";
  const [cookie, secondCookie] = of(fieldTypes.cookie);
  // The least field has 12 bytes of body, so that an empty cookie is one of nothing but padding.
  if (!cookie || secondCookie || cookie.body.every((byte) => byte === 0)) return "nts-cookie";
  const placeholders = of(fieldTypes.placeholder);
  if (placeholders.some(({ body }) => body.length !== cookie.body.length)) return "nts-placeholder";
  const field = fields[last];
  const read = field && decode(readAuthenticator, field.body);
  if (!read?.ok) return "nts-authenticator";
  return {
    uniqueId: uniqueId.body,
    cookie: cookie.body,
    placeholders: placeholders.length,
    authenticator: { ...read.value, at: field!.at },
  };
}

/** RFC 8915 §5.6
 *  |        Nonce length (16)      |     Ciphertext length (16)    |
 *  |                 Nonce, and padding to four bytes              |
 *  |              Ciphertext, and padding to four bytes            |
 *  |                       Additional padding                      |
 *  Nonce and padding must leave room for the nonce that the reply's field will need. */
export function readAuthenticator(r: Reader): Omit<Authenticator, "at"> {
  const nonceLength = r.u16();
  const cipherLength = r.u16();
  r.expect(nonceLength > 0, "no nonce");
  const nonce = r.bytes(nonceLength);
  r.align(4);
  const ciphertext = r.bytes(cipherLength);
  r.align(4);
  const lacking = Math.max(0, nonceBytes - ((nonceLength + 3) & ~3));
  r.expect(r.remaining >= lacking, "the nonce's padding is missing");
  return { nonce, ciphertext };
}

export function authenticatorBody(nonce: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const w = new Writer(8 + nonce.length + ciphertext.length);
  w.u16(nonce.length);
  w.u16(ciphertext.length);
  w.bytes(nonce);
  w.align(4);
  w.bytes(ciphertext);
  w.align(4);
  return w.take();
}
