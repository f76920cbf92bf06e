import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import { headerSize, readFileId, writeFileId, type FileId } from "./header.ts";

/** MS-FSCC §2.3 and MS-SMB2 §2.2.31. */
export const fsctl = {
  dfsGetReferrals: 0x00060194,
  dfsGetReferralsEx: 0x000601b0,
  pipePeek: 0x0011400c,
  pipeWait: 0x00110018,
  pipeTransceive: 0x0011c017,
  validateNegotiate: 0x00140204,
  queryNetworkInterfaces: 0x001401fc,
  requestResumeKey: 0x00140078,
  copyChunk: 0x001440f2,
  copyChunkWrite: 0x001480f2,
  enumerateSnapshots: 0x00144064,
  setSparse: 0x000900c4,
  setZeroData: 0x000980c8,
  queryAllocatedRanges: 0x000940cf,
  getReparsePoint: 0x000900a8,
  getCompression: 0x0009003c,
  setCompression: 0x0009c040,
  requestResiliency: 0x001401d4,
  createOrGetObjectId: 0x000900c0,
} as const;

/** MS-SMB2 §2.2.31: size u16 = 57, reserved u16, code u32, file id, input offset and count u32, max input
 *  u32, output offset and count u32, max output u32, flags u32 (1: an FSCTL), reserved u32. */
export interface IoctlRequest {
  readonly code: number;
  readonly file: FileId;
  readonly input: Uint8Array;
  readonly maxOutput: number;
  readonly isFsctl: boolean;
}

export function readIoctlRequest(r: Reader): IoctlRequest {
  r.expect(r.u16le() === 57, "structure size");
  r.skip(2);
  const code = r.u32le();
  const file = readFileId(r);
  const inputOffset = r.u32le();
  const inputCount = r.u32le();
  r.skip(12);
  const maxOutput = r.u32le();
  const flags = r.u32le();
  const isFsctl = (flags & 1) !== 0;
  if (inputCount === 0) return { code, file, input: new Uint8Array(0), maxOutput, isFsctl };
  r.seek(inputOffset);
  return { code, file, input: r.bytes(inputCount), maxOutput, isFsctl };
}

export function writeIoctlRequest(w: Writer, request: IoctlRequest): void {
  w.u16le(57);
  w.u16le(0);
  w.u32le(request.code);
  writeFileId(w, request.file);
  w.u32le(headerSize + 56);
  w.u32le(request.input.length);
  w.u32le(0);
  w.u32le(headerSize + 56);
  w.u32le(0);
  w.u32le(request.maxOutput);
  w.u32le(request.isFsctl ? 1 : 0);
  w.u32le(0);
  w.bytes(request.input);
}

/** MS-SMB2 §2.2.32: size u16 = 49, reserved u16, code u32, file id, input offset and count u32, output
 *  offset and count u32, flags u32, reserved u32. */
export interface IoctlResponse {
  readonly code: number;
  readonly file: FileId;
  readonly output: Uint8Array;
}

export function readIoctlResponse(r: Reader): IoctlResponse {
  r.expect(r.u16le() === 49, "structure size");
  r.skip(2);
  const code = r.u32le();
  const file = readFileId(r);
  r.skip(8);
  const offset = r.u32le();
  const count = r.u32le();
  if (count === 0) return { code, file, output: new Uint8Array(0) };
  r.seek(offset);
  return { code, file, output: r.bytes(count) };
}

export function writeIoctlResponse(w: Writer, response: IoctlResponse): void {
  w.u16le(49);
  w.u16le(0);
  w.u32le(response.code);
  writeFileId(w, response.file);
  w.u32le(headerSize + 48);
  w.u32le(0);
  w.u32le(headerSize + 48);
  w.u32le(response.output.length);
  w.u32le(0);
  w.u32le(0);
  w.bytes(response.output);
}

/** MS-SMB2 §2.2.31.4: capabilities u32, guid[16], security mode u16, dialect count u16, dialects. */
export interface ValidateNegotiateRequest {
  readonly capabilities: number;
  readonly guid: Uint8Array;
  readonly securityMode: number;
  readonly dialects: readonly number[];
}

export function readValidateNegotiate(r: Reader): ValidateNegotiateRequest {
  const capabilities = r.u32le();
  const guid = r.bytes(16);
  const securityMode = r.u16le();
  const count = r.u16le();
  r.expect(count <= 64, "number of dialects");
  return { capabilities, guid, securityMode, dialects: Array.from({ length: count }, () => r.u16le()) };
}

export function validateNegotiateBytes(request: ValidateNegotiateRequest): Uint8Array {
  const w = new Writer();
  w.u32le(request.capabilities);
  w.bytes(request.guid);
  w.u16le(request.securityMode);
  w.u16le(request.dialects.length);
  for (const one of request.dialects) w.u16le(one);
  return w.take();
}
