import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import { headerSize } from "./header.ts";

export const dialect = {
  smb202: 0x0202,
  smb210: 0x0210,
  smb300: 0x0300,
  smb302: 0x0302,
  smb311: 0x0311,
  /** What an SMB1 NEGOTIATE that offers "SMB 2.???" is answered with. */
  any: 0x02ff,
} as const;
/** The dialects this server speaks, the best first. */
export const dialects: readonly number[] = [0x0311, 0x0302, 0x0300, 0x0210, 0x0202];

export const capability = {
  dfs: 1,
  leasing: 2,
  largeMtu: 4,
  multiChannel: 8,
  persistent: 0x10,
  directoryLeasing: 0x20,
  encryption: 0x40,
} as const;

export const securityMode = { enabled: 1, required: 2 } as const;

export const contextType = { preauth: 1, encryption: 2, compression: 3, netname: 5, signing: 8 } as const;
export const sha512Id = 1;
export const cipher = { none: 0, aes128ccm: 1, aes128gcm: 2, aes256ccm: 3, aes256gcm: 4 } as const;
export const signingId = { hmacSha256: 0, aesCmac: 1, aesGmac: 2 } as const;

/** MS-SMB2 §2.2.3.1: {type u16, data length u16, reserved u32, data}, each 8-aligned. */
export interface NegotiateContext {
  readonly type: number;
  readonly data: Uint8Array;
}

const maxContexts = 32;
const maxDialects = 64;

/** MS-SMB2 §2.2.3: size u16 = 36, dialect count u16, security mode u16, reserved u16, capabilities u32,
 *  client guid[16], contexts offset u32 and count u16, reserved u16 (2.x and 3.0: a time), dialects u16[]. */
export interface NegotiateRequest {
  readonly securityMode: number;
  readonly capabilities: number;
  readonly clientGuid: Uint8Array;
  readonly dialects: readonly number[];
  readonly contexts: readonly NegotiateContext[];
}

export function readNegotiateRequest(r: Reader): NegotiateRequest {
  r.expect(r.u16le() === 36, "structure size");
  const count = r.u16le();
  r.expect(count > 0 && count <= maxDialects, "number of dialects");
  const securityMode = r.u16le();
  r.skip(2);
  const capabilities = r.u32le();
  const clientGuid = r.bytes(16);
  const contextOffset = r.u32le();
  const contextCount = r.u16le();
  r.skip(2);
  const dialects = Array.from({ length: count }, () => r.u16le());
  const with311 = dialects.includes(dialect.smb311);
  const contexts = with311 ? readContexts(r, contextOffset, contextCount) : [];
  return { securityMode, capabilities, clientGuid, dialects, contexts };
}

export function writeNegotiateRequest(w: Writer, request: NegotiateRequest): void {
  w.u16le(36);
  w.u16le(request.dialects.length);
  w.u16le(request.securityMode);
  w.u16le(0);
  w.u32le(request.capabilities);
  w.bytes(request.clientGuid);
  const offsetAt = w.length;
  w.u32le(0);
  w.u16le(request.contexts.length);
  w.u16le(0);
  for (const one of request.dialects) w.u16le(one);
  writeContexts(w, request.contexts, offsetAt);
}

/** MS-SMB2 §2.2.4: size u16 = 65, security mode u16, dialect u16, context count u16, server guid[16],
 *  capabilities u32, max transact, read, write u32, system time u64, start time u64, security buffer
 *  offset u16 and length u16, context offset u32. */
export interface NegotiateResponse {
  readonly securityMode: number;
  readonly dialect: number;
  readonly serverGuid: Uint8Array;
  readonly capabilities: number;
  readonly maxTransact: number;
  readonly maxRead: number;
  readonly maxWrite: number;
  readonly systemTime: bigint;
  readonly securityBuffer: Uint8Array;
  readonly contexts: readonly NegotiateContext[];
}

export function readNegotiateResponse(r: Reader): NegotiateResponse {
  r.expect(r.u16le() === 65, "structure size");
  const securityMode = r.u16le();
  const dialectRevision = r.u16le();
  const contextCount = r.u16le();
  const serverGuid = r.bytes(16);
  const [capabilities, maxTransact, maxRead, maxWrite] = [r.u32le(), r.u32le(), r.u32le(), r.u32le()];
  const systemTime = r.u64le();
  r.skip(8);
  const offset = r.u16le();
  const length = r.u16le();
  const contextOffset = r.u32le();
  r.seek(offset);
  const securityBuffer = r.bytes(length);
  const with311 = dialectRevision === dialect.smb311;
  const contexts = with311 ? readContexts(r, contextOffset, contextCount) : [];
  return {
    securityMode,
    dialect: dialectRevision,
    serverGuid,
    capabilities,
    maxTransact,
    maxRead,
    maxWrite,
    systemTime,
    securityBuffer,
    contexts,
  };
}

export function writeNegotiateResponse(w: Writer, response: NegotiateResponse): void {
  w.u16le(65);
  w.u16le(response.securityMode);
  w.u16le(response.dialect);
  w.u16le(response.contexts.length);
  w.bytes(response.serverGuid);
  w.u32le(response.capabilities);
  w.u32le(response.maxTransact);
  w.u32le(response.maxRead);
  w.u32le(response.maxWrite);
  w.u64le(response.systemTime);
  w.u64le(0n);
  w.u16le(headerSize + 64);
  w.u16le(response.securityBuffer.length);
  const offsetAt = w.length;
  w.u32le(0);
  w.bytes(response.securityBuffer);
  writeContexts(w, response.contexts, offsetAt);
}

function readContexts(r: Reader, offset: number, count: number): NegotiateContext[] {
  r.expect(count <= maxContexts, "number of contexts");
  if (count === 0) return [];
  r.seek(offset);
  return Array.from({ length: count }, (_, i) => {
    if (i > 0) r.align(8);
    const type = r.u16le();
    const length = r.u16le();
    r.skip(4);
    return { type, data: r.bytes(length) };
  });
}

function writeContexts(w: Writer, contexts: readonly NegotiateContext[], offsetAt: number): void {
  if (contexts.length === 0) return;
  w.align(8);
  w.patchU32le(offsetAt, w.length);
  contexts.forEach(({ type, data }, i) => {
    if (i > 0) w.align(8);
    w.u16le(type);
    w.u16le(data.length);
    w.u32le(0);
    w.bytes(data);
  });
}

/** Hashes (§2.2.3.1.1): count u16, salt length u16, ids, salt. */
export function readPreauthContext(r: Reader): readonly number[] {
  const count = r.u16le();
  r.u16le();
  r.expect(count > 0 && count <= 16, "number of hashes");
  return Array.from({ length: count }, () => r.u16le());
}

export function preauthContext(salt: Uint8Array): NegotiateContext {
  const w = new Writer();
  w.u16le(1);
  w.u16le(salt.length);
  w.u16le(sha512Id);
  w.bytes(salt);
  return { type: contextType.preauth, data: w.take() };
}

/** Ciphers (§2.2.3.1.2) and signing algorithms (§2.2.3.1.7): count u16, ids. */
export function readIdContext(r: Reader): readonly number[] {
  const count = r.u16le();
  r.expect(count <= 64, "number of ids");
  return Array.from({ length: count }, () => r.u16le());
}

export function idContext(type: number, ids: readonly number[]): NegotiateContext {
  const w = new Writer();
  w.u16le(ids.length);
  for (const id of ids) w.u16le(id);
  return { type, data: w.take() };
}
