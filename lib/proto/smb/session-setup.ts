import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { headerSize } from "./header.ts";

export const sessionFlag = { guest: 1, null: 2, encrypt: 4 } as const;
/** In a request: bind this connection to the session as one more channel. */
export const bindingFlag = 1;

/** MS-SMB2 §2.2.5: size u16 = 25, flags u8, security mode u8, capabilities u32, channel u32, security
 *  buffer offset u16 and length u16, previous session id u64. */
export interface SessionSetupRequest {
  readonly flags: number;
  readonly securityMode: number;
  readonly capabilities: number;
  readonly previous: bigint;
  readonly token: Uint8Array;
}

export function readSessionSetupRequest(r: Reader): SessionSetupRequest {
  r.expect(r.u16le() === 25, "structure size");
  const flags = r.u8();
  const securityMode = r.u8();
  const capabilities = r.u32le();
  r.skip(4);
  const offset = r.u16le();
  const length = r.u16le();
  const previous = r.u64le();
  r.seek(offset);
  return { flags, securityMode, capabilities, previous, token: r.bytes(length) };
}

export function writeSessionSetupRequest(w: Writer, request: SessionSetupRequest): void {
  w.u16le(25);
  w.u8(request.flags);
  w.u8(request.securityMode);
  w.u32le(request.capabilities);
  w.u32le(0);
  w.u16le(headerSize + 24);
  w.u16le(request.token.length);
  w.u64le(request.previous);
  w.bytes(request.token);
}

/** MS-SMB2 §2.2.6: size u16 = 9, session flags u16, security buffer offset u16 and length u16. */
export interface SessionSetupResponse {
  readonly flags: number;
  readonly token: Uint8Array;
}

export function readSessionSetupResponse(r: Reader): SessionSetupResponse {
  r.expect(r.u16le() === 9, "structure size");
  const flags = r.u16le();
  const offset = r.u16le();
  const length = r.u16le();
  if (length === 0) return { flags, token: new Uint8Array(0) };
  r.seek(offset);
  return { flags, token: r.bytes(length) };
}

export function writeSessionSetupResponse(w: Writer, response: SessionSetupResponse): void {
  w.u16le(9);
  w.u16le(response.flags);
  w.u16le(headerSize + 8);
  w.u16le(response.token.length);
  w.bytes(response.token);
}
