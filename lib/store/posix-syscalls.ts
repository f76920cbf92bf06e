import { dlopen, ptr, read } from "bun:ffi";

/** The few calls of Linux that Node's file system module has no word for. Each gives what the kernel gave:
 *  0 or a descriptor, or the negative errno. Paths are bytes without NUL. */
export interface LinuxCalls {
  /** openat2(2): beneath `dir` whatever links say; never through /proc's own links. */
  openBeneath(dir: number, path: Uint8Array, flags: number): number;
  /** renameat2(2) with `exchange` (both names stay, contents swapped) or without replacing. */
  rename(from: Uint8Array, to: Uint8Array, how: "exchange" | "keep"): number;
  /** linkat(2): a name for an open file that may have none. Fails where the name is taken. */
  linkOpen(fd: number, to: Uint8Array): number;
}

/** Linux's `O_` words that are not in Node's list, or not by every name; the same on x86-64 and ARM64 but for
 *  O_DIRECTORY, which Node knows. */
export const linuxFlags = { path: 0o10000000, closeOnExec: 0o2000000 } as const;

const numbers: Readonly<Record<string, { renameat2: number; linkat: number } | undefined>> = {
  x64: { renameat2: 316, linkat: 265 },
  arm64: { renameat2: 276, linkat: 37 },
};
const openat2 = 437;
const currentFolder = -100; // AT_FDCWD
const followLink = 0x400; // AT_SYMLINK_FOLLOW
const resolveBeneath = 0x08;
const resolveNoMagicLinks = 0x02;

/** The calls, or undefined where this is not Linux or its C library cannot be reached. */
export function linuxCalls(): LinuxCalls | undefined {
  const known = numbers[process.arch];
  if (process.platform !== "linux" || !known) return undefined;
  const libc = openLibc();
  if (!libc) return undefined;
  const call = (number: number, ...args: [number, number, number, number, number]): number => {
    const result = Number(libc.syscall(number, ...args));
    return result < 0 ? -read.i32(libc.__errno_location()!, 0) : result;
  };
  const how = openHow();
  const [first, second] = [new PathRoom(), new PathRoom()];
  return {
    openBeneath(dir, path, flags) {
      if (!first.take(path)) return nameTooLong;
      how.view.setBigUint64(0, BigInt(flags | linuxFlags.closeOnExec), true);
      return call(openat2, dir, first.pointer, how.pointer, 24, 0);
    },
    rename(from, to, how) {
      if (!first.take(from) || !second.take(to)) return nameTooLong;
      const flag = how === "keep" ? 1 : 2;
      return call(known.renameat2, currentFolder, first.pointer, currentFolder, second.pointer, flag);
    },
    linkOpen(fd, to) {
      if (!first.take(Buffer.from(`/proc/self/fd/${fd}`)) || !second.take(to)) return nameTooLong;
      return call(known.linkat, currentFolder, first.pointer, currentFolder, second.pointer, followLink);
    },
  };
}

/** struct open_how: flags, mode, resolve. Its buffer is made first and kept, so that it does not move. */
function openHow(): { readonly view: DataView; readonly pointer: number } {
  const buffer = new ArrayBuffer(24);
  const view = new DataView(buffer);
  view.setBigUint64(16, BigInt(resolveBeneath | resolveNoMagicLinks), true);
  return { view, pointer: ptr(buffer) };
}

const nameTooLong = -36; // ENAMETOOLONG

/** Where a path stands while the kernel reads it. Kept for good: what only a pointer leads to may be
 *  collected before the call is made. */
class PathRoom {
  readonly #buffer = new ArrayBuffer(8192);
  readonly #bytes = new Uint8Array(this.#buffer);
  readonly pointer: number = ptr(this.#buffer);

  /** False where it does not fit. */
  take(path: Uint8Array): boolean {
    if (path.length >= this.#bytes.length) return false;
    this.#bytes.set(path);
    this.#bytes[path.length] = 0;
    return true;
  }
}

const signatures = {
  syscall: { args: ["i64", "i64", "i64", "i64", "i64", "i64"], returns: "i64" },
  __errno_location: { args: [], returns: "ptr" },
} as const;

function openLibc(): ReturnType<typeof dlopen<typeof signatures>>["symbols"] | undefined {
  const musl = process.arch === "x64" ? "libc.musl-x86_64.so.1" : "libc.musl-aarch64.so.1";
  for (const name of ["libc.so.6", musl]) {
    try {
      return dlopen(name, signatures).symbols;
    } catch {
      // The other one, then.
    }
  }
  return undefined;
}
