import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededEntropy } from "../base/entropy.ts";
import { must } from "../base/result.ts";
import { SealedFile } from "./sealed-file.ts";

test("written and read at any place, cut and grown, and nothing of it on disk", async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-sealed-"));
  try {
    const file = must(await SealedFile.make(join(folder, "draft"), seededEntropy(1)));
    const model = new Uint8Array(400_000);
    const entropy = seededEntropy(2);
    const number = (below: number): number => new DataView(entropy(4).buffer).getUint32(0) % below;
    for (let step = 0; step < 200; step++) {
      const at = number(model.length);
      const size = Math.min(model.length - at, number(2) === 0 ? number(300) : number(150_000));
      if (number(10) === 0) {
        must(await file.cut(at));
        model.fill(0, at);
      } else if (number(2) === 0) {
        const bytes = new Uint8Array(size).fill(65 + (step % 26));
        must(await file.write(at, bytes));
        model.set(bytes, at);
      } else {
        expect(Buffer.compare(must(await file.read(at, size)), model.subarray(at, at + size))).toBe(0);
      }
    }
    must(await file.write(0, new TextEncoder().encode("AAAAAAAAAAAAAAAA")));
    must(await file.flush());
    expect((await readFile(join(folder, "draft"))).includes("AAAAAAAA")).toBe(false);
    await file.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});
