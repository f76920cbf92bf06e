import { equalBytes, utf8 } from "../../base/bytes.ts";
import { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import { utf16, utf16Text } from "../../wire/utf16.ts";

export const ntlmSignature: Uint8Array = utf8("NTLMSSP\0");

/** MS-NLMP §2.2.2.5. */
export const ntlmFlag = {
  unicode: 0x1,
  requestTarget: 0x4,
  sign: 0x10,
  seal: 0x20,
  ntlm: 0x200,
  anonymous: 0x800,
  alwaysSign: 0x8000,
  targetServer: 0x20000,
  extendedSecurity: 0x80000,
  targetInfo: 0x800000,
  version: 0x2000000,
  bits128: 0x20000000,
  keyExchange: 0x40000000,
  bits56: 0x80000000,
} as const;

/** MS-NLMP §2.2.2.1: ids of what a challenge tells of the server, and of what a client adds. */
export const avId = {
  end: 0,
  netbiosComputer: 1,
  netbiosDomain: 2,
  dnsComputer: 3,
  dnsDomain: 4,
  flags: 6,
  timestamp: 7,
} as const;

export interface AvPair {
  readonly id: number;
  readonly value: Uint8Array;
}

/** MS-NLMP §2.2.1.1: signature[8], type u32 = 1, flags u32, domain and workstation fields, version. */
export interface NtlmNegotiate {
  readonly flags: number;
}

export function readNegotiate(r: Reader): NtlmNegotiate {
  readHead(r, 1);
  return { flags: r.u32le() };
}

export function writeNegotiate(message: NtlmNegotiate): Uint8Array {
  const w = new Writer();
  writeHead(w, 1);
  w.u32le(message.flags);
  w.zeros(24);
  return w.take();
}

/** MS-NLMP §2.2.1.2: signature[8], type u32 = 2, target name fields, flags u32, challenge[8], zero[8],
 *  target info fields, version[8], payload. */
export interface NtlmChallenge {
  readonly flags: number;
  readonly challenge: Uint8Array;
  readonly targetName: string;
  readonly targetInfo: readonly AvPair[];
}

export function readChallenge(r: Reader): NtlmChallenge {
  readHead(r, 2);
  const targetName = readField(r);
  const flags = r.u32le();
  const challenge = r.bytes(8);
  r.skip(8);
  const info = readField(r);
  return { flags, challenge, targetName: utf16Text(targetName), targetInfo: readAvPairs(new Reader(info)) };
}

export function writeChallenge(message: NtlmChallenge): Uint8Array {
  const w = new Writer();
  const payload = new Payload(56);
  writeHead(w, 2);
  payload.field(w, utf16(message.targetName));
  w.u32le(message.flags);
  w.bytes(message.challenge);
  w.zeros(8);
  payload.field(w, avPairBytes(message.targetInfo));
  w.bytes(Uint8Array.of(10, 0, 0, 0, 0, 0, 0, 15)); // product version; NTLM revision 15
  w.bytes(payload.bytes());
  return w.take();
}

/** MS-NLMP §2.2.1.3: signature[8], type u32 = 3, fields LM, NT, domain, user, workstation, session key,
 *  flags u32, version[8], MIC[16], payload. The last two are absent from old clients. */
export interface NtlmAuthenticate {
  readonly ntResponse: Uint8Array;
  readonly domain: string;
  readonly user: string;
  readonly workstation: string;
  readonly encryptedKey: Uint8Array;
  readonly flags: number;
  readonly mic: Uint8Array;
}

/** Where the MIC stands in an AUTHENTICATE message. */
export const micAt = 72;

export function readAuthenticate(r: Reader): NtlmAuthenticate {
  readHead(r, 3);
  readField(r); // LM: never looked at
  const ntResponse = readField(r);
  const domain = readField(r);
  const user = readField(r);
  const workstation = readField(r);
  const encryptedKey = readField(r);
  const flags = r.u32le();
  r.expect((flags & ntlmFlag.unicode) !== 0, "names that are not Unicode");
  const mic = r.remaining >= 24 ? (r.skip(8), r.bytes(16)) : new Uint8Array(16);
  return {
    ntResponse,
    domain: utf16Text(domain),
    user: utf16Text(user),
    workstation: utf16Text(workstation),
    encryptedKey,
    flags,
    mic,
  };
}

export function writeAuthenticate(message: NtlmAuthenticate): Uint8Array {
  const w = new Writer();
  const payload = new Payload(88);
  writeHead(w, 3);
  payload.field(w, new Uint8Array(24));
  payload.field(w, message.ntResponse);
  payload.field(w, utf16(message.domain));
  payload.field(w, utf16(message.user));
  payload.field(w, utf16(message.workstation));
  payload.field(w, message.encryptedKey);
  w.u32le(message.flags);
  w.zeros(8);
  w.bytes(message.mic);
  w.bytes(payload.bytes());
  return w.take();
}

/** {id u16, length u16, value} until id 0. */
export function readAvPairs(r: Reader): AvPair[] {
  const pairs: AvPair[] = [];
  for (;;) {
    const id = r.u16le();
    const value = r.bytes(r.u16le());
    if (id === avId.end) return pairs;
    r.expect(pairs.length < 64, "too many pairs");
    pairs.push({ id, value });
  }
}

export function avPairBytes(pairs: readonly AvPair[]): Uint8Array {
  const w = new Writer();
  for (const { id, value } of [...pairs, { id: avId.end, value: new Uint8Array(0) }]) {
    w.u16le(id);
    w.u16le(value.length);
    w.bytes(value);
  }
  return w.take();
}

/** Whether the bytes are a bare NTLMSSP message, without SPNEGO around it. */
export const isNtlm = (bytes: Uint8Array): boolean => equalBytes(bytes.subarray(0, 8), ntlmSignature);

function readHead(r: Reader, type: number): void {
  r.expect(equalBytes(r.bytes(8), ntlmSignature), "not NTLMSSP");
  r.expect(r.u32le() === type, `not an NTLM message of type ${type}`);
}

function writeHead(w: Writer, type: number): void {
  w.bytes(ntlmSignature);
  w.u32le(type);
}

/** Length u16, capacity u16, offset u32 from the message's first byte. */
function readField(r: Reader): Uint8Array {
  const length = r.u16le();
  r.u16le();
  const offset = r.u32le();
  if (length === 0) return new Uint8Array(0);
  const back = r.at;
  r.seek(offset);
  const bytes = r.bytes(length);
  r.seek(back);
  return bytes;
}

class Payload {
  readonly #start: number;
  readonly #w = new Writer();

  constructor(start: number) {
    this.#start = start;
  }
  field(w: Writer, bytes: Uint8Array): void {
    w.u16le(bytes.length);
    w.u16le(bytes.length);
    w.u32le(this.#start + this.#w.length);
    this.#w.bytes(bytes);
  }
  bytes(): Uint8Array {
    return this.#w.take();
  }
}
