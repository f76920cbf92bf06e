import { ipText, parseIp, unmapped } from "../base/ip.ts";

/** What a load balancer says before the client's first byte (the PROXY protocol, haproxy's
 *  proxy-protocol.txt §2): who called it, and where. */
export interface ProxiedEnds {
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly toPort: number;
}

export type ProxyHeader =
  | { readonly is: "more" }
  | { readonly is: "malformed" }
  /** `ends` undefined: the balancer itself calls (LOCAL, UNKNOWN): its own address counts. */
  | { readonly is: "whole"; readonly length: number; readonly ends: ProxiedEnds | undefined };

const malformed: ProxyHeader = { is: "malformed" };
const more: ProxyHeader = { is: "more" };

/** A version 1 line has at most 107 bytes, its end included (§2.1). */
const lineBytes = 107;
/** A version 2 header may carry extras (TLVs); more than this is no header. */
const blockBytes = 4096;
const signature = Uint8Array.of(13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10);

/** Reads the header at the front of what came; whatever is neither version is malformed. */
export function readProxyHeader(bytes: Uint8Array): ProxyHeader {
  if (bytes.length === 0) return more;
  return bytes[0] === signature[0] ? readBlock(bytes) : readLine(bytes);
}

/** Version 1: "PROXY TCP4 192.0.2.1 198.51.100.9 56324 21\r\n" */
function readLine(bytes: Uint8Array): ProxyHeader {
  const end = bytes.subarray(0, lineBytes).indexOf(10);
  const text = String.fromCharCode(...bytes.subarray(0, end < 0 ? Math.min(bytes.length, 6) : end));
  if (!("PROXY ".startsWith(text.slice(0, 6)) || text.startsWith("PROXY "))) return malformed;
  if (end < 0) return bytes.length < lineBytes ? more : malformed;
  const length = end + 1;
  if (/^PROXY UNKNOWN(?: .*)?\r$/.test(text)) return { is: "whole", length, ends: undefined };
  const ends = endsOfLine(text);
  return ends ? { is: "whole", length, ends } : malformed;
}

const linePattern = /^PROXY (TCP[46]) ([0-9a-fA-F.:]+) ([0-9a-fA-F.:]+) (\d{1,5}) (\d{1,5})\r$/;

function endsOfLine(text: string): ProxiedEnds | undefined {
  const [, family, source = "", target = "", sourcePort, targetPort] = linePattern.exec(text) ?? [];
  const [from, to] = [parseIp(source), parseIp(target)];
  const isV6 = family === "TCP6";
  if (!from || !to || source.includes(":") !== isV6 || target.includes(":") !== isV6) return undefined;
  const [fromPort, toPort] = [Number(sourcePort), Number(targetPort)];
  if (fromPort > 65_535 || toPort > 65_535) return undefined;
  return { from: ipText(from), fromPort, to: ipText(to), toPort };
}

/** Version 2 (§2.2)
 *  12 bytes signature | version 4 bits, command 4 bits | family 4 bits, protocol 4 bits | uint16 length
 *  | source | destination | uint16 ports | TLVs */
function readBlock(bytes: Uint8Array): ProxyHeader {
  const known = Math.min(bytes.length, 12);
  for (let i = 0; i < known; i++) if (bytes[i] !== signature[i]) return malformed;
  if (bytes.length < 16) return more;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [command, family] = [bytes[12]!, bytes[13]!];
  const length = 16 + view.getUint16(14);
  if (command !== 0x20 && command !== 0x21) return malformed;
  if (length > blockBytes) return malformed;
  if (bytes.length < length) return more;
  if (command === 0x20) return { is: "whole", length, ends: undefined };
  const width = family === 0x11 ? 4 : family === 0x21 ? 16 : 0;
  if (width === 0) return family === 0 ? { is: "whole", length, ends: undefined } : malformed;
  if (length < 16 + 2 * width + 4) return malformed;
  const address = (at: number): string => ipText(unmapped(bytes.slice(at, at + width)));
  const ports = 16 + 2 * width;
  const ends = {
    from: address(16),
    fromPort: view.getUint16(ports),
    to: address(16 + width),
    toPort: view.getUint16(ports + 2),
  };
  return { is: "whole", length, ends };
}
