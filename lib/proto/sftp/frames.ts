/** draft-ietf-secsh-filexfer-02 §3: uint32 length, then that many bytes. OpenSSH's limit for both sides. */
export const packetBytes = 262_144;

/** Cuts the channel's bytes into packets. Holds one unfinished packet and what is not yet asked for. */
export class SftpFrames {
  #chunks: Uint8Array[] = [];
  #held = 0;

  get heldBytes(): number {
    return this.#held;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#held += bytes.length;
  }

  /** The next packet without its length; undefined until more has come. "malformed": nothing can follow. */
  next(): Uint8Array | "malformed" | undefined {
    if (this.#held < 4) return undefined;
    const head = this.#peek(4);
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
    if (length === 0 || length > packetBytes) return "malformed";
    if (this.#held < 4 + length) return undefined;
    return this.#take(4 + length).subarray(4);
  }

  #peek(count: number): Uint8Array {
    if (this.#chunks[0]!.length < count) this.#chunks = [this.#join(this.#held)];
    return this.#chunks[0]!;
  }

  #take(count: number): Uint8Array {
    const first = this.#chunks[0]!;
    const taken = first.length >= count ? first.subarray(0, count) : this.#join(count);
    let left = count;
    while (left > 0) {
      const chunk = this.#chunks[0]!;
      if (chunk.length > left) this.#chunks[0] = chunk.subarray(left);
      else this.#chunks.shift();
      left -= Math.min(left, chunk.length);
    }
    this.#held -= count;
    return taken;
  }

  #join(count: number): Uint8Array {
    const whole = new Uint8Array(count);
    let at = 0;
    for (const chunk of this.#chunks) {
      if (at === count) break;
      const part = chunk.subarray(0, count - at);
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}
