import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";

export const pduType = {
  request: 0,
  response: 2,
  fault: 3,
  bind: 11,
  bindAck: 12,
  bindNak: 13,
  alterContext: 14,
  alterContextResponse: 15,
  auth3: 16,
} as const;

export const pduFlag = { first: 1, last: 2 } as const;

/** What a fault says (C706 appendix E, MS-RPCE §2.2.2). */
export const rpcFault = { badOperation: 0x1c010002, badInterface: 0x1c010003, badStub: 0x000006f7 } as const;

/** The largest fragment that is sent, header included. */
export const fragmentBytes = 4280;
const headerBytes = 16;

/** C706 §12.6.3.1: version u8 = 5, minor u8, type u8, flags u8, data representation[4], fragment length u16,
 *  auth length u16, call id u32. */
export interface PduHeader {
  readonly type: number;
  readonly flags: number;
  readonly length: number;
  readonly callId: number;
}

export function readPduHeader(r: Reader): PduHeader {
  r.expect(r.u8() === 5, "not DCERPC");
  r.skip(1);
  const type = r.u8();
  const flags = r.u8();
  r.expect(r.u8() === 0x10, "data that is not little-endian");
  r.skip(3);
  const length = r.u16le();
  r.skip(2);
  r.expect(length >= headerBytes, "a fragment shorter than its header");
  return { type, flags, length, callId: r.u32le() };
}

function pdu(type: number, flags: number, callId: number, body: (w: Writer) => void): Uint8Array {
  const w = new Writer();
  w.u8(5);
  w.u8(0);
  w.u8(type);
  w.u8(flags);
  w.u32le(0x10);
  w.u16le(0);
  w.u16le(0);
  w.u32le(callId);
  body(w);
  w.patchU16le(8, w.length);
  return w.take();
}

/** An interface or a way of encoding: uuid[16] as on the wire, in hexadecimal, and a version. */
export interface Syntax {
  readonly uuid: string;
  readonly version: number;
}

export const ndr: Syntax = { uuid: "045d888aeb1cc9119fe808002b104860", version: 2 };

/** C706 §12.6.4.3: {context id u16, count u8, reserved u8, interface, encodings}. */
export interface Presentation {
  readonly id: number;
  readonly interface: Syntax;
  readonly transfers: readonly Syntax[];
}

/** Max transmit u16, max receive u16, association u32, count u8, reserved[3], presentations. */
export function readBind(r: Reader): readonly Presentation[] {
  r.skip(8);
  const count = r.u8();
  r.skip(3);
  r.expect(count > 0 && count <= 16, "number of presentations");
  return Array.from({ length: count }, () => {
    const id = r.u16le();
    const transfers = r.u8();
    r.skip(1);
    r.expect(transfers <= 16, "number of encodings");
    const syntax = (): Syntax => ({ uuid: r.bytes(16).toHex(), version: r.u32le() });
    return { id, interface: syntax(), transfers: Array.from({ length: transfers }, syntax) };
  });
}

export function bindBytes(callId: number, presentations: readonly Presentation[]): Uint8Array {
  return pdu(pduType.bind, pduFlag.first | pduFlag.last, callId, (w) => {
    w.u16le(fragmentBytes);
    w.u16le(fragmentBytes);
    w.u32le(0);
    w.u8(presentations.length);
    w.zeros(3);
    for (const one of presentations) {
      w.u16le(one.id);
      w.u8(one.transfers.length);
      w.u8(0);
      for (const { uuid, version } of [one.interface, ...one.transfers]) {
        w.bytes(Uint8Array.fromHex(uuid));
        w.u32le(version);
      }
    }
  });
}

export const bindResult = { accepted: 0, refused: 2 } as const;
export const bindReason = { none: 0, abstractSyntax: 1, transferSyntax: 2 } as const;

/** C706 §12.6.4.4: max transmit and receive u16, association u32, secondary address, padding to 4, count u8,
 *  reserved[3], {result u16, reason u16, encoding}. */
export function bindAckBytes(
  type: number,
  callId: number,
  address: string,
  results: readonly { result: number; reason: number }[],
): Uint8Array {
  return pdu(type, pduFlag.first | pduFlag.last, callId, (w) => {
    w.u16le(fragmentBytes);
    w.u16le(fragmentBytes);
    w.u32le(0x53f0);
    w.u16le(address.length + 1);
    for (const char of `${address}\0`) w.u8(char.charCodeAt(0));
    w.align(4);
    w.u8(results.length);
    w.zeros(3);
    for (const { result, reason } of results) {
      const accepted = result === bindResult.accepted;
      w.u16le(result);
      w.u16le(reason);
      w.bytes(accepted ? Uint8Array.fromHex(ndr.uuid) : new Uint8Array(16));
      w.u32le(accepted ? ndr.version : 0);
    }
  });
}

/** C706 §12.6.4.9: allocation hint u32, context id u16, operation u16, stub. */
export interface RpcRequest {
  readonly context: number;
  readonly operation: number;
  readonly stub: Uint8Array;
}

export function readRpcRequest(r: Reader): RpcRequest {
  r.skip(4);
  return { context: r.u16le(), operation: r.u16le(), stub: r.rest() };
}

export function requestBytes(callId: number, request: RpcRequest): Uint8Array {
  return pdu(pduType.request, pduFlag.first | pduFlag.last, callId, (w) => {
    w.u32le(request.stub.length);
    w.u16le(request.context);
    w.u16le(request.operation);
    w.bytes(request.stub);
  });
}

/** C706 §12.6.4.10: allocation hint u32, context id u16, cancels u8, reserved u8, stub; in as many fragments
 *  as it takes. */
export function responseFragments(callId: number, context: number, stub: Uint8Array): Uint8Array[] {
  const room = fragmentBytes - headerBytes - 8;
  const count = Math.max(1, Math.ceil(stub.length / room));
  return Array.from({ length: count }, (_, i) => {
    const flags = (i === 0 ? pduFlag.first : 0) | (i === count - 1 ? pduFlag.last : 0);
    const part = stub.subarray(i * room, (i + 1) * room);
    return pdu(pduType.response, flags, callId, (w) => {
      w.u32le(stub.length - i * room);
      w.u16le(context);
      w.u16le(0);
      w.bytes(part);
    });
  });
}

/** C706 §12.6.4.7. */
export function faultBytes(callId: number, context: number, status: number): Uint8Array {
  return pdu(pduType.fault, pduFlag.first | pduFlag.last, callId, (w) => {
    w.u32le(0);
    w.u16le(context);
    w.u16le(0);
    w.u32le(status);
    w.u32le(0);
  });
}
