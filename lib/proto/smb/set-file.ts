import type { Reader } from "../../wire/reader.ts";
import { utf16Text } from "../../wire/utf16.ts";
import { readExtendedAttributes, type ExtendedAttribute } from "./extended-attributes.ts";
import type { FileTime } from "./filetime.ts";

/** What SET_INFO asks to change of a file, read from its class (MS-FSCC §2.4). */
export type SetFile =
  | {
      readonly set: "basic";
      readonly created: FileTime;
      readonly accessed: FileTime;
      readonly written: FileTime;
      readonly changed: FileTime;
      /** 0: leave them. */
      readonly attributes: number;
    }
  | { readonly set: "rename"; readonly replace: boolean; readonly posix: boolean; readonly name: string }
  | { readonly set: "link"; readonly replace: boolean; readonly name: string }
  | { readonly set: "disposition"; readonly remove: boolean; readonly posix: boolean }
  | { readonly set: "position"; readonly at: bigint }
  | { readonly set: "mode"; readonly mode: number }
  | { readonly set: "allocation"; readonly bytes: bigint }
  | { readonly set: "end"; readonly bytes: bigint }
  | { readonly set: "ea"; readonly attributes: readonly ExtendedAttribute[] };

/** The change, or undefined for a class that this server does not take. */
export function readSetFile(infoClass: number): ((r: Reader) => SetFile) | undefined {
  return classes.get(infoClass);
}

const classes = new Map<number, (r: Reader) => SetFile>([
  [4, readBasic],
  [10, (r) => ({ set: "rename", posix: false, ...readTarget(r) })],
  [11, (r) => ({ set: "link", ...readTarget(r) })],
  [13, (r) => ({ set: "disposition", remove: r.u8() !== 0, posix: false })],
  [14, (r) => ({ set: "position", at: r.u64le() })],
  [15, (r) => ({ set: "ea", attributes: readExtendedAttributes(r) })],
  [16, (r) => ({ set: "mode", mode: r.u32le() })],
  [19, (r) => ({ set: "allocation", bytes: r.u64le() })],
  [20, (r) => ({ set: "end", bytes: r.u64le() })],
  [64, readDispositionEx],
  [65, readRenameEx],
]);

function readBasic(r: Reader): SetFile {
  const [created, accessed, written, changed] = [r.u64le(), r.u64le(), r.u64le(), r.u64le()];
  return { set: "basic", created, accessed, written, changed, attributes: r.u32le() };
}

/** Replace u8, reserved[7], root u64, length u32, name. */
function readTarget(r: Reader): { replace: boolean; name: string } {
  const replace = r.u8() !== 0;
  r.skip(7 + 8);
  return { replace, name: readName(r) };
}

/** Flags u32 (1 replace, 2 POSIX), reserved u32, root u64, length u32, name. */
function readRenameEx(r: Reader): SetFile {
  const flags = r.u32le();
  r.skip(4 + 8);
  return { set: "rename", replace: (flags & 1) !== 0, posix: (flags & 2) !== 0, name: readName(r) };
}

/** Flags u32: 1 remove, 2 POSIX. */
function readDispositionEx(r: Reader): SetFile {
  const flags = r.u32le();
  return { set: "disposition", remove: (flags & 1) !== 0, posix: (flags & 2) !== 0 };
}

function readName(r: Reader): string {
  const length = r.u32le();
  r.expect(length % 2 === 0, "name length");
  return utf16Text(r.bytes(length));
}
