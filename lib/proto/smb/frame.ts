import { concat } from "../../base/bytes.ts";

/** What one connection may send in one piece: the largest transfer and what stands around it. */
export const maxFrameBytes = (8 << 20) + (64 << 10);

/** Messages, and what NetBIOS sends: session request, keepalive. */
const frameKinds = new Set([0, 0x81, 0x85]);

/** Direct TCP (MS-SMB2 §2.1): a zero byte and a length of 24 bits before each message. NetBIOS session
 *  messages of port 139 (RFC 1002 §4.3) share the layout and differ in the first byte. */
export class Deframer {
  #parts: Uint8Array[] = [];
  #size = 0;

  /** The messages that `bytes` completes. `undefined` in the list: the stream is broken, close it.
   *  Messages are views of memory that is the caller's from now on. */
  push(bytes: Uint8Array): (Frame | undefined)[] {
    // Plain, whatever came: a Buffer's `slice` would share its memory.
    this.#parts.push(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
    this.#size += bytes.length;
    const found: (Frame | undefined)[] = [];
    for (;;) {
      const length = this.#announced();
      if (this.#size > 0 && !frameKinds.has(this.#parts[0]![0]!)) return [...found, undefined];
      if (length === undefined || (length <= maxFrameBytes && this.#size < 4 + length)) return found;
      if (length > maxFrameBytes) return [...found, undefined];
      const whole = this.#take(4 + length);
      found.push({ kind: whole[0]!, message: whole.subarray(4) });
    }
  }

  #announced(): number | undefined {
    if (this.#size < 4) return undefined;
    if (this.#parts[0]!.length < 4) this.#parts = [concat(this.#parts)];
    const head = this.#parts[0]!;
    return head[1]! * 65536 + head[2]! * 256 + head[3]!;
  }

  #take(count: number): Uint8Array {
    if (this.#parts.length > 1 && this.#parts[0]!.length < count) this.#parts = [concat(this.#parts)];
    const first = this.#parts[0]!;
    const taken = first.subarray(0, count);
    if (first.length === count) this.#parts.shift();
    else this.#parts[0] = first.subarray(count);
    this.#size -= count;
    return taken;
  }
}

export interface Frame {
  /** 0 a message; 0x81 a NetBIOS session request; 0x85 a keepalive. */
  readonly kind: number;
  readonly message: Uint8Array;
}

/** The message with its length before it. */
export function framed(message: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + message.length);
  out[1] = message.length >> 16;
  out[2] = message.length >> 8;
  out[3] = message.length;
  out.set(message, 4);
  return out;
}
