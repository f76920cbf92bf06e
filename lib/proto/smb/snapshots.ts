import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import type { FileTime } from "./filetime.ts";

/** MS-SMB2 §2.2.13.2.7: the moment as a FILETIME u64. Undefined where it is malformed. */
export function timewarpIn(data: Uint8Array): FileTime | undefined {
  const read = decode((r: Reader) => r.u64le(), data);
  return read.ok ? read.value : undefined;
}

const tokenPattern = /^@GMT-(\d{4})\.(\d\d)\.(\d\d)-(\d\d)\.(\d\d)\.(\d\d)$/i;

/** "@GMT-2026.11.21-04.30.00" (MS-SMB2 §2.2.32.2) as milliseconds since 1970; undefined for another name. */
export function momentOfToken(name: string): number | undefined {
  const found = tokenPattern.exec(name);
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number);
  const moment = Date.UTC(year!, month! - 1, day, hour, minute, second);
  if (!Number.isFinite(moment)) return undefined;
  return tokenOfMoment(moment).toUpperCase() === name.toUpperCase() ? moment : undefined;
}

/** A moment in whole seconds. */
export function tokenOfMoment(ms: number): string {
  const [date, time] = new Date(ms).toISOString().split("T");
  return `@GMT-${date!.replaceAll("-", ".")}-${time!.slice(0, 8).replaceAll(":", ".")}`;
}

/** MS-SMB2 §2.2.32.2: how many there are u32, how many are told u32, bytes of the names u32, names one after
 *  another, each ended by 0, and one 0 more. With room for the counts alone no name is told. */
export function snapshotListBytes(tokens: readonly string[], room: number): Uint8Array {
  const names = new Writer();
  for (const token of tokens) {
    for (const char of token) names.u16le(char.charCodeAt(0));
    names.u16le(0);
  }
  names.u16le(0);
  const bytes = names.take();
  const fits = 12 + bytes.length <= room;
  const w = new Writer();
  w.u32le(tokens.length);
  w.u32le(fits ? tokens.length : 0);
  w.u32le(bytes.length);
  if (fits) w.bytes(bytes);
  else w.zeros(4);
  return w.take();
}
