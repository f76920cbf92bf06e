import { expect, test } from "bun:test";
import { concat } from "../base/bytes.ts";
import { openSegment, plainSize, sealedSegmentBytes, segmentBytes, SegmentSealer } from "./segments.ts";

const key = Uint8Array.from({ length: 32 }, (_, i) => i);
const body = (size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 9)) & 255);

function sealed(plain: Uint8Array, pieceBytes: number): Uint8Array {
  const sealer = new SegmentSealer(key);
  const out: Uint8Array[] = [];
  for (let at = 0; at < plain.length; at += pieceBytes) {
    out.push(...sealer.push(plain.subarray(at, at + pieceBytes)));
  }
  return concat([...out, sealer.finish()]);
}

function opened(all: Uint8Array): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (let at = 0, number = 0; at < all.length; at += sealedSegmentBytes, number++) {
    const last = at + sealedSegmentBytes >= all.length;
    const plain = openSegment(key, number, last, all.subarray(at, at + sealedSegmentBytes));
    if (!plain) return undefined;
    parts.push(plain);
  }
  return concat(parts);
}

test("a body comes back whatever pieces it came in, and its size is known from the sealed one", () => {
  for (const size of [1, 100, segmentBytes - 1, segmentBytes, segmentBytes + 1, 3 * segmentBytes, 200_001]) {
    const whole = sealed(body(size), size);
    expect(plainSize(whole.length)).toBe(size);
    expect(Buffer.compare(opened(whole)!, body(size))).toBe(0);
    for (const piece of [999, segmentBytes, segmentBytes + 7]) {
      expect(Buffer.compare(sealed(body(size), piece), whole)).toBe(0);
    }
  }
});

test("a changed byte, a swap and a cut at a segment's end do not open", () => {
  const whole = sealed(body(3 * segmentBytes), 10_000);
  for (const at of [0, segmentBytes, segmentBytes + 3, whole.length - 1]) {
    const changed = whole.slice();
    changed[at]! ^= 1;
    expect(opened(changed)).toBeUndefined();
  }
  const [one, two, three] = [0, 1, 2].map((i) =>
    whole.subarray(i * sealedSegmentBytes, (i + 1) * sealedSegmentBytes),
  );
  expect(opened(concat([two!, one!, three!]))).toBeUndefined();
  expect(opened(concat([one!, two!]))).toBeUndefined();
  expect(openSegment(key, 0, true, new Uint8Array(3))).toBeUndefined();
});
