import { lossyText } from "../../base/bytes.ts";
import type { Reader } from "../../wire/reader.ts";
import { dialect } from "./negotiate.ts";

const smb1Magic = 0x424d53ff;
const negotiateCommand = 0x72;

/** MS-CIFS §2.2.4.52.1, an SMB1 NEGOTIATE: the dialect of SMB2 that its list asks for. Header of 32 bytes,
 *  word count u8 = 0, byte count u16, then `02 name 00` for each. Malformed where it is anything else. */
export function readMultiProtocolHello(r: Reader): number {
  r.expect(r.u32le() === smb1Magic, "not SMB1");
  r.expect(r.u8() === negotiateCommand, "SMB1 is not spoken here");
  r.skip(27);
  r.expect(r.u8() === 0, "words in NEGOTIATE");
  const names = lossyText(r.bytes(r.u16le())).split("\0");
  const offers = (name: string): boolean => names.includes(`\x02${name}`);
  if (offers("SMB 2.???")) return dialect.any;
  r.expect(offers("SMB 2.002"), "no dialect of SMB2");
  return dialect.smb202;
}

export const isSmb1 = (message: Uint8Array): boolean => message[0] === 0xff && message[1] === 0x53;
