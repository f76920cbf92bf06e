import { utf8 } from "../../base/bytes.ts";
import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import { modes } from "./header.ts";

/** What is told in mode 6: variables by name, as text. */
export interface ControlBook {
  readonly system: Told;
  /** By association: 1 upwards, in their order. */
  readonly peers: readonly Told[];
}
interface Told {
  readonly status: number;
  readonly variables: Readonly<Record<string, string | number>>;
}

/** RFC 9327 §2: a peer's selection, in the low bits of its status's upper byte. */
export const selections = { reject: 0, falsetick: 1, outlier: 3, candidate: 4, system: 6 } as const;

/** §2.2: the status word of an association that is configured. */
export const peerStatus = (selection: number, isReached: boolean, isSecured: boolean): number =>
  (0x80 | (isSecured ? 0x60 : 0) | (isReached ? 0x10 : 0) | selection) << 8;
/** §2.1: the system's. Source 6 is NTP. */
export const systemStatus = (leap: number): number => (leap << 14) | (6 << 8);

const opcodes = { readStatus: 1, readVariables: 2 } as const;
const errors = { malformed: 2, opcode: 3, association: 4 } as const;
const headerBytes = 12;
/** §2: what one packet carries; an answer here is never more than one. */
const mostData = 468;

interface Request {
  readonly version: number;
  readonly opcode: number;
  readonly sequence: number;
  readonly association: number;
  readonly names: readonly string[];
}

/** Answers a control message, which reads and never writes; undefined: not a request. The caller makes sure
 *  that
 *  the asker is on this host: the answer may be longer than the question. */
export function answerControl(packet: Uint8Array, book: ControlBook): Uint8Array | undefined {
  const read = decode(readRequest, packet);
  if (!read.ok) return undefined;
  const request = read.value;
  const { association, opcode, names } = request;
  const told = association === 0 ? book.system : book.peers[association - 1];
  if (!told) return reply(request, errors.association << 8, new Uint8Array(0), true);
  if (opcode === opcodes.readVariables) return reply(request, told.status, chosen(told, names), false);
  if (opcode !== opcodes.readStatus) return reply(request, errors.opcode << 8, new Uint8Array(0), true);
  return reply(request, told.status, association === 0 ? statuses(book) : chosen(told, names), false);
}

/** §2: LI, VN, mode | R, E, M, opcode | sequence | status | association | offset | count | data */
function readRequest(r: Reader): Request {
  const first = r.u8();
  const second = r.u8();
  r.expect((first & 7) === modes.control && (second & 0x80) === 0, "a control request");
  const sequence = r.u16();
  r.skip(2);
  const association = r.u16();
  r.skip(2);
  const count = r.u16();
  r.expect(count <= mostData && r.remaining >= count, "as much data as it says");
  const text = new TextDecoder("latin1").decode(r.bytes(count));
  const names = text.split(",").map((part) => part.replace(/=.*/s, "").trim());
  return {
    version: (first >> 3) & 7,
    opcode: second & 31,
    sequence,
    association,
    names: names.filter((name) => /^[a-z_]{1,32}$/.test(name)),
  };
}

/** Whole variables, as many as one packet carries: those asked for, or all. */
function chosen({ variables }: Told, names: readonly string[]): Uint8Array {
  const all = Object.entries(variables);
  const wanted = names.length === 0 ? all : all.filter(([name]) => names.includes(name));
  let text = "";
  for (const [name, value] of wanted) {
    const next = `${text === "" ? "" : ", "}${name}=${value}`;
    if (text.length + next.length > mostData) break;
    text += next;
  }
  return utf8(text.replaceAll(/[^\x20-\x7e]/g, "?"));
}

function statuses({ peers }: ControlBook): Uint8Array {
  const w = new Writer();
  for (const [i, { status }] of peers.slice(0, mostData / 4).entries()) {
    w.u16(i + 1);
    w.u16(status);
  }
  return w.take();
}

function reply(request: Request, status: number, data: Uint8Array, isError: boolean): Uint8Array {
  const w = new Writer(headerBytes + mostData);
  w.u8((request.version << 3) | modes.control);
  w.u8(0x80 | (isError ? 0x40 : 0) | request.opcode);
  w.u16(request.sequence);
  w.u16(status);
  w.u16(request.association);
  w.u16(0);
  w.u16(data.length);
  w.bytes(data);
  w.align(4);
  return w.take();
}
