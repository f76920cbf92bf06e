import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import { countOf, readAttributes, writeAttributes, type Attributes } from "./attributes.ts";
import { readBytes, readText, writeBytes, writeText } from "./text.ts";

/** A name as sent; undefined: not UTF-8, so no name we keep. */
type Name = string | undefined;
/** A handle as sent: whatever bytes the client makes of it. */
type Handle = Uint8Array;

/** filexfer-02 §6, all that version 3 knows; `id` pairs the answer with it. */
export type Request = { readonly id: number } & (
  | { readonly op: "open"; readonly path: Name; readonly flags: number; readonly attributes: Attributes }
  | { readonly op: "close" | "fstat" | "readdir"; readonly handle: Handle }
  | { readonly op: "read"; readonly handle: Handle; readonly offset: number; readonly length: number }
  | { readonly op: "write"; readonly handle: Handle; readonly offset: number; readonly data: Uint8Array }
  | { readonly op: PathOp; readonly path: Name }
  | { readonly op: "setstat" | "mkdir"; readonly path: Name; readonly attributes: Attributes }
  | { readonly op: "fsetstat"; readonly handle: Handle; readonly attributes: Attributes }
  | { readonly op: "rename" | "symlink"; readonly from: Name; readonly to: Name }
  | { readonly op: "extended"; readonly name: Name; readonly data: Uint8Array }
  | { readonly op: "unknown"; readonly type: number }
);
type PathOp = "lstat" | "stat" | "opendir" | "remove" | "rmdir" | "realpath" | "readlink";

export const openFlags = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 } as const;

export const initType = 1;
const types = {
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  extended: 200,
} as const satisfies Record<Exclude<Request["op"], "unknown">, number>;

type Op = keyof typeof types;
const opOf = new Map<number, Op>(Object.entries(types).map(([op, type]) => [type, op as Op]));

/** byte type | uint32 id | what the type says */
export function readRequest(r: Reader): Request {
  const type = r.u8();
  const id = r.u32();
  const op = opOf.get(type);
  return op === undefined ? { id, op: "unknown", type } : { id, ...readBody(r, op) };
}

type Body = Request extends infer R ? (R extends { id: number } ? Omit<R, "id"> : never) : never;

function readBody(r: Reader, op: Op): Body {
  switch (op) {
    case "open":
      return { op, path: readText(r), flags: r.u32(), attributes: readAttributes(r) };
    case "close":
    case "fstat":
    case "readdir":
      return { op, handle: readBytes(r) };
    case "read":
      return { op, handle: readBytes(r), offset: countOf(r.u64()), length: r.u32() };
    case "write":
      return { op, handle: readBytes(r), offset: countOf(r.u64()), data: readBytes(r) };
    case "setstat":
    case "mkdir":
      return { op, path: readText(r), attributes: readAttributes(r) };
    case "fsetstat":
      return { op, handle: readBytes(r), attributes: readAttributes(r) };
    case "rename":
    case "symlink":
      return { op, from: readText(r), to: readText(r) };
    case "extended":
      return { op, name: readText(r), data: r.rest() };
    default:
      return { op, path: readText(r) };
  }
}

/** The same layout; for tests and clients. */
export function writeRequest(w: Writer, q: Request): void {
  w.u8(q.op === "unknown" ? q.type : types[q.op]);
  w.u32(q.id);
  if ("path" in q) writeText(w, q.path ?? "");
  if ("handle" in q) writeBytes(w, q.handle);
  if ("from" in q) {
    writeText(w, q.from ?? "");
    writeText(w, q.to ?? "");
  }
  if ("flags" in q) w.u32(q.flags);
  if ("offset" in q) w.u64(BigInt(q.offset));
  if ("length" in q) w.u32(q.length);
  if (q.op === "write") writeBytes(w, q.data);
  if ("attributes" in q) writeAttributes(w, q.attributes);
  if (q.op !== "extended") return;
  writeText(w, q.name ?? "");
  w.bytes(q.data);
}
