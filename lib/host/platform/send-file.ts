import { memory, openErrno, openLibc } from "./libc.ts";

/** Sends files without reading them (Linux sendfile(2)). Neither call waits for a disk where `isCached` has
 *  said yes a moment ago. */
export interface FileSender {
  /** How many bytes of the file from `at` on the socket took: fewer than `count` where it is full, -1 where
   *  the socket is gone. Throws where the file cannot be read, or ends before `at`. */
  send(socket: number, file: number, at: number, count: number): number;
  /** Whether the first and the last of these bytes are in memory. False too where the system cannot tell. */
  isCached(file: number, at: number, count: number): boolean;
}

const nowait = 8; // RWF_NOWAIT
const again = 11; // EAGAIN
const gone: ReadonlySet<number> = new Set([9, 32, 104, 107]); // EBADF, EPIPE, ECONNRESET, ENOTCONN

/** Undefined where the system has no such call. */
export function openFileSender(): FileSender | undefined {
  const errno = openErrno();
  const c = openLibc({
    sendfile: { args: ["i32", "i32", "ptr", "usize"], returns: "i64" },
    preadv2: { args: ["i32", "ptr", "i32", "i64", "i32"], returns: "i64" },
  });
  if (!c || !errno) return undefined;
  const offset = memory(8);
  const vector = memory(24); // struct iovec: base, length; then the one byte it is of
  vector.view.setBigUint64(0, BigInt(vector.pointer) + 16n, true);
  vector.view.setBigUint64(8, 1n, true);
  const hasByte = (file: number, at: number): boolean =>
    Number(c.preadv2(file, vector.pointer, 1, at, nowait)) === 1;
  return {
    send(socket, file, at, count) {
      offset.view.setBigInt64(0, BigInt(at), true);
      const sent = Number(c.sendfile(socket, file, offset.pointer, count));
      if (sent > 0) return sent;
      if (sent === 0) throw new Error("the file is shorter than it was");
      const why = errno();
      if (why === again) return 0;
      if (gone.has(why)) return -1;
      throw new Error(`the file cannot be sent: error ${why}`);
    },
    isCached: (file, at, count) => hasByte(file, at) && hasByte(file, at + count - 1),
  };
}
