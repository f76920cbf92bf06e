import { Bug } from "../../base/assert.ts";
import { concat, empty } from "../../base/bytes.ts";
import {
  openSegment,
  plainSize,
  SegmentSealer,
  sealedSegmentBytes,
  segmentBytes,
} from "../../crypto/segments.ts";

/** How a body is written to disk, where it is not written as it came: first compressed, then sealed.
 *  "z": compressed, "e": sealed. */
export type Form = "z" | "e" | "ze";

/** What turns a body into its form. It crosses to a worker as it is. */
export interface Shaping {
  readonly form: Form;
  /** 32 bytes that seal this one body; undefined where the form has no "e". */
  readonly key: Uint8Array | undefined;
}

/** Turns a body into its form, piece by piece. */
export interface Shaper {
  /** What can be written by now. */
  push(bytes: Uint8Array): Uint8Array[];
  finish(): Uint8Array[];
}

export function shaperOf({ form, key }: Shaping): Shaper {
  const sealer = form.includes("e") ? sealing(key!) : undefined;
  const packer = form.includes("z") ? new FramePacker() : undefined;
  if (!packer) return sealer!;
  if (!sealer) return packer;
  return {
    push: (bytes) => packer.push(bytes).flatMap((piece) => sealer.push(piece)),
    finish: () => [...packer.finish().flatMap((piece) => sealer.push(piece)), ...sealer.finish()],
  };
}

function sealing(key: Uint8Array): Shaper {
  const sealer = new SegmentSealer(key);
  return { push: (bytes) => sealer.push(bytes), finish: () => [sealer.finish()] };
}

/** All of a small body at once. */
export function shaped(shaping: Shaping, body: Uint8Array): Uint8Array {
  const shaper = shaperOf(shaping);
  return concat([...shaper.push(body), ...shaper.finish()]);
}

/** Plain bytes of one compressed frame. */
const frameBytes = 128 << 10;
/** After so many frames that did not shrink only every eighth is tried. */
const patience = 8;
const rawFlag = 0x8000_0000;

/** Independent zstd frames of 128 KiB of plain bytes each, and behind them their sizes, four bytes a frame,
 *  little-endian; the highest bit: the frame is as it came, because it did not shrink by a sixteenth. How
 *  many frames there are follows from the plain size, which the catalog knows. */
class FramePacker implements Shaper {
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  readonly #sizes: number[] = [];
  #stubborn = 0;

  push(bytes: Uint8Array): Uint8Array[] {
    const out: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + frameBytes - this.#heldBytes);
      this.#held.push(piece);
      this.#heldBytes += piece.length;
      at += piece.length;
      if (this.#heldBytes === frameBytes) out.push(this.#pack());
    }
    // The chunk's buffer is its owner's again.
    this.#held = this.#heldBytes > 0 ? [concat(this.#held)] : [];
    return out;
  }

