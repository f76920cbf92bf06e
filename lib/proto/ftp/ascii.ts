import { concat } from "../../base/bytes.ts";

const CR = 0x0d;
const LF = 0x0a;
const crlf = Uint8Array.of(CR, LF);

/** RETR in TYPE A: every LF becomes CRLF, so that `FromNetworkText` gives back the very same bytes. */
export function toNetworkText(chunk: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
    parts.push(chunk.subarray(from, at), crlf);
    from = at + 1;
  }
  if (parts.length === 0) return chunk;
  parts.push(chunk.subarray(from));
  return concat(parts);
}

/** STOR in TYPE A: CRLF becomes LF; a CR alone stays. A CR at the very end waits for what follows. */
export class FromNetworkText {
  #heldCr = false;

  push(chunk: Uint8Array): Uint8Array {
    if (chunk.length === 0) return chunk;
    const out = new Uint8Array(chunk.length + 1);
    let size = 0;
    if (this.#heldCr && chunk[0] !== LF) out[size++] = CR;
    this.#heldCr = chunk.at(-1) === CR;
    const end = this.#heldCr ? chunk.length - 1 : chunk.length;
    for (let i = 0; i < end; i++) {
      if (chunk[i] === CR && chunk[i + 1] === LF) continue;
      out[size++] = chunk[i]!;
    }
    return out.subarray(0, size);
  }

  /** What was still held. */
  end(): Uint8Array {
    const last = this.#heldCr ? Uint8Array.of(CR) : new Uint8Array(0);
    this.#heldCr = false;
    return last;
  }
}
