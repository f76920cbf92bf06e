import { expect, test } from "bun:test";
import { concat } from "../../base/bytes.ts";
import { seededEntropy } from "../../base/entropy.ts";
import { plainLayer, shaped, shaperOf, unshaped, type Form, type Layer } from "./body-form.ts";

const key = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);
const shapings = (["z", "e", "ze"] as const).map((form: Form) => ({ form, key }));

/** Half of it shrinks, half of it does not. */
function mixed(size: number, seed: number): Uint8Array {
  const noise = seededEntropy(seed)(size);
  return noise.map((byte, i) => ((i >> 18) % 2 === 0 ? i >> 12 : byte));
}

const layerOf = (bytes: Uint8Array): Layer => ({
  size: bytes.length,
  async *read(start, end) {
    for (let at = start; at < end; at += 50_000) {
      yield await Promise.resolve(bytes.subarray(at, Math.min(end, at + 50_000)));
    }
  },
});

async function rangeOf(layer: Layer, start: number, end: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of layer.read(start, end)) parts.push(chunk.slice());
  return concat(parts);
}

test("any range of any body comes back in every form", async () => {
  for (const size of [1, 65_536, 131_072, 131_073, 1_000_001]) {
    const plain = mixed(size, size);
    for (const shaping of shapings) {
      const shaper = shaperOf(shaping);
      const out: Uint8Array[] = [];
      for (let at = 0; at < size; at += 77_777) out.push(...shaper.push(plain.subarray(at, at + 77_777)));
      const stored = concat([...out, ...shaper.finish()]);
      expect(Buffer.compare(stored, shaped(shaping, plain))).toBe(0);
      expect(Buffer.compare(unshaped(shaping, stored, size)!, plain)).toBe(0);
      const layer = plainLayer(layerOf(stored), shaping, size);
      expect(layer.size).toBe(size);
      for (const [start, end] of [
        [0, size],
        [size >> 1, size],
        [size >> 2, (size >> 2) + 1],
        [3, 3],
      ] as const) {
        const range = await rangeOf(layer, start, end);
        expect(Buffer.compare(range, plain.subarray(start, end))).toBe(0);
      }
    }
  }
});

test("what shrinks is small, what does not costs next to nothing", () => {
  const zeros = new Uint8Array(1 << 20);
  expect(shaped({ form: "z", key: undefined }, zeros).length).toBeLessThan(2000);
  const noise = seededEntropy(3)(1 << 20);
  expect(shaped({ form: "z", key: undefined }, noise).length).toBe(noise.length + 32);
});

test("damage is found, garbage is refused, never taken for a body", () => {
  const plain = mixed(300_000, 5);
  for (const shaping of shapings.filter(({ form }) => form !== "z")) {
    const stored = shaped(shaping, plain);
    for (const at of [0, stored.length >> 1, stored.length - 1]) {
      const changed = stored.slice();
      changed[at]! ^= 64;
      expect(unshaped(shaping, changed, plain.length)).toBeUndefined();
    }
    expect(unshaped(shaping, stored.subarray(0, stored.length - 1), plain.length)).toBeUndefined();
  }
  for (let seed = 1; seed <= 50; seed++) {
    const garbage = seededEntropy(seed)(seed * 13);
    for (const shaping of shapings) expect(unshaped(shaping, garbage, 5000)).toBeUndefined();
  }
});