  finish(): Uint8Array[] {
    const last = this.#heldBytes > 0 ? [this.#pack()] : [];
    const index = new DataView(new ArrayBuffer(this.#sizes.length * 4));
    for (const [i, size] of this.#sizes.entries()) index.setUint32(i * 4, size, true);
    return [...last, new Uint8Array(index.buffer)];
  }

  #pack(): Uint8Array {
    const plain = concat(this.#held);
    [this.#held, this.#heldBytes] = [[], 0];
    const tries = this.#stubborn < patience || this.#sizes.length % patience === 0;
    const packed = tries ? Bun.zstdCompressSync(plain) : plain;
    const shrank = packed.length <= plain.length - (plain.length >> 4);
    this.#stubborn = shrank ? 0 : this.#stubborn + 1;
    const kept = shrank ? packed : plain;
    this.#sizes.push((shrank ? 0 : rawFlag) + kept.length);
    return kept;
  }
}

/** Bytes that can be read at any place. A read of a damaged place throws. */
export interface Layer {
  readonly size: number;
  read(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** What lies on disk in a form, read as the plain body of `size` bytes. */
export function plainLayer(stored: Layer, { form, key }: Shaping, size: number): Layer {
  const opened = form.includes("e") ? openedLayer(stored, key!) : stored;
  return form.includes("z") ? new UnpackedLayer(opened, size) : opened;
}

/** A small body in its form, all at once; undefined where it is not what was written. */
export function unshaped({ form, key }: Shaping, stored: Uint8Array, size: number): Uint8Array | undefined {
  try {
    const opened = form.includes("e") ? openAll(key!, stored) : stored;
    const plain = form.includes("z") ? unpackAll(opened, size) : opened;
    return plain.length === size ? plain : undefined;
  } catch {
    return undefined;
  }
}

function openAll(key: Uint8Array, sealed: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0, number = 0; at < sealed.length; at += sealedSegmentBytes, number++) {
    const last = at + sealedSegmentBytes >= sealed.length;
    parts.push(orDamaged(openSegment(key, number, last, sealed.subarray(at, at + sealedSegmentBytes))));
  }
  return parts.length === 1 ? parts[0]! : concat(parts);
}

function unpackAll(packed: Uint8Array, size: number): Uint8Array {
  const { sizes, starts } = indexOf(packed.subarray(packed.length - indexBytes(size)));
  const parts = sizes.map((one, i) =>
    unpack(packed.subarray(starts[i], (starts[i] ?? 0) + (one & ~rawFlag)), one),
  );
  return parts.length === 1 ? parts[0]! : concat(parts);
}

function orDamaged<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("what is stored no longer opens");
  return value;
}

function openedLayer(stored: Layer, key: Uint8Array): Layer {
  const count = Math.ceil(stored.size / sealedSegmentBytes);
  return {
    size: plainSize(stored.size),
    async *read(start, end) {
      if (start >= end) return;
      const first = Math.floor(start / segmentBytes);
      const to = Math.min(Math.ceil(end / segmentBytes) * sealedSegmentBytes, stored.size);
      let number = first;
      const sealed = stored.read(first * sealedSegmentBytes, to);
      for await (const segment of regrouped(sealed, sealedSegmentBytes)) {
        const plain = orDamaged(openSegment(key, number, number === count - 1, segment));
        const from = number * segmentBytes;
        yield plain.subarray(Math.max(0, start - from), Math.min(plain.length, end - from));
        number++;
      }
    },
  };
}

/** The same bytes in pieces of `size`, the last may be shorter. */
async function* regrouped(chunks: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let held: Uint8Array = empty;
  for await (const chunk of chunks) {
    let rest = chunk;
    if (held.length > 0) {
      const more = rest.subarray(0, size - held.length);
      held = concat([held, more]);
      rest = rest.subarray(more.length);
      if (held.length < size) continue;
      yield held;
    }
    for (; rest.length >= size; rest = rest.subarray(size)) yield rest.subarray(0, size);
    held = rest;
  }
  if (held.length > 0) yield held;
}

const indexBytes = (size: number): number => Math.ceil(size / frameBytes) * 4;

interface FrameIndex {
  /** With the flag of frames that are as they came. */
  readonly sizes: readonly number[];
  readonly starts: readonly number[];
}

function indexOf(bytes: Uint8Array): FrameIndex {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sizes: number[] = [];
  const starts: number[] = [];
  for (let at = 0, start = 0; at < bytes.length; at += 4) {
    const size = view.getUint32(at, true);
    sizes.push(size);
    starts.push(start);
    start += size & ~rawFlag;
  }
  return { sizes, starts };
}

const unpack = (frame: Uint8Array, size: number): Uint8Array =>
  size >>> 31 === 1 ? frame : Bun.zstdDecompressSync(frame);

class UnpackedLayer implements Layer {
  readonly size: number;
  readonly #packed: Layer;
  #index: Promise<FrameIndex> | undefined;

  constructor(packed: Layer, size: number) {
    this.#packed = packed;
    this.size = size;
  }

  async #load(): Promise<FrameIndex> {
    const { size } = this.#packed;
    return indexOf(await gathered(this.#packed.read(size - indexBytes(this.size), size)));
  }

  async *read(start: number, end: number): AsyncGenerator<Uint8Array> {
    if (start >= end) return;
    this.#index ??= this.#load();
    const { sizes, starts } = await this.#index;
    for (let i = Math.floor(start / frameBytes); i * frameBytes < end; i++) {
      const from = i * frameBytes;
      const at = starts[i];
      if (at === undefined) throw new Bug("a frame beyond the index was asked for");
      const frame = await gathered(this.#packed.read(at, at + (sizes[i]! & ~rawFlag)));
      const plain = unpack(frame, sizes[i]!);
      if (plain.length !== Math.min(frameBytes, this.size - from))
        throw new Error("a frame has another size");
      yield plain.subarray(Math.max(0, start - from), Math.min(plain.length, end - from));
    }
  }
}

async function gathered(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return parts.length === 1 ? parts[0]! : concat(parts);
}
