import { concat, utf8 } from "../../base/bytes.ts";

/** AMQP 0-9-1 §4.2.2: the protocol header. */
export const protocolHeader: Uint8Array = Uint8Array.of(0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1);

/** §4.2.3: type (1) | channel (2) | size (4) | payload | 0xCE */
export interface Frame {
  readonly type: "method" | "header" | "body" | "heartbeat" | "garbage";
  readonly channel: number;
  readonly payload: Uint8Array;
}

const numbers = { method: 1, header: 2, body: 3, heartbeat: 8 } as const;
const names: ReadonlyMap<number, Frame["type"]> = new Map([
  [1, "method"],
  [2, "header"],
  [3, "body"],
  [8, "heartbeat"],
]);

export function writeFrame(type: keyof typeof numbers, channel: number, payload: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(7));
  head.setUint8(0, numbers[type]);
  head.setUint16(1, channel);
  head.setUint32(3, payload.length);
  return concat([new Uint8Array(head.buffer), payload, Uint8Array.of(0xce)]);
}

/** Largest frame that is taken, whatever the server proposes. */
export const frameBytes = 131_072;

/** The frame at the buffer's beginning; undefined: more is needed. */
export function readFrame(bytes: Uint8Array): { value: Frame; size: number } | undefined {
  const garbage = {
    value: { type: "garbage", channel: 0, payload: new Uint8Array() },
    size: bytes.length,
  } as const;
  if (bytes.length > 0 && !names.has(bytes[0]!)) return garbage;
  if (bytes.length < 7) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = view.getUint32(3);
  if (size > frameBytes) return garbage;
  if (bytes.length < size + 8) return undefined;
  if (bytes[size + 7] !== 0xce) return garbage;
  const type = names.get(bytes[0]!)!;
  return { value: { type, channel: view.getUint16(1), payload: bytes.slice(7, size + 7) }, size: size + 8 };
}

/** Arguments of a method, in their order (§4.2.5). */
export class Arguments {
  readonly #parts: Uint8Array[] = [];

  number(value: number, bytes: 1 | 2 | 4 | 8): this {
    const out = new Uint8Array(bytes);
    for (let i = bytes - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) out[i] = rest % 256;
    this.#parts.push(out);
    return this;
  }

  /** At most 255 bytes. */
  short(text: string): this {
    const bytes = utf8(text).subarray(0, 255);
    this.#parts.push(Uint8Array.of(bytes.length), bytes);
    return this;
  }

  long(text: string): this {
    const bytes = utf8(text);
    this.number(bytes.length, 4);
    this.#parts.push(bytes);
    return this;
  }

  bytes(): Uint8Array {
    return concat(this.#parts);
  }
}

/** "connection.start" and so on: the methods that a publisher sends or may be sent (§1.2 ff.). */
const methods = {
  "connection.start": [10, 10],
  "connection.start-ok": [10, 11],
  "connection.secure": [10, 20],
  "connection.tune": [10, 30],
  "connection.tune-ok": [10, 31],
  "connection.open": [10, 40],
  "connection.open-ok": [10, 41],
  "connection.close": [10, 50],
  "connection.close-ok": [10, 51],
  "connection.blocked": [10, 60],
  "connection.unblocked": [10, 61],
  "channel.open": [20, 10],
  "channel.open-ok": [20, 11],
  "channel.close": [20, 40],
  "channel.close-ok": [20, 41],
  "confirm.select": [85, 10],
  "confirm.select-ok": [85, 11],
  "basic.publish": [60, 40],
  "basic.return": [60, 50],
  "basic.ack": [60, 80],
  "basic.nack": [60, 120],
} as const;
export type MethodName = keyof typeof methods;

const byNumber: ReadonlyMap<number, MethodName> = new Map(
  (Object.keys(methods) as MethodName[]).map((name) => [methods[name][0] * 65_536 + methods[name][1], name]),
);

export function writeMethod(channel: number, name: MethodName, args: Arguments): Uint8Array {
  const [group, method] = methods[name];
  const head = new Arguments().number(group, 2).number(method, 2);
  return writeFrame("method", channel, concat([head.bytes(), args.bytes()]));
}

/** A method frame's name, undefined for one a publisher does not know, and its arguments. */
export function readMethod(frame: Frame): { name: MethodName | undefined; args: Uint8Array } {
  const { payload } = frame;
  if (frame.type !== "method" || payload.length < 4) return { name: undefined, args: payload };
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  return {
    name: byNumber.get(view.getUint16(0) * 65_536 + view.getUint16(2)),
    args: payload.subarray(4),
  };
}
