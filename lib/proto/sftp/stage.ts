import { concat, lossyText, utf8 } from "../../base/bytes.ts";
import { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import { readAttributes, type Attributes } from "./attributes.ts";
import { SftpFrames } from "./frames.ts";
import { writeRequest, type Request } from "./requests.ts";
import { readBytes, readText } from "./text.ts";

/** A reply as a test reads it. */
export interface Heard {
  readonly type: number;
  readonly id: number;
  readonly status?: number;
  readonly handle?: Uint8Array;
  readonly data?: string;
  readonly names?: readonly string[];
  readonly attributes?: Attributes;
  readonly rest?: Uint8Array;
}

/** uint32 length before the packet. */
export function framed(packet: Uint8Array): Uint8Array {
  const w = new Writer();
  w.u32(packet.length);
  w.bytes(packet);
  return w.view();
}

export const initPacket = (version = 3): Uint8Array => framed(Uint8Array.of(1, 0, 0, 0, version));

export function requestPacket(request: Request): Uint8Array {
  const w = new Writer();
  writeRequest(w, request);
  return framed(w.view());
}

/** What the server said, packet by packet. */
export function heardIn(bytes: readonly Uint8Array[]): Heard[] {
  const frames = new SftpFrames();
  frames.push(concat(bytes));
  const heard: Heard[] = [];
  for (let one = frames.next(); one instanceof Uint8Array; one = frames.next()) heard.push(readReply(one));
  return heard;
}

function readReply(packet: Uint8Array): Heard {
  const r = new Reader(packet);
  const [type, id] = [r.u8(), r.u32()];
  const head = { type, id };
  if (type === 101) return { ...head, status: r.u32() };
  if (type === 102) return { ...head, handle: readBytes(r) };
  if (type === 103) return { ...head, data: lossyText(readBytes(r)) };
  if (type === 105) return { ...head, attributes: readAttributes(r) };
  if (type !== 104) return { ...head, rest: r.rest() };
  const names = Array.from({ length: r.u32() }, () => {
    const name = readText(r) ?? "";
    readText(r);
    readAttributes(r);
    return name;
  });
  return { ...head, names };
}

/** A string as it stands in an extension's data. */
export function packed(...texts: readonly (string | Uint8Array)[]): Uint8Array {
  const w = new Writer();
  for (const text of texts) {
    const bytes = typeof text === "string" ? utf8(text) : text;
    w.u32(bytes.length);
    w.bytes(bytes);
  }
  return w.view();
}
