import { concat } from "../base/bytes.ts";

/** A reflected cyclic redundancy check of 32 or 64 bits, fed piece by piece. */
export interface Crc {
  update(bytes: Uint8Array): void;
  /** Big-endian; 4 or 8 bytes. The check can go on afterwards. */
  digest(): Uint8Array;
}

/** Slicing-by-eight tables of a reflected polynomial, its low and high halves apart. */
interface Tables {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

function tablesOf(polynomialHigh: number, polynomialLow: number): Tables {
  const low = new Int32Array(2048);
  const high = new Int32Array(2048);
  for (let i = 0; i < 256; i++) {
    let [h, l] = [0, i];
    for (let slice = 0; slice < 8; slice++) {
      for (let bit = 0; bit < 8; bit++) {
        const folds = -(l & 1);
        l = ((l >>> 1) | (h << 31)) ^ (polynomialLow & folds);
        h = (h >>> 1) ^ (polynomialHigh & folds);
      }
      low[slice * 256 + i] = l;
      high[slice * 256 + i] = h;
    }
  }
  return { low, high };
}

/** Made at the first check: a daemon's start has no use for them. */
const made: { castagnoli?: Tables; nvme?: Tables } = {};

/** Eight bytes, already folded with the state, through the eight tables. */
const mix = (t: Int32Array, x: number, y: number): number =>
  t[1792 + (x & 255)]! ^
  t[1536 + ((x >>> 8) & 255)]! ^
  t[1280 + ((x >>> 16) & 255)]! ^
  t[1024 + (x >>> 24)]! ^
  t[768 + (y & 255)]! ^
  t[512 + ((y >>> 8) & 255)]! ^
  t[256 + ((y >>> 16) & 255)]! ^
  t[y >>> 24]!;

class SlicedCrc implements Crc {
  readonly #tables: Tables;
  readonly #wide: boolean;
  #low = -1;
  #high: number;

  constructor(tables: Tables, wide: boolean) {
    this.#tables = tables;
    this.#wide = wide;
    this.#high = wide ? -1 : 0;
  }

  update(bytes: Uint8Array): void {
    const { low: tl, high: th } = this.#tables;
    const wide = this.#wide;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let [low, high] = [this.#low, this.#high];
    let at = 0;
    for (; at + 8 <= bytes.length; at += 8) {
      const x = view.getInt32(at, true) ^ low;
      const y = view.getInt32(at + 4, true) ^ high;
      low = mix(tl, x, y);
      high = wide ? mix(th, x, y) : 0;
    }
    for (; at < bytes.length; at++) {
      const slot = (low ^ bytes[at]!) & 255;
      low = ((low >>> 8) | (high << 24)) ^ tl[slot]!;
      high = (high >>> 8) ^ th[slot]!;
    }
    [this.#low, this.#high] = [low, high];
  }

  digest(): Uint8Array {
    const low = bigEndian(~this.#low);
    return this.#wide ? concat([bigEndian(~this.#high), low]) : low;
  }
}

const bigEndian = (value: number): Uint8Array =>
  Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);

/** CRC-32C (Castagnoli), RFC 3720 appendix B.4. Four bytes. */
export const crc32c = (): Crc => new SlicedCrc((made.castagnoli ??= tablesOf(0, 0x82f63b78)), false);

/** CRC-64/NVME (NVM Express 2.0 §5.2.1.3.4). Eight bytes. */
export const crc64nvme = (): Crc => new SlicedCrc((made.nvme ??= tablesOf(0x9a6c9329, 0xac4bc9b5)), true);
