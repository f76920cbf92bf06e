import { utf8 } from "../../base/bytes.ts";
import { derBytes, derTag, readDer, readDerAs } from "../../wire/der.ts";
import { Reader } from "../../wire/reader.ts";

/** Bodies of the object identifiers, in hexadecimal. */
export const mechanisms = {
  spnego: "2b0601050502",
  ntlm: "2b06010401823702020a",
} as const;

export const negState = { completed: 0, incomplete: 1, reject: 2, requestMic: 3 } as const;

/** RFC 4178 §4.2.1, what a client begins with. */
export interface InitToken {
  /** Object identifiers in hexadecimal, the preferred one first. */
  readonly mechanisms: readonly string[];
  /** The mechanism list's own DER, from its SEQUENCE tag: what mechListMIC is made over. */
  readonly mechanismList: Uint8Array;
  readonly token: Uint8Array | undefined;
  readonly mic: Uint8Array | undefined;
}

/** RFC 4178 §4.2.2, every later message of both sides. */
export interface ResponseToken {
  readonly state: number | undefined;
  readonly mechanism: string | undefined;
  readonly token: Uint8Array | undefined;
  readonly mic: Uint8Array | undefined;
}

const maxMechanisms = 16;

/** `60 { OID spnego, [0] { SEQUENCE { [0] mechTypes, [1] flags, [2] mechToken, [3] mechListMIC or negHints,
 *  [4] mechListMIC } } }`; MS-SPNG §2.2.1 shifts the last one where hints stand before it. */
export function readInitToken(r: Reader): InitToken {
  const outer: Reader = new Reader(readDerAs(r, derTag.application(0)));
  const oid = readDerAs(outer, derTag.oid);
  outer.expect(oid.toHex() === mechanisms.spnego, "not SPNEGO");
  const fields = readFields(new Reader(readDerAs(outer, derTag.context(0))));
  const list = fields.get(0);
  outer.expect(list !== undefined, "no mechanisms");
  return {
    mechanisms: readMechanisms(new Reader(list)),
    mechanismList: list,
    token: octets(fields.get(2)),
    mic: octets(fields.get(4)) ?? octets(fields.get(3)),
  };
}

export function writeInitToken(init: Omit<InitToken, "mechanismList">): Uint8Array {
  const sequence = derBytes(
    derTag.sequence,
    derBytes(derTag.context(0), mechanismList(init.mechanisms)),
    optional(2, init.token),
    optional(3, init.mic),
  );
  return wrapped(sequence);
}

/** MS-SPNG §2.2.1, NegTokenInit2: what the server says in its NEGOTIATE response. */
export function writeInitHint(offered: readonly string[]): Uint8Array {
  const hint = derBytes(derTag.generalString, utf8("not_defined_in_RFC4178@please_ignore"));
  const hints = derBytes(derTag.sequence, derBytes(derTag.context(0), hint));
  return wrapped(
    derBytes(
      derTag.sequence,
      derBytes(derTag.context(0), mechanismList(offered)),
      derBytes(derTag.context(3), hints),
    ),
  );
}

/** `a1 { SEQUENCE { [0] negState, [1] supportedMech, [2] responseToken, [3] mechListMIC } }` */
export function readResponseToken(r: Reader): ResponseToken {
  const fields = readFields(new Reader(readDerAs(r, derTag.context(1))));
  const state = fields.get(0);
  const mechanism = fields.get(1);
  return {
    state: state && readDerAs(new Reader(state), derTag.enumerated)[0],
    mechanism: mechanism && readDerAs(new Reader(mechanism), derTag.oid).toHex(),
    token: octets(fields.get(2)),
    mic: octets(fields.get(3)),
  };
}

export function writeResponseToken(response: ResponseToken): Uint8Array {
  const parts: Uint8Array[] = [];
  if (response.state !== undefined) {
    const state = derBytes(derTag.enumerated, Uint8Array.of(response.state));
    parts.push(derBytes(derTag.context(0), state));
  }
  if (response.mechanism !== undefined) {
    const oid = derBytes(derTag.oid, Uint8Array.fromHex(response.mechanism));
    parts.push(derBytes(derTag.context(1), oid));
  }
  parts.push(optional(2, response.token), optional(3, response.mic));
  return derBytes(derTag.context(1), derBytes(derTag.sequence, ...parts));
}

/** The fields of a SEQUENCE by their context number. */
function readFields(r: Reader): Map<number, Uint8Array> {
  const inner: Reader = new Reader(readDerAs(r, derTag.sequence));
  const fields = new Map<number, Uint8Array>();
  while (inner.remaining > 0) {
    const { tag, content } = readDer(inner);
    inner.expect((tag & 0xe0) === 0xa0, "a field without its number");
    fields.set(tag & 0x1f, content);
  }
  return fields;
}

function readMechanisms(r: Reader): string[] {
  const inner: Reader = new Reader(readDerAs(r, derTag.sequence));
  const found: string[] = [];
  while (inner.remaining > 0) {
    inner.expect(found.length < maxMechanisms, "too many mechanisms");
    found.push(readDerAs(inner, derTag.oid).toHex());
  }
  return found;
}

function octets(field: Uint8Array | undefined): Uint8Array | undefined {
  if (!field) return undefined;
  const { tag, content } = readDer(new Reader(field));
  return tag === derTag.octets ? content : undefined; // negHints stand in the same place
}

const mechanismList = (names: readonly string[]): Uint8Array =>
  derBytes(derTag.sequence, ...names.map((name) => derBytes(derTag.oid, Uint8Array.fromHex(name))));

const optional = (number: number, bytes: Uint8Array | undefined): Uint8Array =>
  bytes ? derBytes(derTag.context(number), derBytes(derTag.octets, bytes)) : new Uint8Array(0);

const wrapped = (sequence: Uint8Array): Uint8Array =>
  derBytes(
    derTag.application(0),
    derBytes(derTag.oid, Uint8Array.fromHex(mechanisms.spnego)),
    derBytes(derTag.context(0), sequence),
  );
