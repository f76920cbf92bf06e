import { expect, test } from "bun:test";
import { concat } from "../../base/bytes.ts";
import { seededEntropy } from "../../base/entropy.ts";
import { Arguments, readFrame, readMethod, writeFrame, writeMethod } from "./frame.ts";
import { readReason, readTune, writePublish } from "./publish.ts";

test("frames go round, and are taken when they are whole", () => {
  const payload = Uint8Array.of(1, 2, 3);
  const bytes = writeFrame("body", 7, payload);
  expect(readFrame(bytes)).toEqual({ value: { type: "body", channel: 7, payload }, size: 11 });
  for (let cut = 0; cut < bytes.length; cut++) expect(readFrame(bytes.subarray(0, cut))).toBeUndefined();
  bytes[10] = 0;
  expect(readFrame(bytes)?.value.type).toBe("garbage");
  expect(readFrame(Uint8Array.of(0x48, 0x54))?.value.type).toBe("garbage");
});

test("methods are named, their arguments read", () => {
  const close = writeMethod(1, "channel.close", new Arguments().number(404, 2).short("no queue"));
  const method = readMethod(readFrame(close)!.value);
  expect(method.name).toBe("channel.close");
  expect(readReason(method.args)).toEqual({ code: 404, text: "no queue" });
  const tune = new Arguments().number(2047, 2).number(131_072, 4).number(60, 2).bytes();
  expect(readTune(tune)).toEqual({ channels: 2047, frameBytes: 131_072 });
  expect(readTune(tune.subarray(1))).toBeUndefined();
});

test("a message is parted where the broker's frames are smaller", () => {
  let rest = writePublish("x", "k", "y".repeat(10_000), { channels: 1, frameBytes: 4096 });
  const found: string[] = [];
  const bodies: Uint8Array[] = [];
  while (rest.length > 0) {
    const { value, size } = readFrame(rest)!;
    found.push(value.type);
    if (value.type === "body") bodies.push(value.payload);
    expect(size).toBeLessThanOrEqual(4096);
    rest = rest.subarray(size);
  }
  expect(found).toEqual(["method", "header", "body", "body", "body"]);
  expect(concat(bodies).length).toBe(10_000);
});

test("noise is refused or waited for, and never read past its end", () => {
  for (let seed = 1; seed < 300; seed++) {
    const bytes = seededEntropy(seed)(1 + (seed % 40));
    bytes[0] = [1, 2, 3, 8, bytes[0]!][seed % 5]!;
    if (seed % 3 === 0) bytes.fill(0, 3, 6);
    const read = readFrame(bytes);
    if (read) expect(read.size).toBeLessThanOrEqual(bytes.length);
    if (read) readMethod(read.value);
  }
});
