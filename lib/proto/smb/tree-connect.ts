import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { utf16, utf16Text } from "../../wire/utf16.ts";
import { headerSize } from "./header.ts";

export const shareType = { disk: 1, pipe: 2, print: 3 } as const;
export const shareFlag = { noCaching: 0x30, encrypt: 0x8000 } as const;

/** MS-SMB2 §2.2.9: size u16 = 9, flags u16, path offset u16 and length u16. */
export interface TreeConnectRequest {
  /** `\\server\share`. */
  readonly path: string;
}

export function readTreeConnectRequest(r: Reader): TreeConnectRequest {
  r.expect(r.u16le() === 9, "structure size");
  r.u16le();
  const offset = r.u16le();
  const length = r.u16le();
  r.expect(length <= 1024 && length % 2 === 0, "path length");
  r.seek(offset);
  return { path: utf16Text(r.bytes(length)) };
}

export function writeTreeConnectRequest(w: Writer, request: TreeConnectRequest): void {
  const path = utf16(request.path);
  w.u16le(9);
  w.u16le(0);
  w.u16le(headerSize + 8);
  w.u16le(path.length);
  w.bytes(path);
}

/** MS-SMB2 §2.2.10: size u16 = 16, type u8, reserved u8, flags u32, capabilities u32, maximal access u32. */
export interface TreeConnectResponse {
  readonly type: number;
  readonly flags: number;
  readonly capabilities: number;
  readonly maximalAccess: number;
}

export function readTreeConnectResponse(r: Reader): TreeConnectResponse {
  r.expect(r.u16le() === 16, "structure size");
  const type = r.u8();
  r.skip(1);
  return { type, flags: r.u32le(), capabilities: r.u32le(), maximalAccess: r.u32le() };
}

export function writeTreeConnectResponse(w: Writer, response: TreeConnectResponse): void {
  w.u16le(16);
  w.u8(response.type);
  w.u8(0);
  w.u32le(response.flags);
  w.u32le(response.capabilities);
  w.u32le(response.maximalAccess);
}
