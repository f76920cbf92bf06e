import { dlopen, ptr, read, type FFIFunction, type Library, type Pointer } from "bun:ffi";

/** Memory that C may read and write. The ArrayBuffer comes first and lives as long as this does: a pointer
 *  into a small typed array goes stale when anything first touches its `.buffer`. */
export interface Memory {
  readonly u8: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  readonly pointer: Pointer;
}

export function memory(size: number): Memory {
  const buffer = new ArrayBuffer(size);
  return { u8: new Uint8Array(buffer), view: new DataView(buffer), pointer: ptr(buffer) };
}

/** A text as C reads it, with its NUL. Keep it until the call has returned. A NUL inside is a bug. */
export function cText(text: string): Memory {
  const bytes = new TextEncoder().encode(text);
  if (bytes.includes(0)) throw new RangeError("a NUL inside a C string");
  const m = memory(bytes.length + 1);
  m.u8.set(bytes);
  return m;
}

/** The C library's functions named in `symbols`, or undefined where this is not Linux or it has none such. */
export function openLibc<T extends Record<string, FFIFunction>>(
  symbols: T,
): Library<T>["symbols"] | undefined {
  if (process.platform !== "linux") return undefined;
  for (const name of ["libc.so.6", `libc.musl-${muslArch()}.so.1`, "libc.so"]) {
    try {
      return dlopen(name, symbols).symbols;
    } catch {
      continue;
    }
  }
  return undefined;
}

const muslArch = (): string => (process.arch === "arm64" ? "aarch64" : "x86_64");

/** Reads errno: at once after the call that failed, before any other. */
export interface Errno {
  (): number;
}

/** `undefined` under the same conditions as `openLibc`. */
export function openErrno(): Errno | undefined {
  const c = openLibc({ __errno_location: { args: [], returns: "ptr" } });
  return c && (() => read.i32(c.__errno_location()!, 0));
}
