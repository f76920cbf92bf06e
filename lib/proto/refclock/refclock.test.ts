import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { readGpsdLine } from "./gpsd.ts";
import { readJsonLine } from "./json-line.ts";
import { readNmea } from "./nmea.ts";
import { readShm, shmBytes, shmKey } from "./shm.ts";

const built = Date.UTC(2026, 10, 1) / 1000;
const sentence = (body: string): string => {
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum ^= body.charCodeAt(i);
  return `$${body}*${sum.toString(16).padStart(2, "0").toUpperCase()}\r\n`;
};
const unix = (text: string): number => Date.parse(text) / 1000;

test("RMC and ZDA tell the time; status V, a wrong checksum, an impossible date do not (row 94)", () => {
  const rmc = "GPRMC,123519.50,A,4807.038,N,01131.000,E,022.4,084.4,211126,003.1,W";
  expect(readNmea(sentence(rmc), built)?.real).toEqual({
    seconds: unix("2026-11-21T12:35:19Z"),
    nanoseconds: 500_000_000,
  });
  expect(readNmea(sentence("GNZDA,000001,21,11,2026,00,00"), built)?.real.seconds).toBe(
    unix("2026-11-21T00:00:01Z"),
  );
  const wrong = [
    sentence(rmc.replace(",A,", ",V,")),
    sentence(rmc).replace("12351", "12352"),
    sentence(rmc.replace("211126", "310226")),
    sentence("GNZDA,240001,21,11,2026,00,00"),
    `$${rmc}`,
    sentence("GPGGA,123519,4807.038,N"),
    "",
  ];
  for (const text of wrong) expect([text, readNmea(text, built)]).toEqual([text, undefined]);
});

test("a receiver that fell back by 1024 weeks is put right", () => {
  const late = readNmea(sentence("GPZDA,000000,07,04,2007,00,00"), built);
  expect(late?.real.seconds).toBe(unix("2007-04-07T00:00:00Z") + 1024 * 7 * 86_400);
});

test("gpsd's TOFF and PPS are read, other lines are not", () => {
  const pps =
    '{"class":"PPS","device":"/dev/pps0","real_sec":1795000000,"real_nsec":0,"clock_sec":1795000000,';
  expect(readGpsdLine(`${pps}"clock_nsec":1500,"precision":-20}`)).toEqual({
    real: { seconds: 1_795_000_000, nanoseconds: 0 },
    system: { seconds: 1_795_000_000, nanoseconds: 1500 },
    error: 2 ** -20,
    leap: 0,
    pulse: true,
  });
  for (const line of ['{"class":"TPV","mode":3}', `${pps}"clock_nsec":1e9}`, `${pps}}`, "", "[]", "null"]) {
    expect([line, readGpsdLine(line)]).toEqual([line, undefined]);
  }
});

function segment(
  more: Partial<Record<"mode" | "count" | "valid" | "leap" | "nanos", number>> = {},
): DataView {
  const view = new DataView(new ArrayBuffer(shmBytes));
  view.setInt32(0, more.mode ?? 1, true);
  view.setInt32(4, more.count ?? 7, true);
  view.setBigInt64(8, 1_795_000_000n, true);
  view.setInt32(16, 250_000, true);
  view.setBigInt64(24, 1_795_000_000n, true);
  view.setInt32(32, 250_100, true);
  view.setInt32(36, more.leap ?? 0, true);
  view.setInt32(40, -10, true);
  view.setInt32(48, more.valid ?? 1, true);
  view.setUint32(52, more.nanos ?? 250_000_999, true);
  view.setUint32(56, 250_100_000, true);
  return view;
}

test("a shared segment is read once it is whole and valid (row 93)", () => {
  expect(shmKey(2)).toBe(0x4e545032);
  const read = readShm(segment(), 7);
  expect(read).toMatchObject({ real: { nanoseconds: 250_000_999 }, error: 2 ** -10, leap: 0 });
  expect(readShm(segment({ nanos: 5 }), 7)?.real.nanoseconds).toBe(250_000_000);
  expect(readShm(segment({ leap: 2 }), 7)?.leap).toBe(-1);
  expect(readShm(segment(), 8)).toBeUndefined();
  expect(readShm(segment({ mode: 0 }), 8)).toBeDefined();
  expect(readShm(segment({ valid: 0 }), 7)).toBeUndefined();
  expect(readShm(segment({ mode: 3 }), 7)).toBeUndefined();
});

test("lines of JSON", () => {
  expect(readJsonLine('{"offset":0.5,"error":0.001}', 1000)).toEqual({
    real: { seconds: 1000, nanoseconds: 500_000_000 },
    system: { seconds: 1000, nanoseconds: 0 },
    error: 0.001,
    leap: 0,
  });
  for (const line of ['{"offset":1e12}', '{"offset":"1"}', '{"offset":1,"error":-1}', "{", "7", ""]) {
    expect(readJsonLine(line, 1000)).toBeUndefined();
  }
});

test("garbage is refused without a throw", () => {
  fc.assert(
    fc.property(fc.string(), fc.uint8Array({ minLength: 96, maxLength: 96 }), (text, bytes) => {
      readNmea(text, built);
      readGpsdLine(text);
      readJsonLine(text, 0);
      readShm(new DataView(bytes.buffer), 0);
    }),
  );
});
