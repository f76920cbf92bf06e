import type { Fault, FaultCode } from "../../base/fault.ts";
import { Writer } from "../../wire/writer.ts";
import { writeAttributes, type Attributes } from "./attributes.ts";
import { writeBytes, writeText } from "./text.ts";

/** filexfer-02 §7. Version 3 has nothing above 8. */
export const status = {
  ok: 0,
  eof: 1,
  noSuchFile: 2,
  denied: 3,
  failure: 4,
  badMessage: 5,
  unsupported: 8,
} as const;

/** What an expected failure is called in SFTP. */
export const statusFor: Record<FaultCode, number> = {
  "not-found": status.noSuchFile,
  exists: status.failure,
  denied: status.denied,
  unauthenticated: status.denied,
  invalid: status.failure,
  "bad-name": status.noSuchFile,
  "not-directory": status.noSuchFile,
  "is-directory": status.failure,
  "not-empty": status.failure,
  busy: status.failure,
  conflict: status.failure,
  precondition: status.failure,
  retained: status.denied,
  quota: status.failure,
  "no-space": status.failure,
  "read-only": status.denied,
  "too-large": status.failure,
  "too-many": status.failure,
  "bad-range": status.eof,
  digest: status.failure,
  truncated: status.failure,
  damaged: status.failure,
  unsupported: status.unsupported,
  timeout: status.failure,
  cancelled: status.failure,
  unavailable: status.failure,
  io: status.failure,
};

/** One row of a NAME reply. */
export interface NameRow {
  readonly name: string;
  /** As `ls -l` prints it. */
  readonly long: string;
  readonly attributes: Attributes;
}

/** Writes `uint32 length | byte type | uint32 id` and the rest. */
function packet(type: number, id: number, body: (w: Writer) => void, capacity = 64): Uint8Array {
  const w = new Writer(capacity);
  w.u32(0);
  w.u8(type);
  w.u32(id);
  body(w);
  w.patchU32(0, w.length - 4);
  return w.view();
}

export const statusReply = (id: number, code: number, text: string): Uint8Array =>
  packet(101, id, (w) => {
    w.u32(code);
    writeText(w, text);
    writeText(w, "en");
  });

export const faultReply = (id: number, { code, what }: Fault): Uint8Array =>
  statusReply(id, statusFor[code], what);

export const handleReply = (id: number, handle: Uint8Array): Uint8Array =>
  packet(102, id, (w) => writeBytes(w, handle));

export const dataReply = (id: number, data: Uint8Array): Uint8Array =>
  packet(103, id, (w) => writeBytes(w, data), data.length + 16);

export const nameReply = (id: number, rows: readonly NameRow[]): Uint8Array =>
  packet(104, id, (w) => {
    w.u32(rows.length);
    for (const { name, long, attributes } of rows) {
      writeText(w, name);
      writeText(w, long);
      writeAttributes(w, attributes);
    }
  });

export const attributesReply = (id: number, attributes: Attributes): Uint8Array =>
  packet(105, id, (w) => writeAttributes(w, attributes));

export const extendedReply = (id: number, body: (w: Writer) => void): Uint8Array => packet(201, id, body);

/** filexfer-02 §4: byte 2 | uint32 version | (string name, string version) each */
export function versionReply(extensions: readonly (readonly [string, string])[]): Uint8Array {
  const w = new Writer(512);
  w.u32(0);
  w.u8(2);
  w.u32(3);
  for (const [name, version] of extensions) {
    writeText(w, name);
    writeText(w, version);
  }
  w.patchU32(0, w.length - 4);
  return w.view();
}
