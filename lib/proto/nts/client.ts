import { equalBytes, textOf } from "../../base/bytes.ts";
import type { Entropy } from "../../base/entropy.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { Siv } from "../../crypto/siv.ts";
import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import type { ClientFields } from "../ntp/client.ts";
import { readField, writeField, type ExtensionField } from "../ntp/tail.ts";
import type { AssociationKeys } from "./cookie.ts";
import {
  aeadSivCmac256,
  bodyOf,
  nextProtocolNtp,
  numbersOf,
  readRecord,
  recordTypes,
  writeRecord,
  type KeRecord,
} from "./record.ts";
import { authenticatorBody, fieldTypes, readAuthenticator } from "./server-fields.ts";

const keptCookies = 8;
const longestCookie = 256;
const nonceBytes = 16;

/** What a client asks of a key establishment server: NTPv4, AES-SIV-CMAC-256. */
export function keRequest(): Uint8Array {
  const w = new Writer(16);
  writeRecord(w, { critical: true, type: recordTypes.nextProtocol, body: bodyOf(nextProtocolNtp) });
  writeRecord(w, { critical: true, type: recordTypes.aead, body: bodyOf(aeadSivCmac256) });
  writeRecord(w, { critical: true, type: recordTypes.end, body: bodyOf() });
  return w.take();
}

export interface KeReply {
  readonly cookies: readonly Uint8Array[];
  /** Where to ask for the time, if not at the same host. */
  readonly server: string | undefined;
  readonly port: number;
}

/** Undefined while the reply is not whole. Faults: unavailable (the server refused), invalid, unsupported. */
export function readKeReply(bytes: Uint8Array): Result<KeReply> | undefined {
  const read = decode(readRecords, bytes);
  if (!read.ok || !read.value) return undefined;
  const records = read.value;
  const of = (type: number): KeRecord[] => records.filter((record) => record.type === type);
  const [error] = of(recordTypes.error);
  if (error) return fail("unavailable", `the server refused: NTS error ${numbersOf(error.body)?.[0]}`);
  const agreed = (type: number, wanted: number): boolean => {
    const [record, second] = of(type);
    return !second && numbersOf(record?.body ?? new Uint8Array(0))?.includes(wanted) === true;
  };
  if (!agreed(recordTypes.nextProtocol, nextProtocolNtp))
    return fail("unsupported", "the server has no NTPv4");
  if (!agreed(recordTypes.aead, aeadSivCmac256)) return fail("unsupported", "no AEAD in common");
  const cookies = of(recordTypes.cookie)
    .map((record) => Uint8Array.from(record.body))
    .filter((cookie) => cookie.length > 0 && cookie.length <= longestCookie && cookie.length % 4 === 0);
  if (cookies.length === 0) return fail("invalid", "the server gave no cookie that can be used");
  const server = textOf(of(recordTypes.server)[0]?.body ?? new Uint8Array(0));
  const port = numbersOf(of(recordTypes.port)[0]?.body ?? new Uint8Array(0))?.[0] ?? 123;
  return ok({ cookies: cookies.slice(0, keptCookies), server: server === "" ? undefined : server, port });
}

function readRecords(r: Reader): KeRecord[] | undefined {
  const records: KeRecord[] = [];
  while (r.remaining > 0) {
    const record = readRecord(r);
    if (record.type === recordTypes.end) return records;
    records.push(record);
  }
  return undefined;
}

/** The client's side of NTS for NTP (RFC 8915 §5): a stock of cookies, each used once, and the keys that go
 *  with
 *  them. Replies refill the stock. */
export class NtsAssociation {
  readonly #keys: AssociationKeys;
  readonly #c2s: Siv;
  readonly #s2c: Siv;
  readonly #cookies: Uint8Array[];
  readonly #entropy: Entropy;

  constructor(keys: AssociationKeys, cookies: readonly Uint8Array[], entropy: Entropy) {
    this.#keys = keys;
    this.#c2s = new Siv(keys.c2s);
    this.#s2c = new Siv(keys.s2c);
    this.#cookies = [...cookies];
    this.#entropy = entropy;
  }

  get aead(): number {
    return this.#keys.aead;
  }
  /** Cookies left; without one, keys must be established anew. */
  get cookies(): number {
    return this.#cookies.length;
  }

  /** The fields of one request; undefined without a cookie. */
  next(): ClientFields | undefined {
    const cookie = this.#cookies.shift();
    if (!cookie) return undefined;
    const uniqueId = this.#entropy(32);
    const missing = Math.min(keptCookies - 1 - this.#cookies.length, keptCookies - 1);
    return {
      write: (w) => this.#write(w, uniqueId, cookie, Math.max(0, missing)),
      refusalOf: (packet, fields, kiss) => this.#refusalOf(packet, fields, kiss, uniqueId),
    };
  }

  #write(w: Writer, uniqueId: Uint8Array, cookie: Uint8Array, placeholders: number): void {
    writeField(w, fieldTypes.uniqueId, uniqueId);
    writeField(w, fieldTypes.cookie, cookie);
    for (let i = 0; i < placeholders; i++) {
      writeField(w, fieldTypes.placeholder, new Uint8Array(cookie.length));
    }
    const nonce = this.#entropy(nonceBytes);
    const sealed = this.#c2s.seal([w.view(), nonce], new Uint8Array(0));
    writeField(w, fieldTypes.authenticator, authenticatorBody(nonce, sealed));
  }

  #refusalOf(
    packet: Uint8Array,
    fields: readonly ExtensionField[],
    kiss: string | undefined,
    uniqueId: Uint8Array,
  ): string | undefined {
    const [id, second] = fields.filter((field) => field.type === fieldTypes.uniqueId);
    if (!id || second || !equalBytes(id.body, uniqueId)) return "not our unique id";
    // Only who saw the request knows the id: enough to begin anew, which costs but one handshake.
    if (kiss === "NTSN") return undefined;
    const authenticator = fields.find((field) => field.type === fieldTypes.authenticator);
    const read = authenticator && decode(readAuthenticator, authenticator.body);
    if (!read?.ok) return "no authenticator";
    const { nonce, ciphertext } = read.value;
    const plain = this.#s2c.open([packet.subarray(0, authenticator!.at), nonce], ciphertext);
    if (!plain) return "not authentic";
    const cookies = decode(readCookies, plain);
    if (!cookies.ok) return cookies.fault.what;
    this.#cookies.push(...cookies.value.slice(0, keptCookies - this.#cookies.length));
    return undefined;
  }
}

function readCookies(r: Reader): Uint8Array[] {
  const cookies: Uint8Array[] = [];
  while (r.remaining > 0) {
    const { type, body } = readField(r);
    if (type === fieldTypes.cookie && body.length <= longestCookie) cookies.push(Uint8Array.from(body));
  }
  return cookies;
}
